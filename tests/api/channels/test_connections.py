from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from backend.audit.models import LogEntry
from scheduler.channels import registry
from scheduler.channels.contract import AdapterContext, CannotRead, Health
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api
from tests.factories import publishing

HIDDEN = "s3cret-never-shown"


class Pigeon:
    """A channel whose far side answers what the test says."""

    kind: ClassVar[str] = "pigeon"
    label: ClassVar[str] = "Pigeon"
    reaches: ClassVar[str] = "public"
    said: ClassVar[Any] = None

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        loft: str = "north"
        home: str = "https://pigeon.example"

    class Secrets(BaseModel):
        model_config = ConfigDict(extra="forbid")
        access_token: SecretStr
        spare: SecretStr = SecretStr("")

    def __init__(self, settings: BaseModel, secrets: BaseModel, context: AdapterContext) -> None:
        pass

    def check(self, *, timeout: float) -> Health:
        answer = Pigeon.said()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def pigeon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.ADAPTERS, "pigeon", Pigeon)
    monkeypatch.setattr(Pigeon, "said", lambda: Health(ok=True, account="@langleygreen", message="Well."))


@pytest.fixture
def path(db: None) -> str:
    return f"/channels/{factories.channel().pk}/connection"


def connect(api: Api, path: str, **more: Any) -> Any:
    return api.as_("admin").put(path, {"kind": "pigeon", "secrets": {"access_token": HIDDEN}} | more)


def test_connecting_shows_the_names_of_secrets_and_never_their_values(api: Api, path: str) -> None:
    answer = connect(api, path, settings={"loft": "south"})
    assert ok(answer) == {
        "kind": "pigeon",
        "settings": {"loft": "south", "home": "https://pigeon.example"},
        "secrets": ["access_token"],
        "status": "unchecked",
        "account": "",
        "message": "",
        "checked_at": None,
        "expires_at": None,
        "rate_per_minute": None,
        "burst": 1,
        "monthly_cap": None,
    }
    read = api.as_("comms").get(path)
    assert ok(read) == answer.json()
    assert HIDDEN not in answer.content.decode() + read.content.decode()


def test_a_secret_that_is_null_stays_and_the_others_are_replaced(api: Api, path: str) -> None:
    ok(connect(api, path))

    again = ok(connect(api, path, secrets={"access_token": None, "spare": "a spare one"}))

    assert again["secrets"] == ["access_token", "spare"]
    kept = json.loads(Connection.objects.get().secrets or "")
    assert kept == {"access_token": HIDDEN, "spare": "a spare one"}


def test_without_secrets_the_kept_ones_stay(api: Api, path: str) -> None:
    connect(api, path)
    again = ok(api.as_("admin").put(path, {"kind": "pigeon", "settings": {"loft": "west"}}))
    assert (again["settings"]["loft"], again["secrets"]) == ("west", ["access_token"])
    assert HIDDEN in Connection.objects.get().secrets


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "pigeon"}, "secrets.access_token"),
        ({"kind": "pigeon", "secrets": {"access_token": [HIDDEN]}}, "secrets.access_token"),
        ({"kind": "pigeon", "secrets": {"access_token": HIDDEN, "key": HIDDEN}}, "secrets.key"),
        ({"kind": "pigeon", "secrets": HIDDEN}, "secrets"),
        ({"kind": "pigeon", "secrets": {"access_token": HIDDEN}, "settings": {"loft": 5}}, "settings.loft"),
        ({"kind": "owl"}, "kind"),
        ({}, "kind"),
        ({"kind": "bulletin"}, "kind"),
    ],
)
def test_bad_input_names_the_setting_and_repeats_no_secret(
    api: Api, path: str, body: dict, field: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = api.as_("admin").put(path, body)
    refused(answer, 422, "invalid", field)
    logged = capfd.readouterr()
    assert HIDDEN not in answer.content.decode() + logged.out + logged.err
    refused(api.as_("admin").get(path), 404, "not_connected")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"kind": "linkedin", "settings": {"organization_id": "us"}},
            "organization_id: This is not in the right format. The number in the address of the page's",
        ),
        (
            {"kind": "webhook", "settings": {"address": "https://x.example"}, "secrets": {"signing_secret": "x"}},
            "signing_secret: a signing secret is whsec_ and 24 to 64 random bytes in base64.",
        ),
    ],
)
def test_bad_input_is_told_without_the_librarys_jargon(api: Api, path: str, body: dict, said: str) -> None:
    assert api.as_("admin").put(path, body).json()["detail"].startswith(said)


