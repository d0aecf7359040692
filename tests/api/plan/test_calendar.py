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


def planned(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if item["id"] is not None]


def lines(answer: Any) -> list[tuple[str, int]]:
    return [(item["type"], item["id"]) for item in planned(ok(answer)["items"])]


def named(answer: Any) -> list[tuple[str, str]]:
    return [(item["type"], item["title"]) for item in ok(answer)["items"] if item["id"] is None]


def all_lines(answer: Any) -> list[tuple[str, str, str]]:
    return [(item["at"], item["type"], item["title"]) for item in ok(answer)["items"]]


def walk(api: Api, **query: Any) -> list[tuple[str, str, str]]:
    found, cursor = [], {}
    while True:
        answer = api.get("/calendar", **MARCH, **query, **cursor)
        found += all_lines(answer)
        assert len(set(found)) == len(found), "no line comes twice"
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}


@pytest.fixture
def noon(db: None) -> dict[str, int]:
    """Everything at the same moment, so that only type and id order it."""
    moment = at("2026-03-10T12:00:00+00:00")
    campaign, channel, team = factories.campaign(), factories.channel(), factories.team()
    comms, approver = factories.person("comms"), factories.person("approver")
    event = factories.event(starts_at=moment, campaign=campaign, host_team=team, by=comms)
    vacancy = factories.vacancy(closes_at=moment, by=approver)
    entry = factories.in_review(factories.blog_entry(by=approver))
    first = factories.publication(of=entry, on=channel, publish_at=moment)
    second = factories.publication(of=event.base, publish_at=at("2026-03-09T12:00:00+00:00"))
    return {
        "event": event.pk,
        "vacancy": vacancy.pk,
        "first": first.pk,
        "second": second.pk,
        "team": team.pk,
        "owner": comms.pk,
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
    event = planned(answer.json()["items"])[2]
    assert event == {
        "at": "2026-03-10T12:00:00Z",
        "type": "event",
        "id": noon["event"],
        "ends_at": "2026-03-10T14:00:00Z",
        "all_day": False,
        "title": event["title"],
        "source": "",
        "content_id": noon["event"],
        "content_kind": "event",
        "state": "draft",
        "content_state": "draft",
        "campaign_id": noon["campaign"],
        "channel_id": None,
        "cancelled": False,
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_join_to_the_whole(api: Api, noon: dict[str, int], limit: int) -> None:
    reader = api.as_("reader")
    assert walk(reader, limit=limit) == all_lines(reader.get("/calendar", **MARCH))


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
        ({"state": "scheduled"}, [second, first]),
        ({"state": "in_review"}, [first]),
        ({"state": "draft"}, [second, closing, event]),
        ({"team_id": noon["team"]}, [second, event]),
        ({"owner_id": noon["owner"]}, [second, event]),
        ({"owner_id": noon["owner"], "type": "publication", "state": "draft"}, [second]),
        ({"type": "event", "channel_id": noon["channel"]}, []),
        ({"from": "2026-03-10T12:00:00Z"}, [closing, event, first]),
        ({"to": "2026-03-10T12:00:00Z"}, [second]),
    ]:
        assert lines(reader.get("/calendar", **MARCH | query)) == expected, query


def test_days_that_have_a_name(api: Api, noon: dict[str, int]) -> None:
    reader = api.as_("reader")
    found = named(reader.get("/calendar", **MARCH))
    assert ("awareness", "World Social Work Day") in found
    assert ("clock_change", "Clocks go forward: 01:00 becomes 02:00") in found
    easter = {"from": "2026-04-01T00:00:00", "to": "2026-05-01T00:00:00", "type": "bank_holiday"}
    assert named(reader.get("/calendar", **easter)) == [
        ("bank_holiday", "Good Friday"),
        ("bank_holiday", "Easter Monday"),
    ]
    assert ok(reader.get("/calendar", **easter))["items"][0] == {
        "at": "2026-04-02T23:00:00Z",
        "type": "bank_holiday",
        "id": None,
        "ends_at": "2026-04-03T23:00:00Z",
        "all_day": True,
        "title": "Good Friday",
        "source": "Bank holiday in England",
        "content_id": None,
        "content_kind": None,
        "state": None,
        "content_state": None,
        "campaign_id": None,
        "channel_id": None,
        "cancelled": False,
    }


@pytest.mark.parametrize("name", ["campaign_id", "channel_id", "team_id", "owner_id"])
def test_days_that_have_a_name_match_no_other_filter(api: Api, noon: dict[str, int], name: str) -> None:
    assert named(api.as_("reader").get("/calendar", **MARCH, **{name: noon[name.removesuffix("_id")]})) == []


def test_it_tells_what_is_cancelled(api: Api, noon: dict[str, int]) -> None:
    ok(api.as_("comms").post(f"/events/{noon['event']}/cancel"))
    ok(api.as_("comms").post(f"/vacancies/{noon['vacancy']}/fill"))
    items = planned(ok(api.as_("reader").get("/calendar", **MARCH))["items"])
    assert [(item["type"], item["cancelled"]) for item in items] == [
        ("publication", True),
        ("closing", True),
        ("event", True),
        ("publication", False),
    ]


def test_a_page_stays_right_while_lines_are_added(api: Api, noon: dict[str, int]) -> None:
    reader = api.as_("reader")
    page = ok(reader.get("/calendar", **MARCH, limit=3))
    assert len(planned(page["items"])) == 2, "after International Women's Day"
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
        ({"state": "lost"}, "state"),
        ({"team_id": 0}, "team_id"),
        ({"owner_id": "me"}, "owner_id"),
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


def test_gaps_and_clashes(api: Api, clock: Any) -> None:
    campaign = factories.campaign(rhythm_days=7, ends_on=at("2026-03-31").date())
    channel = factories.channel(name="Careers stall")
    one = factories.publication(on=channel, publish_at=at("2026-03-10T09:00:00+00:00"))
    other = factories.publication(on=channel, publish_at=at("2026-03-10T09:10:00+00:00"))
    answer = ok(api.as_("reader").get("/calendar/hints", first="2026-03-01", last="2026-03-31"))
    assert answer["gaps"] == [
        {
            "campaign_id": campaign.pk,
            "campaign": campaign.name,
            "rhythm_days": 7,
            "first": "2026-03-02",
            "last": "2026-03-31",
            "words": f"No “{campaign.name}” posts from Mon 2 Mar to Tue 31 Mar. "
            "Its posting rhythm is at least one post every 7 days.",
        }
    ]
    assert [(clash["kind"], clash["publication_ids"]) for clash in answer["clashes"]] == [("near", [one.pk, other.pk])]


@pytest.mark.parametrize("last", ["2026-02-28", "2026-06-01", "soon", "9999-12-31"])
def test_hints_are_for_a_quarter_at_most(api: Api, last: str) -> None:
    refused(api.as_("reader").get("/calendar/hints", first="2026-03-01", last=last), 422, field="last")
    ok(api.as_("reader").get("/calendar/hints", first="2026-03-01", last="2026-05-31"))


def test_an_outsider(outsider: Api) -> None:
    refused(outsider.get("/calendar", **MARCH), 401)
