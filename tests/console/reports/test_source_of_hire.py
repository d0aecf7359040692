"""The report of sources in the console: its figures and their rows, and what others than HR may learn from it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.hiring.models import Candidate, Hire
from campaigns.planning.models import Channel, Organisation
from tests import factories
from tests.api.recruiting import hiring
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
REPORT, ROWS = "/results/source-of-hire", "/results/source-of-hire/hires"
FEBRUARY = {"period": "own", "from": "2026-02-01", "to": "2026-02-28"}


@pytest.fixture(autouse=True)
def april(clock: Any) -> None:
    """The financial year 2025–26 is over."""
    clock.move_to("2026-04-02T09:00:00Z")


@pytest.fixture
def stall(db: None) -> Channel:
    return factories.channel(name="Stall")


@pytest.fixture
def radio(db: None) -> Channel:
    return factories.channel(name="Hospital radio", category="broadcast")


@pytest.fixture
def hires(stall: Channel, radio: Channel) -> list[Hire]:
    """Three through the stall (one of them met the radio later), one through the radio, two without a source."""
    post = factories.vacancy(title="Night nurse", team_id=factories.team(name="Coral ward").pk)
    return [
        hiring.hire("2026-02-01", met=[stall], post=post),
        hiring.hire("2026-02-28", met=[stall], stated=radio),
        hiring.hire("2026-02-10", met=[stall, radio], post=post),
        hiring.hire("2026-02-11", met=[radio]),
        hiring.hire("2026-02-12", post=post),
        hiring.hire("2026-02-13"),
    ]


def with_many(channel: Channel, number: int) -> None:
    for day in range(number):
        hiring.hire(f"2026-02-{day + 1:02}", met=[channel])


def at(path: str, **query: Any) -> str:
    return f"{path}?{urlencode(query)}"


def linked(page: str) -> list[tuple[str, int]]:
    """Each figure's address, as under /console, with its number."""
    return [(address, int(number)) for address, number in re.findall(rf'<a href="/console({ROWS}\?[^"]+)">(\d+)', page)]


def test_bars_are_as_long_as_their_shares(hr: User, hires: list[Hire]) -> None:
    page = Console(hr).see(at(REPORT, **FEBRUARY))

    told = re.findall(r'<rect width="([\d.]+)" height="2".*?([\d.]+)%</td>', page, re.DOTALL)
    assert len(told) > 1
    assert all(float(width) == float(percent) for width, percent in told)


@pytest.mark.parametrize(("model", "by"), [("first", "channel"), ("last", "team"), ("stated", "campaign")])
def test_every_figure_opens_to_its_rows(hr: User, hires: list[Hire], model: str, by: str) -> None:
    speaks = Console(hr)

    figures = linked(speaks.see(at(REPORT, **FEBRUARY, model=model, by=by)))

    assert figures[0][1] == 6
    assert len(figures) >= 5
    for address, number in figures:
        assert len(re.findall(r"AR-260223-\d{4}", speaks.see(address))) == number, address


def test_report_says_how_much_of_it_is_known(hr: User, hires: list[Hire]) -> None:
    speaks = Console(hr)

    page = speaks.see(at(REPORT, **FEBRUARY))
    assert "4 of 6 hires have a source on record." in page
    assert "from 1 February 2026 to 28 February 2026" in page
    assert "First touch: all the credit" in page
    assert "Share of 6" in page
    assert "50%" in page
    assert "1 of 6 hires have a stated source." in speaks.see(at(REPORT, **FEBRUARY, model="stated"))


def test_models_stand_side_by_side(hr: User, hires: list[Hire]) -> None:
    page = Console(hr).see(at(REPORT, **FEBRUARY, model="last")).split("Three ways to give the credit")[1]

    lines = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page)
    numbers = {name: re.findall(r'class="number"> ?(?:<a[^>]*>)?(\d+)', cells) for name, cells in lines}
    assert numbers == {
        "Stall": ["3", "2", "0"],
        "Hospital radio": ["1", "2", "1"],
        "Not recorded": ["2", "2", "5"],
    }


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("months", "3 April 2025 to 2 April 2026"),
        ("quarter", "1 April 2026 to 30 June 2026"),
        ("last_quarter", "1 January 2026 to 31 March 2026"),
        ("year", "1 April 2026 to 31 March 2027"),
        ("last_year", "1 April 2025 to 31 March 2026"),
        ("nonsense", "3 April 2025 to 2 April 2026"),
    ],
)
def test_period_is_chosen(hr: User, period: str, said: str) -> None:
    assert said in Console(hr).see(at(REPORT, period=period))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-02-28", "2026-02-01", "The end date is before the start date."),
        ("2026-02-30", "2026-03-01", "Enter a valid date."),
        ("2026-02-01", "", "This field is required."),
    ],
)
def test_wrong_dates_are_named_and_kept(hr: User, hires: list[Hire], start: str, end: str, said: str) -> None:
    page = Console(hr).see(at(REPORT, **FEBRUARY | {"from": start, "to": end}), 422)

    assert "There is a problem" in page
    assert said in page
    assert f'value="{start}"' in page
    assert "touch on record" not in page
    Console(hr).see(at(ROWS, **FEBRUARY | {"from": start, "to": end}), 404)


def test_period_without_hires_leads_to_where_there_are_some(hr: User, hires: list[Hire]) -> None:
    speaks = Console(hr)

    page = speaks.see(at(REPORT, period="quarter"))

    assert "No offers accepted in this period." in page
    earlier = re.search(r'href="(\?period=own[^"]+)">Show all hires', page)
    assert earlier is not None
    assert "4 of 6 hires" in speaks.see(REPORT + earlier[1])


