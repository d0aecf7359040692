from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api

MARCH = {"from": "2026-03-01T00:00:00", "to": "2026-04-01T00:00:00"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def lines(answer: Any) -> list[tuple[str, int]]:
    return [(item["type"], item["id"]) for item in ok(answer)["items"]]


def walk(api: Api, **query: Any) -> list[tuple[str, int]]:
    found, cursor = [], {}
    while True:
        answer = api.get("/calendar", **MARCH, **query, **cursor)
        found += lines(answer)
        assert len(set(found)) == len(found), "no line comes twice"
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}


@pytest.fixture
def noon(db: None) -> dict[str, int]:
    """Everything at the same moment, so that only type and id order it."""
    moment = at("2026-03-10T12:00:00+00:00")
    campaign, channel = factories.campaign(), factories.channel()
    event = factories.event(starts_at=moment, campaign=campaign)
    vacancy = factories.vacancy(closes_at=moment)
    entry = factories.blog_entry()
    first = factories.publication(of=entry, on=channel, publish_at=moment)
    second = factories.publication(of=event.base, publish_at=at("2026-03-09T12:00:00+00:00"))
    return {
        "event": event.pk,
        "vacancy": vacancy.pk,
        "first": first.pk,
        "second": second.pk,
        "campaign": campaign.pk,
        "channel": channel.pk,
    }


def test_all_kinds_stand_by_time_type_and_id(api: Api, noon: dict[str, int]) -> None:
    answer = api.as_("reader").get("/calendar", **MARCH)
    assert lines(answer) == [
        ("publication", noon["second"]),
        ("closing", noon["vacancy"]),
        ("event", noon["event"]),
        ("publication", noon["first"]),
    ]
    assert answer.json()["next"] is None
    assert answer.json()["items"][2] == {
        "at": "2026-03-10T12:00:00Z",
        "type": "event",
        "id": noon["event"],
        "ends_at": "2026-03-10T14:00:00Z",
        "title": answer.json()["items"][2]["title"],
        "content_id": noon["event"],
        "content_kind": "event",
        "state": "draft",
        "campaign_id": noon["campaign"],
        "channel_id": None,
        "cancelled": False,
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_join_to_the_whole(api: Api, noon: dict[str, int], limit: int) -> None:
    reader = api.as_("reader")
    assert walk(reader, limit=limit) == lines(reader.get("/calendar", **MARCH))


def test_filters(api: Api, noon: dict[str, int]) -> None:
    reader = api.as_("reader")
    first, second = ("publication", noon["first"]), ("publication", noon["second"])
    event, closing = ("event", noon["event"]), ("closing", noon["vacancy"])
    for query, expected in [
        ({"campaign_id": noon["campaign"]}, [second, event]),
        ({"channel_id": noon["channel"]}, [first]),
        ({"kind": "vacancy"}, [closing]),
        ({"kind": "event"}, [second, event]),
        ({"type": "publication"}, [second, first]),
        ({"type": "event", "channel_id": noon["channel"]}, []),
        ({"from": "2026-03-10T12:00:00Z"}, [closing, event, first]),
        ({"to": "2026-03-10T12:00:00Z"}, [second]),
    ]:
        assert lines(reader.get("/calendar", **MARCH | query)) == expected, query


def test_it_tells_what_is_cancelled(api: Api, noon: dict[str, int]) -> None:
    ok(api.as_("comms").post(f"/events/{noon['event']}/cancel"))
    ok(api.as_("comms").post(f"/vacancies/{noon['vacancy']}/fill"))
    items = ok(api.as_("reader").get("/calendar", **MARCH))["items"]
    assert [(item["type"], item["cancelled"]) for item in items] == [
        ("publication", True),
        ("closing", True),
        ("event", True),
        ("publication", False),
    ]


def test_a_page_stays_right_while_lines_are_added(api: Api, noon: dict[str, int]) -> None:
    reader = api.as_("reader")
    page = ok(reader.get("/calendar", **MARCH, limit=2))
    before = factories.publication(publish_at=at("2026-03-08T12:00:00+00:00"))
    after = factories.publication(publish_at=at("2026-03-11T12:00:00+00:00"))
    rest = lines(reader.get("/calendar", **MARCH, cursor=page["next"]))
    assert ("publication", before.pk) not in rest
    assert rest == [("event", noon["event"]), ("publication", noon["first"]), ("publication", after.pk)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": "2026-03-01T00:00:00"}, "to"),
        ({"to": "2026-02-01T00:00:00"}, "to"),
        ({"from": "soon"}, "from"),
        ({"from": "2026-03-29T01:30:00"}, "from"),
        ({"from": "1600000000"}, "from"),
        ({"to": "9999-12-31T00:00:00Z"}, "to"),
        ({"limit": 0}, "limit"),
        ({"limit": 2001}, "limit"),
        ({"type": "birthday"}, "type"),
        ({"kind": "poem"}, "kind"),
        ({"campaign_id": "x"}, "campaign_id"),
        ({"cursor": "made-up"}, "cursor"),
    ],
)
def test_bad_input(api: Api, change: dict, field: str) -> None:
    refused(api.as_("reader").get("/calendar", **MARCH | change), 422, field=field)


def test_both_ends_are_needed(api: Api) -> None:
    refused(api.as_("reader").get("/calendar"), 422, "invalid", "from")


def test_cursors_of_lists_and_of_the_calendar_are_told_apart(api: Api, noon: dict[str, int]) -> None:
    reader = api.as_("reader")
    listed = ok(reader.get("/publications", limit=1))["next"]
    refused(reader.get("/calendar", **MARCH, cursor=listed), 422, "bad_cursor", "cursor")
    line = ok(reader.get("/calendar", **MARCH, limit=1))["next"]
    refused(reader.get("/publications", cursor=line), 422, "bad_cursor", "cursor")


def test_an_outsider(outsider: Api) -> None:
    refused(outsider.get("/calendar", **MARCH), 401)
