"""Connecting a channel in the console: a form made from the adapter's schema, or a sign-in on its own pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django import forms

from backend.accounts.models import User
from backend.console.channels.connect import ConnectionForm
from backend.console.frame import schema_forms
from campaigns.planning.models import Channel
from scheduler.channels.registry import ADAPTERS
from scheduler.connections import services as connections
from scheduler.connections.models import Connection, PendingSignIn
from tests import factories
from tests.console.speaking import Console
from tests.servers import x_like
from tests.servers.control import clean

pytestmark = pytest.mark.django_db
BLUESKY = {
    "settings.handle": "riverside.bsky.social",
    "settings.pds": "https://bsky.social",
    "settings.language": "en",
    "burst": "1",
}


def bluesky() -> Channel:
    row = factories.channel(name="Bluesky", category="social")
    settings = {"handle": "riverside.bsky.social"}
    connections.connect_channel(channel=row, kind="bluesky", settings=settings, secrets={"app_password": "open-sesame"})
    return row


def connect(who: User, row: Channel, kind: str, **form: Any) -> tuple[int, str]:
    """Open the form and send it back with this in it."""
    speaks, address = Console(who), f"/channels/{row.pk}/connect?kind={kind}"
    seen = speaks.see(address).split('name="seen" value="')[1].split('"')[0]
    return speaks.send(address, **{"seen": seen} | form)


def kept(row: Channel) -> dict[str, str]:
    found: dict[str, str] = json.loads(Connection.objects.get(channel=row).secrets or "{}")
    return found


@pytest.mark.parametrize("kind", ADAPTERS)
def test_every_kind_has_a_form_with_a_label_for_each_field(kind: str) -> None:
    form = ConnectionForm(adapter=ADAPTERS[kind], connection=None)

    wanted = {f"settings.{name}" for name in ADAPTERS[kind].Settings.model_fields}
    wanted |= {f"secrets.{name}" for name in ADAPTERS[kind].Secrets.model_fields}
    assert wanted <= set(form.fields)
    assert all(field.label for field in form.fields.values() if not field.widget.is_hidden)
    secrets = [field for name, field in form.fields.items() if name.startswith("secrets.")]
    assert all(isinstance(field.widget, forms.PasswordInput) for field in secrets)


def test_fields_follow_the_schema() -> None:
    schema = {
        "properties": {
            "server": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9, "description": "Small letters."},
            "port": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "null"}], "default": None},
            "open": {"type": "boolean", "default": True},
            "kind": {"$ref": "#/$defs/Kind"},
            "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            "lists": {"type": "array", "items": {"type": "integer"}, "rows_of": "lists"},
            "key": {"type": "string", "format": "password"},
        },
        "required": ["server", "kind", "lists", "key"],
        "$defs": {"Kind": {"enum": ["one", "two"], "type": "string"}},
    }
    fields = schema_forms.fields_of(schema, kept=["key"], rows={"lists": [(4, "News")]})
    form = type("AnyForm", (forms.Form,), fields)

    good = form({"server": "ab", "port": "", "kind": "two", "tags": "a, b", "lists": ["4"], "key": ""})
    bad = form({"server": "AB", "port": "10", "kind": "three", "lists": ["5"]})

    assert good.is_valid(), good.errors
    values = schema_forms.values_of(schema["properties"], good.cleaned_data, schema)
    assert values == {"server": "ab", "open": False, "kind": "two", "tags": ["a", "b"], "lists": [4], "key": None}
    assert set(bad.errors) == {"server", "port", "kind", "lists"}
    assert "Small letters." in bad.errors["server"][0]


def test_form_connects_and_shows_no_secret(admin: User) -> None:
    row = factories.channel(name="Bluesky", category="social")
    speaks = Console(admin)

    status, said = connect(admin, row, "bluesky", **BLUESKY, **{"secrets.app_password": "s3same"})

    assert (status, "Bluesky is connected" in said) == (302, True)
    assert kept(row) == {"app_password": "s3same"}
    page = speaks.see(f"/channels/{row.pk}/connect")
    assert 'value="riverside.bsky.social"' in page
    assert "A secret is stored. Leave empty to keep it." in page
    assert "s3same" not in page


def test_empty_secret_keeps_what_is_stored_and_a_typed_one_replaces_it(admin: User) -> None:
    row = bluesky()

    connect(admin, row, "bluesky", **BLUESKY | {"settings.language": "cy"})
    assert kept(row) == {"app_password": "open-sesame"}
    assert Connection.objects.get(channel=row).settings["language"] == "cy"

    connect(admin, row, "bluesky", **BLUESKY, **{"secrets.app_password": "another"})
    assert kept(row) == {"app_password": "another"}


def test_one_secret_of_several_is_replaced_alone(admin: User) -> None:
    row = factories.channel(name="X", category="social")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    connections.connect_channel(channel=row, kind="x", settings={}, secrets={name: name for name in names})

    connect(admin, row, "x", **{"burst": "1", "monthly_cap": "12.50", "secrets.access_token": "new"})

    assert kept(row) == {name: name for name in names} | {"access_token": "new"}
    assert Connection.objects.get(channel=row).monthly_cap == 12_500


def test_price_cap_is_shown_to_the_thousandth_that_it_is_kept_in(admin: User) -> None:
    row = factories.channel(name="X", category="social")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    secrets = {name: name for name in names}
    connections.connect_channel(channel=row, kind="x", settings={}, secrets=secrets, monthly_cap=15)

    assert 'value="0.015"' in Console(admin).see(f"/channels/{row.pk}/connect")


def test_stored_secret_is_not_taken_along_to_another_address(admin: User) -> None:
    row = bluesky()

    _, page = connect(admin, row, "bluesky", **BLUESKY | {"settings.pds": "https://pds.example.org"})

    assert "You changed the address: enter the secret again" in page
    assert Connection.objects.get(channel=row).settings["pds"] == "https://bsky.social"


def test_connection_that_somebody_else_changed_meanwhile_is_not_overwritten(admin: User) -> None:
    row = bluesky()
    connections.connect_channel(
        channel=row, kind="bluesky", settings={"handle": "harbour.bsky.social"}, secrets=None, burst=7
    )

    _, page = connect(admin, row, "bluesky", **BLUESKY, seen="what stood there before")

    assert "Someone changed this while you had it open" in page
    assert "Handle: harbour.bsky.social" in page
    assert Connection.objects.get(channel=row).burst == 7


def test_wrong_setting_is_named_and_kept_and_the_secret_is_not_given_back(admin: User) -> None:
    row = factories.channel(name="Bluesky", category="social")

    status, page = connect(
        admin,
        row,
        "bluesky",
        **BLUESKY | {"settings.handle": "no handle", "secrets.app_password": "s3same"},
    )

    assert status == 200
    assert "This is not valid. The account's name" in page
    assert 'value="no handle"' in page
    assert "s3same" not in page
    assert not Connection.objects.exists()


def test_what_the_adapter_itself_refuses_stands_beside_its_field(admin: User) -> None:
    row = factories.channel(name="Mail", category="email")
    news = factories.mailing_list(audience="public", name="Careers news")
    form = {
        "settings.host": "smtp.example.org",
        "settings.port": "587",
        "settings.security": "starttls",
        "settings.from_address": "news@example.org",
        "settings.reply_to": "nobody",
        "settings.lists": [str(news.pk)],
        "burst": "1",
    }

    _, page = connect(admin, row, "email", **form)
    assert 'href="#id_settings.reply_to"' in page
    assert "Careers news" in page

    connect(admin, row, "email", **form | {"settings.reply_to": ""})
    assert Connection.objects.get(channel=row).settings["lists"] == [news.pk]


def test_only_kinds_that_the_right_people_read_are_offered(admin: User) -> None:
    staff = factories.channel(category="staff_tool", audience="staff")

    page = Console(admin).see(f"/channels/{staff.pk}/connect?kind=x")

    assert "?kind=slack" in page
    assert "?kind=x" not in page.split("<main")[1]


@pytest.fixture
def x_server(settings: Any) -> str:
    settings.SIGN_IN_APPS = {"x": (x_like.CONSUMER_KEY, x_like.CONSUMER_SECRET)}
    return clean("tests.servers.sign_in_like").address


def test_sign_in_shows_the_way_to_the_channels_own_pages(admin: User, x_server: str) -> None:
    row = factories.channel(name="X", category="social")
    speaks = Console(admin)

    assert "Sign in at X" in speaks.see(f"/channels/{row.pk}/connect?kind=x")
    status, page = speaks.send(f"/channels/{row.pk}/sign-in?kind=x", **{"settings.api_base": x_server})

    assert status == 200
    assert f'href="{x_server}/oauth/authorize?oauth_token=' in page
    assert PendingSignIn.objects.get().person_id == admin.pk
    assert not Connection.objects.exists()


def test_channel_that_gives_no_usable_answer_leaves_everything_as_it_was(admin: User, settings: Any) -> None:
    settings.SIGN_IN_APPS = {"x": ("key", "secret")}
    row = factories.channel(name="X", category="social")

    _, page = Console(admin).send(f"/channels/{row.pk}/sign-in?kind=x", **{"settings.api_base": "http://127.0.0.1:9"})

    assert "There is a problem" in page
    assert 'value="http://127.0.0.1:9"' in page
    assert not PendingSignIn.objects.exists()


def test_sign_in_is_not_offered_without_an_app_of_ours(admin: User, settings: Any) -> None:
    settings.SIGN_IN_APPS = {}
    row = factories.channel(name="X", category="social")

    assert "Sign in at X" not in Console(admin).see(f"/channels/{row.pk}/connect?kind=x")
    assert "You cannot sign in to this service here" in Console(admin).send(f"/channels/{row.pk}/sign-in?kind=x")[1]