def test_rows_show_a_reference_and_no_name(hr: User, hires: list[Hire], stall: Channel) -> None:
    Candidate.objects.filter(pk=hires[0].candidate_id).update(name="Jo Marsh", email="jo@example.org")

    page = Console(hr).see(at(ROWS, **FEBRUARY, channel=stall.pk))

    assert hires[0].candidate.reference in page
    assert "Night nurse" in page
    assert "Jo Marsh" not in page
    assert "jo@example.org" not in page


@pytest.mark.parametrize("query", [{"channel": 999}, {"team": "x"}, {"campaign": "9" * 30}])
def test_row_that_is_not_there(hr: User, query: dict[str, Any]) -> None:
    Console(hr).see(at(ROWS, **FEBRUARY, **query), 404)


def test_file_holds_what_is_shown(hr: User, hires: list[Hire], stall: Channel) -> None:
    Channel.objects.filter(pk=stall.pk).update(name="=Stall")

    by_channel = Console(hr).client.get(at(f"/console{REPORT}", **FEBRUARY, format="csv"))
    by_team = Console(hr).cells(at(REPORT, **FEBRUARY, by="team", format="csv"))

    assert by_channel.headers["Content-Type"].startswith("text/csv")
    assert 'filename="source-of-hire-by-channel-2026-02-01-2026-02-28.csv"' in by_channel.headers["Content-Disposition"]
    assert [",".join(line) for line in Console(hr).cells(at(REPORT, **FEBRUARY, format="csv"))] == [
        "From,To,Credit,Figures,Channel,Source,Hires,Share",
        "2026-02-01,2026-02-28,First touch,exact,'=Stall,All,3,0.5",
        "2026-02-01,2026-02-28,First touch,exact,Hospital radio,All,1,0.1667",
        "2026-02-01,2026-02-28,First touch,exact,Not recorded,All,2,0.3333",
        "2026-02-01,2026-02-28,First touch,exact,All,All,6,",
    ]
    assert ["exact", "Coral ward", "Not recorded", "1", "0.3333"] in [line[-5:] for line in by_team]


@pytest.mark.parametrize("role", ["reader", "comms", "approver"])
@pytest.mark.parametrize("by", ["channel", "team", "campaign"])
def test_others_see_rounded_figures_and_no_rows(stall: Channel, radio: Channel, role: str, by: str) -> None:
    with_many(stall, 12)
    with_many(radio, 3)
    speaks = Console(factories.person(role))

    page = speaks.see(at(REPORT, by=by))
    body = page.split("<main")[1]

    assert "About 15 of about 15 hires have a source on record." in body
    assert "Hospital radio" not in body
    assert ("Stall" in body) is (by == "channel")
    assert f"Every {by} with fewer than 8 hires, or none, is not shown." in body
    assert ROWS not in body
    assert "AR-260223" not in body
    figures = re.findall(r"\d+", re.sub(r"<[^>]*>", " ", body.split("to 31 March 2026.")[1]))
    assert set(figures) <= {"5", "8", "10", "15", "67", "100"}
    speaks.see(ROWS, 403)


@pytest.mark.parametrize(
    "query",
    [
        FEBRUARY,
        {"period": "quarter"},
        {"period": "own", "from": "2026-02-01", "to": "2026-02-01"},
        {"from": "2026-02-10", "to": "2026-02-12"},
        {"period": "2025", "from": "2026-02-10", "to": "2026-02-12"},
    ],
)
def test_others_cannot_narrow_the_period(manager: User, stall: Channel, query: dict[str, str]) -> None:
    with_many(stall, 12)

    page = Console(manager).see(at(REPORT, **query))

    assert "from 1 April 2025 to 31 March 2026" in page
    assert "About 10 of about 10 hires" in page
    assert "Custom dates" not in page


def test_other_years_are_chosen_and_small_ones_are_not_told(manager: User, stall: Channel, hires: list[Hire]) -> None:
    speaks = Console(manager)

    assert "Fewer than 8 hires in this year." in speaks.see(REPORT)
    assert "2025–26" in speaks.see(REPORT)
    assert "from 1 April 2024 to 31 March 2025" in speaks.see(at(REPORT, period="2024"))
    assert "No hires in this period." in speaks.see(at(REPORT, period="2024"))
    assert "from 1 April 2025 to 31 March 2026" in speaks.see(at(REPORT, period="2026"))  # it has no quarter yet


def test_file_of_others_is_rounded_too(manager: User, stall: Channel, radio: Channel) -> None:
    with_many(stall, 12)
    with_many(radio, 3)

    told = Console(manager).cells(at(REPORT, **FEBRUARY, format="csv"))

    assert [",".join(line) for line in told[1:]] == [
        "2025-04-01,2026-03-31,First touch,rounded,Stall,All,10,0.6667",
        "2025-04-01,2026-03-31,First touch,rounded,All,All,15,",
    ]


@pytest.mark.parametrize("role", ["hr", "reader"])
@pytest.mark.parametrize("by", ["channel", "team"])
def test_pages_cost_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries, hires: list[Hire], stall: Channel, role: str, by: str
) -> None:
    with_many(stall, 12)
    Organisation.current()
    speaks = Console(factories.person(role))

    for address in (at(REPORT, by=by), at(ROWS, **FEBRUARY)) if role == "hr" else (at(REPORT, by=by),):
        with django_assert_max_num_queries(12):
            speaks.see(address)


def test_rows_come_page_by_page(hr: User, stall: Channel) -> None:
    with_many(stall, 28)
    with_many(stall, 5)
    speaks = Console(hr)

    first = speaks.see(at(ROWS, **FEBRUARY))
    following = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert following is not None
    second = speaks.see(ROWS + following[1])

    shown = re.findall(r"AR-260223-\d{4}", first + second)
    assert (len(shown), len(set(shown))) == (33, 33)
