from __future__ import annotations

from django.test import Client

from backend.accounts.models import User
from tests.api.asserting import ok, refused
from tests.conftest import Api

AT = "/api/v1/me/sessions"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_sessions_are_listed_without_key_or_address(comms: User, hr: User) -> None:
    this, other = signed_in(comms), signed_in(comms)
    signed_in(hr)

    items = ok(this.get(AT))["items"]

    assert sorted(item["is_this"] for item in items) == [False, True]
    assert set(items[0]) == {"handle", "browser", "started_at", "last_seen_at", "is_this"}
    assert items[0]["started_at"] == "2026-03-02T09:00:00Z"
    for client in (this, other):
        assert client.session.session_key not in str(items)


def test_one_is_ended_at_once_and_only_ones_own(comms: User, hr: User) -> None:
    this, other, theirs = signed_in(comms), signed_in(comms), signed_in(hr)
    [handle] = [item["handle"] for item in ok(this.get(AT))["items"] if not item["is_this"]]
    assert theirs.delete(f"{AT}/{handle}").status_code == 204
    ok(other.get(AT))

    for _ in range(2):
        assert this.delete(f"{AT}/{handle}").status_code == 204

    refused(other.get(AT), 401)
    ok(this.get(AT))


def test_all_others_are_ended(comms: User, hr: User) -> None:
    this, other, theirs = signed_in(comms), signed_in(comms), signed_in(hr)

    assert ok(this.post(f"{AT}/end-others")) == {"ended": 1}

    refused(other.get(AT), 401)
    ok(this.get(AT))
    ok(theirs.get(AT))


def test_program_has_no_sessions(api: Api, comms: User) -> None:
    signed_in(comms)
    assert ok(api.as_("admin").get("/me/sessions")) == {"items": []}
    assert ok(api.as_("admin").post("/me/sessions/end-others")) == {"ended": 0}


def test_bad_input_and_outsiders(api: Api, outsider: Api) -> None:
    refused(api.as_("comms").delete("/me/sessions/short"), 422, "invalid", "handle")
    for method, path in (("GET", ""), ("DELETE", f"/{'a' * 20}"), ("POST", "/end-others")):
        refused(outsider.send(method, f"/me/sessions{path}"), 401)
