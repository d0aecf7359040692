from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from campaigns.hiring import reports
from campaigns.planning.models import Campaign, Channel, Team
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.api.recruiting import hiring
from tests.conftest import Api

FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
YEAR = {"from": "2025-04-01", "to": "2026-03-31"}
PATH = "/reports/source-of-hire"


@pytest.fixture
def stall(db: None) -> Channel:
    return factories.channel(name="Stall")


@pytest.fixture
def radio(db: None) -> Channel:
    return factories.channel(name="Hospital radio", category="broadcast")


@pytest.fixture
def team(db: None) -> Team:
    return factories.team(name="Coral ward")


@pytest.fixture
def campaign(db: None) -> Campaign:
    return factories.campaign(name="Nurses for Langley Green")


@pytest.fixture
def hires(stall: Channel, radio: Channel, team: Team, campaign: Campaign) -> list[int]:
    """Three through the stall (one of them met the radio later), one through the radio, two without a source."""
    post = factories.vacancy(team_id=team.pk, campaign_id=campaign.pk)
    made = [
        hiring.hire("2026-02-01", met=[stall], post=post),
        hiring.hire("2026-02-28", met=[stall], stated=radio),
        hiring.hire("2026-02-10", met=[stall, radio], post=post),
        hiring.hire("2026-02-11", met=[radio]),
        hiring.hire("2026-02-12", post=post),
        hiring.hire("2026-02-13"),
    ]
    hiring.hire("2026-01-31", met=[stall])
    hiring.hire("2026-03-01", met=[stall])
    return [row.pk for row in made]


