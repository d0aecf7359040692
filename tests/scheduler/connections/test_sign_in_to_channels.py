"""Connecting a channel by signing in on its own pages, from the start over the far side and back to the console."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
import requests
import time_machine
from django.db import connection
from django.test import Client

from backend.accounts.models import User
from backend.audit.models import LogEntry
from campaigns.planning.models import Channel
from scheduler.connections import authorization
from scheduler.connections.models import Connection, PendingSignIn
from scheduler.errors import CannotSignIn, InvalidConnection
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api
from tests.servers import facebook_like, linkedin_like, sign_in_like, x_like
from tests.servers.control import Server, clean

pytestmark = pytest.mark.django_db
CALLBACK = "/oauth/callback"


@dataclass(frozen=True)
class Way:
    """One channel's way of signing in."""

    kind: str
    server: Server
    settings: dict[str, Any]
    secrets: dict[str, str]
    account: str


SERVERS = ("linkedin_like", "facebook_like", "sign_in_like")


@pytest.fixture
def ways(settings: Any) -> dict[str, Way]:
    settings.SIGN_IN_APPS = {
        "linkedin": (linkedin_like.CLIENT_ID, linkedin_like.CLIENT_SECRET),
        "facebook": (facebook_like.APP_ID, facebook_like.APP_SECRET),
        "x": (x_like.CONSUMER_KEY, x_like.CONSUMER_SECRET),
    }
    servers = {name: clean(f"tests.servers.{name}") for name in SERVERS}
    linkedin, facebook, others = (servers[name] for name in SERVERS)
    bases = {name: {"api_base": server.address, "oauth_base": server.address} for name, server in servers.items()}
    linkedin_secrets = {
        "access_token": linkedin_like.NEW_ACCESS_TOKEN,
        "refresh_token": linkedin_like.REFRESH_TOKEN,
        "client_id": linkedin_like.CLIENT_ID,
        "client_secret": linkedin_like.CLIENT_SECRET,
    }
    facebook_secrets = {
        "access_token": facebook_like.PAGE_TOKEN,
        "app_id": facebook_like.APP_ID,
        "app_secret": facebook_like.APP_SECRET,
    }
    x_secrets = {
        "consumer_key": x_like.CONSUMER_KEY,
        "consumer_secret": x_like.CONSUMER_SECRET,
        "access_token": x_like.ACCESS_TOKEN,
        "access_token_secret": x_like.ACCESS_TOKEN_SECRET,
    }
    organization = {"organization_id": linkedin_like.ORGANIZATION}
    mastodon = {"instance": others.address}
    found = [
        Way("linkedin", linkedin, organization | bases["linkedin_like"], linkedin_secrets, linkedin_like.NAME),
        Way("facebook", facebook, bases["facebook_like"], facebook_secrets, facebook_like.NAME),
        Way("x", others, {"api_base": others.address}, x_secrets, f"@{x_like.USERNAME}"),
        Way(
            "mastodon",
            others,
            mastodon,
            {"access_token": sign_in_like.MASTODON_TOKEN},
            f"@{sign_in_like.MASTODON_NAME}",
        ),
    ]
    return {way.kind: way for way in found}


