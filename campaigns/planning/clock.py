"""Wall clocks: a time as a person chose it, and what it is in UTC on any night of the year."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

from campaigns.planning.errors import InvalidPlan


@cache
def _zones() -> frozenset[str]:
    """Kept, because looking costs a walk through some six hundred files."""
    return frozenset(available_timezones())


def zone_named(name: str, *, field: str = "zone") -> ZoneInfo:
    """The zone of an IANA name. Raises InvalidPlan."""
    if name not in _zones():
        raise InvalidPlan(f"There is no time zone {name[:60]!r}. Use a name such as Europe/London.", field=field)
    return ZoneInfo(name)


def another(zone: str) -> str:
    """Such as "New York time", where that clock is not the reader's own; empty where it is."""
    if zone == timezone.get_current_timezone_name():
        return ""
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def to_utc(moment: datetime, zone: str, *, field: str) -> datetime:
    """UTC of a moment. One without an offset is read on the wall clock of `zone`; the hour that happens twice in
    autumn is taken the first time, and a time that spring leaves out is refused. Raises InvalidPlan."""
    place = zone_named(zone)
    if moment.tzinfo is not None:
        return _within_range(moment, field).astimezone(UTC)
    local = _within_range(moment.replace(tzinfo=place, fold=0), field)
    utc = local.astimezone(UTC)
    if utc.astimezone(place).replace(tzinfo=None) != moment:
        raise InvalidPlan(
            f"{moment:%H:%M} does not exist on {moment:%d %B %Y} in {zone}: the clocks go forward. "
            "Choose a time an hour later.",
            field=field,
        )
    return utc


def to_utc_moved_on(wall: datetime, place: ZoneInfo) -> datetime:
    """UTC of a wall-clock time that comes from a rule, where nobody can be asked for a better one: what spring leaves
    out moves on by the hour that is missing, and the doubled hour is taken the first time (RFC 5545, 3.3.5)."""
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)


def _within_range(moment: datetime, field: str) -> datetime:
    if not 1971 <= moment.year <= 2200:
        raise InvalidPlan("Choose a date between 1971 and 2200.", field=field)
    return moment
