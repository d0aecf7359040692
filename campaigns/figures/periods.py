"""Periods that reports are asked for. Quarters and financial years are those of the NHS: a year begins on 1 April."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

APRIL = 4


@dataclass(frozen=True, slots=True)
class Period:
    """Days of acceptance, both included."""

    start: date
    end: date


def quarter_of(day: date) -> Period:
    start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(start, start + relativedelta(months=3) - timedelta(days=1))


def quarter_before(day: date) -> Period:
    return quarter_of(quarter_of(day).start - timedelta(days=1))


def twelve_months_to(day: date) -> Period:
    return Period(day - relativedelta(years=1) + timedelta(days=1), day)


def financial_year(first: int) -> Period:
    """1 April of the year `first` to 31 March of the next."""
    return Period(date(first, APRIL, 1), date(first + 1, APRIL - 1, 31))


def financial_year_of(day: date) -> int:
    """The calendar year in which the financial year of this day began."""
    return day.year if day.month >= APRIL else day.year - 1


def format_financial_year(first: int) -> str:
    """A financial year as it is written: 2025–26."""
    return f"{first}–{(first + 1) % 100:02}"
