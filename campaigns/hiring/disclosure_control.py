"""What may be told of the report to whoever may not open the hires behind it, so that nobody is singled out.

Figures of fewer than 8 are not told, all others are rounded to 5. Three more rules keep what is not told from being
worked out:

- By subtraction: a row under 8 is left out, and so cannot be told from a row of none; no row is divided further, and
  total and rows are rounded each by itself. The total less the rows shown leaves a range that begins with none or
  reaches 5, never one person.
- By narrowing: there is one financial year at a time. No two of them overlap, so none can be taken from another.
- By watching: the present year counts to the end of its last whole quarter, so a new hire does not show on its day.

Who may see exact figures is for the faces to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from campaigns.figures import periods
from campaigns.figures.periods import Period
from campaigns.hiring import reports
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.reports import Row, SourceOfHire
from campaigns.planning import organisation_clock

SMALLEST = 8
ROUNDED_TO = 5


def source_of_hire(
    *, start: date, end: date, model: str, by: str = reports.Grouping.CHANNEL, today: date | None = None
) -> SourceOfHire:
    """The report as anybody may read it: rounded, without rows of fewer than 8, None for each total that is not told.

    Raises InvalidHiring (field `end`) for anything but one financial year, and for a year whose first quarter is not
    over; otherwise as reports.source_of_hire does. The report's period says to which day was counted."""
    year = published_period(start=start, end=end, today=today or organisation_clock.today())
    return _published(reports.source_of_hire(start=year.start, end=year.end, model=model, by=by))


def published_period(*, start: date, end: date, today: date) -> Period:
    """The part of this financial year that is counted on that day. Raises InvalidHiring."""
    first = periods.financial_year_of(start)
    year = periods.financial_year(first)
    if Period(start, end) != year:
        raise InvalidHiring(
            "To protect people’s identity, your role can only see figures for a whole financial year. Choose "
            f"1 April to 31 March, for example {year.start} to {year.end}.",
            code="small_numbers",
            field="end",
        )
    last = min(year.end, periods.quarter_of(today).start - timedelta(days=1))
    if last < year.start:
        shown_from = periods.quarter_of(year.start).end + timedelta(days=1)
        raise InvalidHiring(
            f"Figures of {periods.format_financial_year(first)} are available after its first quarter, from "
            f"{shown_from}.",
            code="small_numbers",
            field="end",
        )
    return Period(year.start, last)


def latest(today: date) -> int:
    """The financial year that was counted last: the calendar year in which it began."""
    return periods.financial_year_of(periods.quarter_before(today).start)


def _published(report: SourceOfHire) -> SourceOfHire:
    total = _told(report.total)
    if total == 0:
        return replace(report, exact=False)
    recorded, not_recorded = _told(report.recorded) or None, _told(report.not_recorded) or None
    return replace(
        report,
        exact=False,
        total=total,
        recorded=recorded,
        not_recorded=not_recorded,
        share_not_recorded=_share(not_recorded, total) if total and not_recorded else None,
        rows=tuple(_rows(report.rows, total)),
    )


def _rows(rows: tuple[Row, ...], total: int | None) -> list[Row]:
    told = [
        Row(key=row.key, name=row.name, hires=hires, share=_share(hires, total or hires))
        for row in rows
        if (hires := _told(row.hires))
    ]
    return sorted(told, key=reports.order)


def _told(number: int | None) -> int | None:
    """A figure as it is told. Beside a total, none and a few are the same to a reader."""
    if number is None or 0 < number < SMALLEST:
        return None
    return (number + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(0)