def figures(report: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Every figure of a report with the address of its rows."""
    yield report["total"], report["hires_url"]
    yield report["recorded"], report["recorded_hires_url"]
    yield report["not_recorded"], report["not_recorded_hires_url"]
    for row in report["rows"]:
        yield row["hires"], row["hires_url"]
        for source in row["sources"]:
            yield source["hires"], source["hires_url"]


def test_by_channel_and_first_touch(api: Api, hires: list[int], stall: Channel, radio: Channel) -> None:
    report = ok(api.as_("hr").get(PATH, **FEBRUARY))
    assert report["period"] == FEBRUARY
    assert (report["model"], report["by"]) == ("first", "channel")
    assert report["definition"] == reports.DEFINITIONS["first"]
    assert (report["total"], report["recorded"], report["not_recorded"]) == (6, 4, 2)
    assert report["share_not_recorded"] == 0.3333
    assert [(row["key"], row["name"], row["hires"], row["share"], row["sources"]) for row in report["rows"]] == [
        (stall.pk, "Stall", 3, 0.5, []),
        (radio.pk, "Hospital radio", 1, 0.1667, []),
        (None, "Not recorded", 2, 0.3333, []),
    ]


@pytest.mark.parametrize(("model", "expected"), [("last", [2, 2, 2]), ("stated", [1, 5])])
def test_other_models(api: Api, hires: list[int], model: str, expected: list[int]) -> None:
    report = ok(api.as_("hr").get(PATH, model=model, **FEBRUARY))
    assert [row["hires"] for row in report["rows"]] == expected
    assert report["total"] == 6


@pytest.mark.parametrize("by", ["team", "campaign"])
def test_by_team_and_campaign_with_their_sources(
    api: Api, hires: list[int], by: str, team: Team, campaign: Campaign
) -> None:
    row = {"team": team, "campaign": campaign}[by]
    report = ok(api.as_("hr").get(PATH, by=by, **FEBRUARY))
    assert [(line["key"], line["name"], line["hires"]) for line in report["rows"]] == [
        (row.pk, row.name, 3),
        (None, f"No {by}", 3),
    ]
    assert [(source["name"], source["hires"], source["share"]) for source in report["rows"][0]["sources"]] == [
        ("Stall", 2, 0.6667),
        ("Not recorded", 1, 0.3333),
    ]


@pytest.mark.parametrize("model", ["first", "last", "stated"])
@pytest.mark.parametrize("by", ["channel", "team", "campaign"])
def test_every_figure_opens_to_exactly_its_rows(api: Api, hires: list[int], model: str, by: str) -> None:
    hr = api.as_("hr")
    report = ok(hr.get(PATH, model=model, by=by, **FEBRUARY))
    opened = [(figure, ids(hr.get(address))) for figure, address in figures(report)]
    assert [figure for figure, _ in opened] == [len(rows) for _, rows in opened]
    assert sorted(opened[0][1]) == sorted(hires)
    behind_rows = [ids(hr.get(row["hires_url"])) for row in report["rows"]]
    assert sorted(pk for rows in behind_rows for pk in rows) == sorted(hires)


def test_a_reversed_hire_gives_its_credit_back(api: Api, hires: list[int]) -> None:
    ok(api.as_("hr").post(f"/hires/{hires[0]}/reverse", {}))
    report = ok(api.as_("hr").get(PATH, **FEBRUARY))
    assert (report["total"], report["rows"][0]["hires"]) == (5, 2)


@pytest.mark.parametrize("role", ["reader", "comms", "approver"])
def test_others_see_rounded_figures_of_a_financial_year_and_no_way_to_the_rows(
    clock: Any, api: Api, stall: Channel, radio: Channel, role: str
) -> None:
    clock.move_to("2026-04-02")
    for channel, number in ((stall, 11), (radio, 3)):
        for day in range(1, number + 1):
            hiring.hire(f"2026-02-{day:02}", met=[channel])
    full, report = ok(api.as_("hr").get(PATH, **YEAR)), ok(api.as_(role).get(PATH, **YEAR))
    assert (full["exact"], full["total"], [row["hires"] for row in full["rows"]]) == (True, 14, [11, 3])
    assert (report["exact"], report["total"], report["period"]) == (False, 15, YEAR)
    assert [(row["name"], row["hires"], row["share"]) for row in report["rows"]] == [("Stall", 10, 0.6667)]
    assert (report["recorded"], report["not_recorded"], report["share_not_recorded"]) == (15, None, None)
    assert {address for _, address in figures(report)} == {None}
    refused(api.as_(role).get(full["hires_url"]), 403, "role")


def test_others_cannot_narrow_the_period(clock: Any, api: Api, hires: list[int]) -> None:
    clock.move_to("2026-04-02")
    for period in (
        FEBRUARY,
        {"from": "2025-04-02", "to": "2026-03-31"},
        {"from": "2025-04-01", "to": "2026-03-30"},
        {"from": "2024-04-01", "to": "2026-03-31"},
    ):
        refused(api.as_("reader").get(PATH, **period), 422, "small_numbers", "to")
    report = ok(api.as_("reader").get(PATH, **YEAR))
    assert (report["total"], report["rows"]) == (10, [])


def test_a_period_without_hires(api: Api) -> None:
    report = ok(api.as_("hr").get(PATH, **FEBRUARY))
    assert (report["total"], report["share_not_recorded"], report["rows"]) == (0, 0.0, [])


def test_bad_input(api: Api) -> None:
    hr = api.as_("hr")
    refused(hr.get(PATH), 422, "invalid", "from")
    refused(hr.get(PATH, **{"from": "2026-02-01"}), 422, "invalid", "to")
    refused(hr.get(PATH, **{"from": "2026-02-01", "to": "2026-01-31"}), 422, "bad_period", "to")
    refused(hr.get(PATH, **{"from": "2026-02-30", "to": "2026-03-31"}), 422, "invalid", "from")
    refused(hr.get(PATH, model="markov", **FEBRUARY), 422, "invalid", "model")
    refused(hr.get(PATH, by="person", **FEBRUARY), 422, "invalid", "by")
    assert ok(hr.get(PATH, **{"from": "2026-02-01", "to": "2026-02-01"}))["total"] == 0


def test_outsiders(outsider: Api) -> None:
    refused(outsider.get(PATH, **FEBRUARY), 401)