def test_no_secret_reaches_the_audit_trail_or_the_log(api: Api, path: str, capfd: pytest.CaptureFixture[str]) -> None:
    connect(api, path)
    logged = capfd.readouterr()
    trail = list(LogEntry.objects.filter(content_type__model="connection").values_list("changes", flat=True))
    assert trail
    assert HIDDEN not in f"{trail}{logged.out}{logged.err}"


def test_check_stores_who_we_are(api: Api, path: str) -> None:
    connect(api, path)
    found = ok(api.as_("comms").post(f"{path}/check"))
    assert (found["status"], found["account"]) == ("healthy", "@langleygreen")
    assert found["checked_at"] == "2026-03-02T09:00:00Z"
    assert ok(api.as_("comms").get(path)) == found


def test_check_without_an_answer_leaves_the_status_and_says_so(
    api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(api, path)
    ok(api.as_("comms").post(f"{path}/check"))
    monkeypatch.setattr(Pigeon, "said", lambda: CannotRead("The loft did not answer."))
    found = ok(api.as_("comms").post(f"{path}/check"))
    assert (found["status"], found["message"]) == ("healthy", "The loft did not answer.")


def test_a_check_does_not_write_over_a_connection_made_meanwhile(
    api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(api, path)

    def connected_anew() -> Health:
        ok(connect(api, path, settings={"loft": "east"}, secrets={"access_token": "another"}))
        return Health(ok=False, account="@old", message="Sign in again.")

    monkeypatch.setattr(Pigeon, "said", connected_anew)
    found = ok(api.as_("comms").post(f"{path}/check"))
    assert (found["status"], found["settings"]["loft"]) == ("unchecked", "east")
    assert "another" in Connection.objects.get().secrets


def test_a_check_of_what_is_disconnected_meanwhile_is_refused(
    api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(api, path)

    def gone() -> Health:
        api.as_("admin").delete(path)
        return Health(ok=True, account="", message="")

    monkeypatch.setattr(Pigeon, "said", gone)
    refused(api.as_("comms").post(f"{path}/check"), 409, "not_connected")


def test_secrets_that_no_key_decrypts_are_named_nowhere_and_refused_for_use(api: Api, path: str) -> None:
    connect(api, path)
    Connection.objects.update(secrets="not json")
    assert ok(api.as_("comms").get(path))["secrets"] == []
    refused(api.as_("comms").post(f"{path}/check"), 409, "cannot_decrypt")
    ok(connect(api, path))


def test_delete_forgets_it(api: Api, path: str) -> None:
    connect(api, path)
    assert api.as_("admin").delete(path).status_code == 204
    refused(api.as_("comms").get(path), 404, "not_connected")
    refused(api.as_("admin").delete(path), 404, "not_connected")
    refused(api.as_("comms").post(f"{path}/check"), 404, "not_connected")


def test_unknown_channels(api: Api) -> None:
    for method in ("GET", "PUT", "DELETE"):
        refused(api.as_("admin").send(method, "/channels/999/connection", {"kind": "blog"}), 404, "not_found")


def test_outsiders_and_other_roles(api: Api, outsider: Api, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        refused(outsider.send(method, path), 401)
    refused(outsider.post(f"{path}/check"), 401)
    refused(api.as_("reader").get(path), 403, "role")
    refused(api.as_("comms").put(path, {"kind": "blog"}), 403, "role")
    refused(api.as_("comms").delete(path), 403, "role")


def test_what_is_kept_secret_goes_to_no_other_address(api: Api, path: str) -> None:
    ok(connect(api, path))
    moved = {"settings": {"home": "https://elsewhere.example"}}
    refused(connect(api, path, secrets=None, **moved), 422, "invalid", "secrets")
    assert Connection.objects.get().settings["home"] == "https://pigeon.example"

    ok(connect(api, path, secrets=None, settings={"loft": "south"}))
    ok(connect(api, path, **moved))


def test_connecting_releases_what_was_held_for_want_of_it(api: Api) -> None:
    channel = factories.channel()
    publication = publishing.held_unconnected(publishing.post(on=channel))
    ok(connect(api, f"/channels/{channel.pk}/connection"))
    publication.refresh_from_db()
    assert publication.state == "scheduled"
    assert connections.secret_names(connection=channel.connection) == ["access_token"]


def test_the_pace_of_a_connection_is_set_and_read(api: Api) -> None:
    channel = factories.channel(category="blog")
    body = {"kind": "blog", "rate_per_minute": 30, "burst": 5}
    made = ok(api.as_("admin").put(f"/channels/{channel.pk}/connection", body))
    assert (made["rate_per_minute"], made["burst"]) == (30, 5)

    limits = ok(api.as_("reader").get(f"/channels/{channel.pk}/connection/rate-limit"))

    assert limits == {"in_flight": 0, "waiting": 0, "failures": 0, "paused_until": None, "pause_reason": ""}
