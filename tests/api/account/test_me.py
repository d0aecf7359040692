from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from backend.accounts import services
from backend.accounts.models import User
from tests.api.asserting import ok, refused
from tests.conftest import Api


def test_a_person_reads_who_they_are(api: Api, comms: User) -> None:
    me = ok(api.as_(comms).get("/me"))
    operations = me.pop("operations")
    assert me == {
        "id": comms.pk,
        "name": "Amara Osei",
        "email": "amara.osei@example.org",
        "role": "comms",
        "zone": "Europe/London",
        "letter_keys": True,
        "is_program": False,
    }
    assert "vacancies.create_vacancy" in operations
    assert "content.approve_content" not in operations
    assert operations == sorted(operations)


def test_a_program_has_no_address(api: Api) -> None:
    me = ok(api.as_("hr").get("/me"))
    assert me["email"] is None
    assert me["is_program"] is True
    assert "candidates.list_candidates" in me["operations"]


def test_a_signed_in_person_reads_the_same(comms: User) -> None:
    client = Client()
    client.force_login(comms, backend="backend.accounts.backends.PersonBackend")
    assert ok(client.get("/api/v1/me"))["id"] == comms.pk


@pytest.mark.parametrize(("feed", "path"), [("bulletin", "/feeds/bulletin.rss"), ("plan", "/calendar/plan.ics")])
def test_a_private_address_is_shown_once(api: Api, comms: User, feed: str, path: str) -> None:
    made = ok(api.as_(comms).post("/me/feeds", {"feed": feed}), 201)
    address, _, secret = made["url"].partition("?token=")
    assert made["feed"] == feed
    assert address == settings.BASE_URL + path
    assert services.find_feed_reader(secret=secret, feed=feed) == comms
    listed = api.as_(comms).get("/me/feeds")
    assert secret not in listed.content.decode()
    [known] = ok(listed)["items"]
    assert known["feed"] == feed
    assert datetime.fromisoformat(known["created_at"]) == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert known["last_used_at"] == known["created_at"]


def test_a_new_address_ends_the_one_before(api: Api, comms: User) -> None:
    first, second = (ok(api.as_(comms).post("/me/feeds", {"feed": "plan"}), 201)["url"] for _ in range(2))
    assert services.find_feed_reader(secret=first.partition("=")[2], feed="plan") is None
    assert services.find_feed_reader(secret=second.partition("=")[2], feed="plan") == comms
    assert len(ok(api.as_(comms).get("/me/feeds"))["items"]) == 1


def test_ending_an_address_ends_only_that_one_and_only_mine(api: Api, comms: User, hr: User) -> None:
    for person in (comms, hr):
        for feed in ("bulletin", "plan"):
            ok(api.as_(person).post("/me/feeds", {"feed": feed}), 201)
    for _ in range(2):
        answer = api.as_(comms).delete("/me/feeds/plan")
        assert (answer.status_code, answer.content) == (204, b"")
    assert [row["feed"] for row in ok(api.as_(comms).get("/me/feeds"))["items"]] == ["bulletin"]
    assert [row["feed"] for row in ok(api.as_(hr).get("/me/feeds"))["items"]] == ["bulletin", "plan"]


def test_bad_input(api: Api) -> None:
    refused(api.as_("reader").post("/me/feeds", {"feed": "vacancies"}), 422, "invalid", "feed")
    refused(api.as_("reader").post("/me/feeds", {}), 422, "invalid", "feed")
    refused(api.as_("reader").post("/me/feeds", {"feed": "plan", "days": 3}), 422, "invalid", "days")
    refused(api.as_("reader").delete("/me/feeds/vacancies"), 422, "invalid", "feed")


def test_outsiders(outsider: Api) -> None:
    refused(outsider.get("/me"), 401, "not_signed_in")
    refused(outsider.get("/me/feeds"), 401)
    refused(outsider.post("/me/feeds", {"feed": "plan"}), 401)
    refused(outsider.delete("/me/feeds/plan"), 401)
