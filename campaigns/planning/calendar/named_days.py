"""Days that have a name whatever anybody plans: bank holidays in England, awareness days, and the nights on which the
organisation's clock changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from zoneinfo import ZoneInfo

import holidays

from campaigns.planning import organisation_clock
from campaigns.planning.calendar import awareness_days

TYPES = ("awareness", "bank_holiday", "clock_change")
YEARS = 20
"""How many years are kept in memory; a year takes some milliseconds to work out."""


@dataclass(frozen=True)
class NamedDay:
    """One day or several in a row. Lines of a calendar stand by time, then type, then id."""

    type: str
    """awareness | bank_holiday | clock_change"""
    id: int
    """Its place among those of its type in the year."""
    title: str
    first: date
    last: date
    source: str
    """Whose day it is, and by which rule."""
    at: datetime
    ends_at: datetime | None
    """The midnight after its last day; a change of clocks takes no time."""

    @property
    def position(self) -> tuple[datetime, str, int]:
        return self.at, self.type, self.id

    @property
    def all_day(self) -> bool:
        return self.ends_at is not None


def days_starting(start: datetime, end: datetime, types: Iterable[str] = TYPES) -> Iterator[NamedDay]:
    """Those that begin at or after `start` and before `end`, in order; worked out year by year as they are read."""
    wanted = frozenset(types)
    zone = organisation_clock.organisation_zone()
    for year in range(organisation_clock.day_of(start, zone).year, organisation_clock.day_of(end, zone).year + 1):
        for day in _of_year(year, zone):
            if start <= day.at < end and day.type in wanted:
                yield day


def days_touching(first: date, last: date) -> list[NamedDay]:
    """Those of which at least one day lies between these two, both included; also what began before."""
    zone = organisation_clock.organisation_zone()
    years = range(first.year, last.year + 1)
    return [day for year in years for day in _of_year(year, zone) if _touches(day, first, last)]


def _touches(day: NamedDay, first: date, last: date) -> bool:
    return day.first <= last and day.last >= first


def bank_holidays(first: date, last: date) -> dict[date, str]:
    """The bank holidays in England between these two days, both included."""
    return {day.first: day.title for day in days_touching(first, last) if day.type == "bank_holiday"}


@lru_cache(YEARS)
def _of_year(year: int, zone: ZoneInfo) -> tuple[NamedDay, ...]:
    sources = (_awareness(year, zone), _bank_holidays(year, zone), _clock_changes(year, zone))
    return tuple(merge(*(sorted(source, key=_position) for source in sources), key=_position))


def _position(day: NamedDay) -> tuple[datetime, str, int]:
    return day.position


def _whole_days(type_: str, number: int, title: str, first: date, last: date, source: str, zone: ZoneInfo) -> NamedDay:
    at, ends_at = organisation_clock.span_of(first, last, zone)
    return NamedDay(type_, number, title, first, last, source, at=at, ends_at=ends_at)


def _awareness(year: int, zone: ZoneInfo) -> Iterator[NamedDay]:
    for number, occasion in enumerate(awareness_days.OCCASIONS, start=1):
        name, (first, last) = occasion.in_year(year)
        yield _whole_days("awareness", number, name, first, last, occasion.source, zone)


def _bank_holidays(year: int, zone: ZoneInfo) -> Iterator[NamedDay]:
    found = holidays.country_holidays("GB", subdiv="ENG", years=year, language="en_GB")
    for number, day in enumerate(sorted(found), start=1):
        title = found[day].replace("(observed)", "(substitute day)")
        yield _whole_days("bank_holiday", number, title, day, day, "Bank holiday in England", zone)


def _clock_changes(year: int, zone: ZoneInfo) -> Iterator[NamedDay]:
    """Each day of the year whose midnights are not 24 hours apart, and on it the hour at which the clocks change."""
    number = 0
    for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        start, end = organisation_clock.span_of(day, day, zone)
        if end - start == timedelta(days=1):
            continue
        number += 1
        at = next(
            hour for n in range(1, 26) if _offset(hour := start + n * timedelta(hours=1), zone) != _offset(start, zone)
        )
        way = "forward" if _offset(at, zone) > _offset(start, zone) else "back"
        old, new = (at + _offset(start, zone)), (at + _offset(at, zone))
        title = f"Clocks go {way}: {old:%H:%M} becomes {new:%H:%M}"
        yield NamedDay("clock_change", number, title, day, day, f"Time zone {zone.key}", at=at, ends_at=None)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None  # noqa: S101 - a ZoneInfo always has one
    return found
