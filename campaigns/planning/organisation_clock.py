"""The organisation's clock: what day it is there, when its days begin and end, and how a moment is written. And wall
clocks: a time as a person chose it, and what it is in UTC on any night of the year.

Every function that takes a `zone` uses the organisation's where none is given. In the console each person reads times
in a zone of their own, which is Django's current time zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from time import monotonic
from zoneinfo import ZoneInfo

from django.apps import apps
from django.utils import timezone

from campaigns.planning import zones
from campaigns.planning.errors import InvalidPlan

READ_AGAIN_AFTER = 2.0
"""Seconds for which a process takes the organisation's zone from memory: so long may two of them disagree about it
after it was changed. It is asked for many times on each page."""
FIRST_YEAR, LAST_YEAR = 1971, 2200
FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
UNITED_KINGDOM = "Europe/London"
OUTSIDE_YEARS = f"Choose a date between {FIRST_YEAR} and {LAST_YEAR}."

_remembered: tuple[float, ZoneInfo] | None = None
"""The organisation's zone, and until when on the monotonic clock it counts."""


def organisation_zone() -> ZoneInfo:
    """At most READ_AGAIN_AFTER seconds old; in the process that changed it, as it is now."""
    global _remembered
    remembered = _remembered
    if remembered is None or monotonic() > remembered[0]:
        rows = apps.get_model("planning", "Organisation")  # the models themselves ask this clock
        name = rows.objects.values_list("zone", flat=True).first()
        zone = ZoneInfo(name or rows._meta.get_field("zone").default)
        remembered = _remembered = (monotonic() + READ_AGAIN_AFTER, zone)
    return remembered[1]


def organisation_zone_name() -> str:
    """Its IANA name. The zone of whatever is planned without naming one."""
    return organisation_zone().key


def forget_organisation_zone() -> None:
    """The next question reads it again. Call when it was changed, after the change is committed."""
    global _remembered
    _remembered = None


def today(now: datetime | None = None) -> date:
    return day_of(now or timezone.now())


def day_of(at: datetime, zone: tzinfo | None = None) -> date:
    return to_local(at, zone).date()


def to_local(at: datetime, zone: tzinfo | None = None) -> datetime:
    """A moment with that clock's offset."""
    return at.astimezone(zone or organisation_zone())


def start_of(day: date, zone: tzinfo | None = None) -> datetime:
    """Its midnight in UTC; where the clocks skip midnight, the first moment after it."""
    return to_utc_moved_on(datetime.combine(day, time.min), zone or organisation_zone())


def end_of(day: date, zone: tzinfo | None = None) -> datetime:
    """The first moment of the next day, in UTC."""
    return start_of(day + timedelta(days=1), zone)


def span_of(first: date, last: date, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, in UTC."""
    return start_of(first, zone), end_of(last, zone)


def format_day(day: date) -> str:
    """Such as "31 October 2018"."""
    return f"{day.day} {day:%B %Y}"


def format_moment(at: datetime, zone: tzinfo | None = None) -> str:
    """Such as "Wednesday 31 October 2018, 23:59"."""
    local = to_local(at, zone)
    return f"{local:%A} {format_day(local)}, {local:%H:%M}"


def format_span(start: datetime, end: datetime | None, zone: tzinfo | None = None) -> str:
    """Such as "Wednesday 31 October 2018, 18:00 to 20:00"."""
    if end is None or end == start:
        return format_moment(start, zone)
    same_day = day_of(start, zone) == day_of(end, zone)
    last = f"{to_local(end, zone):%H:%M}" if same_day else format_moment(end, zone)
    return f"{format_moment(start, zone)} to {last}"


def format_short_day(day: date, *, today: date | None = None) -> str:
    """Such as "Wed 31 Oct", and with its year where that is another one than today's."""
    return f"{day:%a} {day.day} {day:%b}" + (f" {day:%Y}" if today and day.year != today.year else "")


def format_short_moment(at: datetime, zone: tzinfo | None = None, *, today: date | None = None) -> str:
    """Such as "Wed 31 Oct 23:59"; the year as in format_short_day."""
    local = to_local(at, zone)
    return f"{format_short_day(local, today=today)} {local:%H:%M}"


def is_within_years(day: date) -> bool:
    """Whether it may be planned: clocks of earlier and later years are not ours to know."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def find_zone(name: str, *, field: str = "zone") -> ZoneInfo:
    """The zone of an IANA name. Raises InvalidPlan."""
    if name not in zones.names():
        raise InvalidPlan(zones.unknown_zone(name), field=field)
    return ZoneInfo(name)


def another(zone: str) -> str:
    """Such as "New York time", where that clock is not the reader's own; empty where it is."""
    return "" if zone == timezone.get_current_timezone_name() else format_zone(zone)


def format_zone(zone: str) -> str:
    """Such as "New York time", after the zone's city; the United Kingdom calls its own "UK time"."""
    return "UK time" if zone == UNITED_KINGDOM else f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def to_utc(moment: datetime, zone: str | None = None, *, field: str) -> datetime:
    """UTC of a moment. One without an offset is read on the wall clock of `zone`; the hour that happens twice in
    autumn is taken the first time, and a time that spring leaves out is refused. Raises InvalidPlan."""
    place = find_zone(zone) if zone is not None else organisation_zone()
    if moment.tzinfo is not None:
        return _within_range(moment, field).astimezone(UTC)
    local = _within_range(moment.replace(tzinfo=place, fold=0), field)
    utc = local.astimezone(UTC)
    if utc.astimezone(place).replace(tzinfo=None) != moment:
        raise InvalidPlan(
            f"{moment:%H:%M} does not exist on {moment:%d %B %Y} in {format_zone(place.key)}: the clocks go forward. "
            "Choose a time an hour later.",
            field=field,
        )
    return utc


def to_utc_moved_on(wall: datetime, place: tzinfo) -> datetime:
    """UTC of a wall-clock time that comes from a rule, where nobody can be asked for a better one: what spring leaves
    out moves on by the hour that is missing, and the doubled hour is taken the first time (RFC 5545, 3.3.5)."""
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)


def _within_range(moment: datetime, field: str) -> datetime:
    if not is_within_years(moment):
        raise InvalidPlan(OUTSIDE_YEARS, field=field)
    return moment
