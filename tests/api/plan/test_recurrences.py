"""Recurrences, by API."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.planning.models import Publication
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api


def body(**fields: Any) -> dict[str, Any]:
    values = {
        "content_id": factories.approved_blog_entry().pk,
        "channel_id": factories.channel().pk,
        "rule": "FREQ=WEEKLY;BYDAY=MO",
        "starts_at": "2026-03-23T08:30:00",
    }
    return values | fields


def test_a_recurrence_is_started_and_stopped(api: Api) -> None:
    made = ok(api.as_("comms").post("/recurrences", body()), 201)

    assert (made["starts_at"], made["next_at"]) == ("2026-03-23T08:30:00", "2026-04-13T07:30:00Z")
    assert ok(api.as_("reader").get(f"/recurrences/{made['id']}")) == made
    found = ok(api.as_("reader").get("/publications", sort="publish_at"))["items"]
    assert [row["publish_at"] for row in found] == [
        "2026-03-23T08:30:00Z",
        "2026-03-30T07:30:00Z",
        "2026-04-06T07:30:00Z",
    ]
    assert {row["recurrence_id"] for row in found} == {made["id"]}

    ended = ok(api.as_("comms").post(f"/recurrences/{made['id']}/end", {"reason": "Enough people applied."}))

    assert (ended["cancelled"], ended["ended_reason"], ended["next_at"]) == (3, "Enough people applied.", None)
    assert set(Publication.objects.values_list("state", flat=True)) == {"cancelled"}
    refused(api.as_("comms").post(f"/recurrences/{made['id']}/end", {"reason": "Again."}), 409)


def test_recurrences_are_listed(api: Api) -> None:
    first = ok(api.as_("comms").post("/recurrences", body()), 201)
    second = ok(api.as_("comms").post("/recurrences", body()), 201)
    ok(api.as_("comms").post(f"/recurrences/{first['id']}/end", {"reason": "Enough."}))

    assert ids(api.as_("reader").get("/recurrences")) == [second["id"], first["id"]]
    assert ids(api.as_("reader").get("/recurrences", active="true")) == [second["id"]]
    assert ids(api.as_("reader").get("/recurrences", content_id=first["content_id"])) == [first["id"]]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rule": "FREQ=MINUTELY"}, "rule"),
        ({"rule": "FREQ=DAILY;UNTIL=20260301"}, "rule"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"starts_at": "2026-03-29T01:30:00"}, "starts_at"),
        ({"content_id": 10**9}, "content_id"),
        ({"channel_id": 10**9}, "channel_id"),
    ],
)
def test_bad_input_is_named(api: Api, fields: dict[str, Any], field: str) -> None:
    refused(api.as_("comms").post("/recurrences", body(**fields)), 422, field=field)


def test_a_reader_and_an_outsider_start_nothing(api: Api, outsider: Api) -> None:
    assert api.as_("reader").post("/recurrences", body()).status_code == 403
    assert outsider.post("/recurrences", body()).status_code == 401