@pytest.fixture(params=["linkedin", "facebook", "x", "mastodon"])
def way(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Way:
    return ways[request.param]


@pytest.fixture
def path() -> str:
    return f"/channels/{factories.channel().pk}/connection"


@pytest.fixture
def browser(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def start(admin: User, path: str, way: Way, **more: Any) -> str:
    """The address that this person opens."""
    return start_of(admin, path, way.kind, way.settings | more)


def start_of(admin: User, path: str, kind: str, settings: dict[str, Any]) -> str:
    channel = Channel.objects.get(pk=path.split("/")[2])
    back = f"https://promenade.example{CALLBACK}"
    return authorization.start(channel=channel, kind=kind, settings=settings, redirect_uri=back, by=admin)[0]


def refuses_to_start(code: str, admin: User, path: str, way: Way, **more: Any) -> None:
    with pytest.raises(CannotSignIn) as refusal:
        start(admin, path, way, **more)
    assert refusal.value.code == code


def agree(address: str) -> str:
    """Open the channel's page; what it sends the person back to, without our host."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_signing_in_connects_the_channel(api: Api, admin: User, browser: Client, path: str, way: Way) -> None:
    address = start(admin, path, way)
    refused(api.as_("admin").get(path), 404, "not_connected")

    page = browser.get(agree(address))

    assert page.status_code == 200
    assert way.account in said(page)
    assert "no-store" in page.headers["Cache-Control"]
    row = Connection.objects.get()
    assert (row.kind, row.status, row.account) == (way.kind, "healthy", way.account)
    assert json.loads(row.secrets or "") == way.secrets
    assert not PendingSignIn.objects.exists()


def test_the_page_is_found_by_the_sign_in(admin: User, browser: Client, path: str, ways: dict[str, Way]) -> None:
    browser.get(agree(start(admin, path, ways["facebook"])))
    assert Connection.objects.get().settings["page_id"] == facebook_like.PAGE


def test_of_several_pages_one_must_be_named(admin: User, browser: Client, path: str, ways: dict[str, Way]) -> None:
    way = ways["facebook"]
    pages = [{"id": "5", "name": "Riverside Gardens"}, {"id": facebook_like.PAGE, "name": facebook_like.NAME}]
    way.server.go_wrong(pages=pages)
    page = browser.get(agree(start(admin, path, way)))
    assert page.status_code == 400
    assert "Riverside Gardens (5)" in said(page)

    again = start(admin, path, way, page_id=facebook_like.PAGE)
    assert browser.get(agree(again)).status_code == 200
    assert Connection.objects.get().settings["page_id"] == facebook_like.PAGE


def test_whoever_manages_no_page_is_told(admin: User, browser: Client, path: str, ways: dict[str, Way]) -> None:
    ways["facebook"].server.go_wrong(pages=[])
    page = browser.get(agree(start(admin, path, ways["facebook"])))
    assert "does not manage a Page" in said(page)


def test_a_state_works_once(admin: User, browser: Client, path: str, way: Way) -> None:
    back = agree(start(admin, path, way))
    assert browser.get(back).status_code == 200
    second = browser.get(back)
    assert second.status_code == 400
    assert "already been used" in said(second)


def test_saying_no_connects_nothing_and_uses_the_state_up(admin: User, browser: Client, path: str, way: Way) -> None:
    address = start(admin, path, way)
    way.server.go_wrong(denies=True)
    back = agree(address)
    page = browser.get(back)
    assert page.status_code == 400
    assert "Start again and allow access" in said(page)
    assert "already been used" in said(browser.get(back))
    assert not Connection.objects.exists()


def test_a_state_belongs_to_the_person_who_began(admin: User, browser: Client, path: str, way: Way) -> None:
    back = agree(start(admin, path, way))
    other = Client()
    other.force_login(
        User.objects.create_person(email="second@riverside.example.org", name="Ines Duarte", role="admin")
    )
    page = other.get(back)
    assert page.status_code == 400
    assert "Someone else" in said(page)
    assert not Connection.objects.exists()
    assert browser.get(back).status_code == 200


def test_a_state_lasts_ten_minutes(
    admin: User, browser: Client, path: str, ways: dict[str, Way], clock: time_machine.Traveller
) -> None:
    back = agree(start(admin, path, ways["linkedin"]))
    clock.shift(601)
    page = browser.get(back)
    assert page.status_code == 400
    assert "10 minutes" in said(page)
    start(admin, path, ways["linkedin"])
    assert PendingSignIn.objects.count() == 1


def test_a_state_that_is_not_ours_is_refused(browser: Client) -> None:
    for query in ("", "?state=abc&code=1", "?state=abc:def:ghi&code=1"):
        page = browser.get(CALLBACK + query)
        assert page.status_code == 400
        assert "was not started here" in said(page)


def test_a_code_that_the_channel_does_not_know_connects_nothing(
    admin: User, browser: Client, path: str, ways: dict[str, Way]
) -> None:
    back = agree(start(admin, path, ways["linkedin"]))
    state = parse_qs(urlsplit(back).query)["state"][0]
    page = browser.get(f"{CALLBACK}?{urlencode({'state': state, 'code': 'guessed'})}")
    assert page.status_code == 400
    assert "The token is invalid or has expired" in said(page)
    assert not Connection.objects.exists()


def test_a_sign_in_that_no_key_decrypts_is_started_again(
    admin: User, browser: Client, path: str, ways: dict[str, Way]
) -> None:
    back = agree(start(admin, path, ways["mastodon"]))
    PendingSignIn.objects.update(kept="not json")
    page = browser.get(back)
    assert page.status_code == 400
    assert "Start again" in said(page)


def test_a_request_token_that_was_not_ours_is_refused(
    admin: User, browser: Client, path: str, ways: dict[str, Way]
) -> None:
    back = agree(start(admin, path, ways["x"]))
    page = browser.get(back.replace(sign_in_like.REQUEST_TOKEN, "another-token"))
    assert page.status_code == 400
    assert not Connection.objects.exists()


def test_nothing_secret_is_in_an_address_in_the_trail_or_in_the_open(
    admin: User, browser: Client, path: str, way: Way, capfd: pytest.CaptureFixture[str]
) -> None:
    address = start(admin, path, way)
    kept = PendingSignIn.objects.get().kept or ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM scheduler_pendingsignin")
        columns = cursor.fetchall()
    page = browser.get(agree(address))
    logged = capfd.readouterr()
    told = f"{unquote(address)}{said(page)}{columns}{logged.out}{logged.err}{list(LogEntry.objects.values())}"
    told += "".join(request["path"] for request in way.server.requests())
    own = {"client_id", "app_id", "consumer_key"}  # an app's id is no secret
    secrets = [value for name, value in way.secrets.items() if name not in own]
    secrets += [value for name, value in json.loads(kept).items() if name not in {"client_id", "oauth_token"}]
    assert not [secret for secret in secrets if secret in told]


def test_the_connection_is_written_to_the_trail_of_the_person(
    admin: User, browser: Client, path: str, ways: dict[str, Way]
) -> None:
    browser.get(agree(start(admin, path, ways["linkedin"])))
    entry = LogEntry.objects.filter(content_type__model="connection").earliest("id")
    assert (entry.actor, entry.through) == (admin, "session")


def test_pace_and_cap_survive_a_new_sign_in(
    api: Api, admin: User, browser: Client, path: str, ways: dict[str, Way]
) -> None:
    way = ways["linkedin"]
    body = {"kind": "linkedin", "settings": way.settings, "secrets": way.secrets, "rate_per_minute": 30, "burst": 5}
    ok(api.as_("admin").put(path, body | {"monthly_cap": 5000}))
    browser.get(agree(start(admin, path, way)))
    row = Connection.objects.get()
    assert (row.rate_per_minute, row.burst, row.monthly_cap) == (30, 5, 5000)


def test_only_an_administrator_who_is_signed_in_comes_back(
    admin: User, browser: Client, path: str, ways: dict[str, Way]
) -> None:
    back = agree(start(admin, path, ways["linkedin"]))
    nobody = Client().get(back)
    assert (nobody.status_code, "signed out" in said(nobody)) == (401, True)
    User.objects.filter(pk=admin.pk).update(role="reader")
    demoted = browser.get(back)
    assert (demoted.status_code, "Only an administrator" in said(demoted)) == (403, True)
    assert browser.post(CALLBACK).status_code == 405
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("owl", {}, "kind"),
        ("bulletin", {}, "kind"),
        ("blog", {}, "kind"),
        ("linkedin", {}, "settings.organization_id"),
        ("linkedin", {"organization_id": "acme"}, "settings.organization_id"),
        ("facebook", {"page_id": "acme"}, "settings.page_id"),
        ("facebook", {"colour": "red"}, "settings.colour"),
        ("linkedin", {"organization_id": "1", "oauth_base": "https://evil.example"}, "settings.oauth_base"),
        ("x", {"api_base": "https://evil.example"}, "settings.api_base"),
    ],
)
def test_bad_input_is_named_before_anybody_is_sent_away(
    admin: User, path: str, ways: dict[str, Way], kind: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidConnection) as refusal:
        start_of(admin, path, kind, given)
    assert refusal.value.field == field
    assert not PendingSignIn.objects.exists()


def test_without_an_app_of_ours_nobody_is_sent_away(
    admin: User, path: str, ways: dict[str, Way], settings: Any
) -> None:
    settings.SIGN_IN_APPS = {"linkedin": ("", "")}
    refuses_to_start("no_app", admin, path, ways["linkedin"])
    refuses_to_start("no_app", admin, path, ways["x"])


@pytest.mark.parametrize(
    ("fault", "code"), [({"refuses": True}, "sign_in_failed"), ({"unconfirmed": True}, "sign_in_failed")]
)
def test_x_that_refuses_is_told_at_once(
    admin: User, path: str, ways: dict[str, Way], fault: dict[str, bool], code: str
) -> None:
    ways["x"].server.go_wrong(**fault)
    refuses_to_start(code, admin, path, ways["x"])


def test_a_server_that_may_not_be_called_is_named(admin: User, path: str, ways: dict[str, Way]) -> None:
    way = ways["mastodon"]
    refuses_to_start("address_refused", admin, path, way, instance="http://192.0.2.7")
