"""What a reader may learn of the report: nobody is singled out, by subtraction, by narrowing, or by watching."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.figures import periods
from campaigns.figures.periods import Period
from campaigns.hiring import disclosure_control, reports
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import AttributionModel
from campaigns.hiring.reports import Row
from tests.campaigns.hiring import factories as make

YEAR = {"start": date(2018, 4, 1), "end": date(2019, 3, 31)}
LATER = date(2020, 6, 1)


def exactly(counts: dict[int | None, int]) -> reports.SourceOfHire:
    total, none = sum(counts.values()), counts.get(None, 0)
    rows = [
        Row(key=key, name=f"Channel {key}", hires=number, share=Fraction(number, total), sources=(Row(1, "x", 1, 1),))
        for key, number in counts.items()
        if number
    ]
    return reports.SourceOfHire(
        period=Period(**YEAR),
        model=AttributionModel.FIRST,
        by=reports.Grouping.CHANNEL,
        definition="",
        total=total,
        recorded=total - none,
        not_recorded=none,
        share_not_recorded=Fraction(none, total) if total else Fraction(0),
        rows=tuple(rows),
    )


def could_have_been(told: int | None) -> range:
    """What a figure may have been, read from what is told."""
    if told is None:
        return range(1, 8)
    return range(max(8, told - 2), told + 3) if told else range(1)


@given(st.dictionaries(st.none() | st.integers(1, 4), st.integers(0, 40), max_size=5))
def test_total_less_the_rows_never_tells_of_a_few(counts):
    report = disclosure_control._published(exactly(counts))
    shown = {row.key: could_have_been(row.hires) for row in report.rows}
    hidden = [key for key in (None, 1, 2, 3, 4) if key not in shown]
    total = could_have_been(report.total)
    assert all(counts[key] in known for key, known in shown.items())
    assert sum(counts.values()) in total
    if not report.total or not hidden:
        return
    least = total[0] - sum(known[-1] for known in shown.values()) - 7 * (len(hidden) - 1)
    most = total[-1] - sum(known[0] for known in shown.values())
    assert least <= 0 or most >= 5
    if report.recorded and report.not_recorded is None:
        recorded = could_have_been(report.recorded)
        assert total[0] <= recorded[-1] or total[-1] - recorded[0] >= 5


@pytest.mark.parametrize(
    ("counts", "total", "recorded", "not_recorded", "rows"),
    [
        ({}, 0, 0, 0, {}),
        ({1: 7}, None, None, None, {}),
        ({1: 8}, 10, 10, None, {1: 10}),
        ({1: 12, 2: 3, None: 2}, 15, 15, None, {1: 10}),
        ({1: 30, None: 11}, 40, 30, 10, {1: 30, None: 10}),
        ({1: 3, None: 10}, 15, None, 10, {None: 10}),
        ({1: 9, None: 8}, 15, 10, 10, {1: 10, None: 10}),
        ({None: 9}, 10, None, 10, {None: 10}),
    ],
)
def test_figures_are_rounded_and_small_ones_left_out(counts, total, recorded, not_recorded, rows):
    report = disclosure_control._published(exactly(counts))
    assert (report.exact, report.total, report.recorded, report.not_recorded) == (False, total, recorded, not_recorded)
    assert {row.key: row.hires for row in report.rows} == rows
    assert all(row.sources == () and row.share <= 1 for row in report.rows)


def test_rows_stand_in_the_order_of_what_is_told():
    report = disclosure_control._published(exactly({1: 8, 2: 12, None: 40}))
    assert [row.key for row in report.rows] == [1, 2, None]


@pytest.mark.django_db
@pytest.mark.parametrize("by", reports.Grouping.values)
@pytest.mark.parametrize("model", AttributionModel.values)
def test_no_row_is_divided(model, by):
    twitter, post = make.channel("twitter"), make.vacancy(team=make.team("Ward"), campaign=make.campaign("Autumn"))
    for day in range(1, 10):
        make.hire(date(2018, 9, day), [(twitter, make.london(2018, 9, 1))], post=post, stated=twitter)
    report = disclosure_control.source_of_hire(**YEAR, model=model, by=by, today=LATER)
    assert [(row.hires, row.sources) for row in report.rows] == [(10, ())]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2018, 4, 1), date(2018, 6, 30)),
        (date(2018, 4, 1), date(2019, 3, 30)),
        (date(2018, 4, 2), date(2019, 3, 31)),
        (date(2017, 4, 1), date(2019, 3, 31)),
        (date(2018, 1, 1), date(2018, 12, 31)),
    ],
)
def test_only_one_financial_year_is_told(start, end):
    with pytest.raises(InvalidHiring) as refused:
        disclosure_control.source_of_hire(start=start, end=end, model="first", today=LATER)
    assert (refused.value.code, refused.value.field) == ("small_numbers", "end")


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2018, 7, 1), date(2018, 6, 30)),
        (date(2018, 9, 30), date(2018, 6, 30)),
        (date(2019, 3, 31), date(2018, 12, 31)),
        (date(2019, 4, 1), date(2019, 3, 31)),
    ],
)
def test_present_year_counts_whole_quarters_that_are_over(today, last):
    assert disclosure_control.published_period(**YEAR, today=today) == Period(date(2018, 4, 1), last)
    assert disclosure_control.latest(today) == 2018


def test_year_whose_first_quarter_is_not_over_is_not_told():
    with pytest.raises(InvalidHiring, match="2018–19 are available after its first quarter, from 2018-07-01"):
        disclosure_control.published_period(**YEAR, today=date(2018, 6, 30))
    assert disclosure_control.latest(date(2018, 6, 30)) == 2017


def test_periods():
    assert periods.quarter_of(date(2026, 11, 25)) == Period(date(2026, 10, 1), date(2026, 12, 31))
    assert periods.quarter_before(date(2026, 2, 1)) == Period(date(2025, 10, 1), date(2025, 12, 31))
    assert periods.twelve_months_to(date(2024, 2, 29)) == Period(date(2023, 3, 1), date(2024, 2, 29))
    assert periods.financial_year(1999) == Period(date(1999, 4, 1), date(2000, 3, 31))
    assert [periods.financial_year_of(day) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [2025, 2026]
    assert periods.format_financial_year(1999) == "1999–00"
