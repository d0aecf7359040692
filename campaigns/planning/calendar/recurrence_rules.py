"""Rules of recurrence (RFC 5545, RRULE): which are taken, and the moments that they mean.

A rule counts on the wall clock of its zone; only then does each time become UTC, so that nine o'clock stays nine
o'clock on both sides of a clock change.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from campaigns.planning import organisation_clock
from campaigns.planning.errors import InvalidPlan

SEARCH = timedelta(days=5 * 366)
"""How far ahead a next time is looked for. Without an end, a rule that never fits is followed to the year 9999."""
AT_MOST = 1000
OFTEN = {"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

_DAY = r"(MO|TU|WE|TH|FR|SA|SU)"
_WORDS = {
    "BYDAY": re.compile(rf"([+-]?[1-9][0-9]?)?{_DAY}(,([+-]?[1-9][0-9]?)?{_DAY})*"),
    "WKST": re.compile(_DAY),
    "UNTIL": re.compile(r"[12][0-9]{7}(T[0-9]{6}Z?)?"),
}
# Lowest and highest number, and whether it may count from the end.
_NUMBERS = {
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
    "INTERVAL": (1, 1000, False),
    "COUNT": (1, AT_MOST, False),
}
_DAYS = {"BYDAY", "BYMONTH", "BYMONTHDAY"}
_SINGLE = {"INTERVAL", "COUNT", "BYMINUTE"}


def validate_rule(text: str) -> str:
    """The rule as it is kept: capitals, without RRULE: in front. Raises InvalidPlan."""
    rule = text.strip().upper().removeprefix("RRULE:")
    parts = _parts(rule)
    if parts.get("FREQ") in ("SECONDLY", "MINUTELY") or "BYSECOND" in parts or "," in parts.get("BYMINUTE", ""):
        raise _refused("A rule repeats once an hour at most: FREQ from HOURLY to YEARLY, one BYMINUTE, no BYSECOND.")
    if parts.get("FREQ") not in OFTEN:
        raise _refused("It must start with FREQ=HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused("Use COUNT or UNTIL, not both.")
    for name, value in parts.items():
        _check_part(name, value)
    _check_together(parts)
    return rule


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) != len(pairs) or not all(parts.values()):
        raise _refused("It is a list such as FREQ=WEEKLY;BYDAY=MO, each part once.")
    return parts


def _check_part(name: str, value: str) -> None:
    if name in _WORDS:
        good = _WORDS[name].fullmatch(value) is not None
    elif name in _NUMBERS:
        numbers = value.split(",")
        good = (len(numbers) == 1 or name not in _SINGLE) and all(_fits(name, number) for number in numbers)
    else:
        good = name == "FREQ"
    if not good:
        raise _refused(f"{name[:20]}={value[:40]} cannot be used.")


def _check_together(parts: dict[str, str]) -> None:
    """What RFC 5545 does not combine, and what could never fit: the library would look through eight thousand years
    of days for it."""
    often = parts["FREQ"]
    counted = "BYDAY" in parts and any(character.isdigit() for character in parts["BYDAY"])
    if often != "YEARLY" and ("BYWEEKNO" in parts or "BYYEARDAY" in parts):
        raise _refused("BYWEEKNO and BYYEARDAY go with FREQ=YEARLY.")
    if often not in ("MONTHLY", "YEARLY") and ("BYSETPOS" in parts or counted):
        raise _refused("BYSETPOS and a counted BYDAY go with FREQ=MONTHLY or YEARLY.")
    if often == "WEEKLY" and "BYMONTHDAY" in parts:
        raise _refused("BYMONTHDAY does not go with FREQ=WEEKLY.")
    if often in ("HOURLY", "DAILY") and parts.get("INTERVAL", "1") != "1" and parts.keys() & _DAYS:
        raise _refused(f"INTERVAL with FREQ={often} goes without {', '.join(sorted(_DAYS))}.")
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:
        longest = max(monthrange(2024, int(month))[1] for month in parts["BYMONTH"].split(","))
        if all(abs(int(day)) > longest for day in parts["BYMONTHDAY"].split(",")):
            raise _refused("No such month has such a day.")


def _fits(name: str, number: str) -> bool:
    low, high, from_the_end = _NUMBERS[name]
    pattern = r"[+-]?[0-9]{1,4}" if from_the_end else r"[0-9]{1,4}"
    return re.fullmatch(pattern, number) is not None and low <= abs(int(number)) <= high


def _refused(why: str) -> InvalidPlan:
    return InvalidPlan(f"This rule cannot be used. {why}", field="rule")


def occurrences(rule: str, starts_at: datetime, zone: str, *, since: datetime) -> Iterator[datetime]:
    """The moments of a checked rule at or after `since`, in UTC, for the next five years. `starts_at` is a wall-clock
    time in `zone`. A time that spring leaves out moves on by the hour; the hour that happens twice in autumn is taken
    the first time; what falls together by that comes once. Raises InvalidPlan for a rule that contradicts itself.
    """
    place = organisation_clock.find_zone(zone)
    parts = _parts(rule)
    count = int(parts.pop("COUNT", 0))
    last = max(_wall(since, place), starts_at) + SEARCH
    parts["UNTIL"] = f"{min(last, _until(parts.get('UNTIL'), place) or last):%Y%m%dT%H%M%S}"
    try:
        times = iter(rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=starts_at))
        before = None
        for wall in islice(times, count) if count else times:
            at = organisation_clock.to_utc_moved_on(wall, place)
            if at >= since and at != before:
                yield at
            before = at
    except (ValueError, TypeError, IndexError, OverflowError):
        raise _refused("Its parts contradict one another.") from None


def _until(value: str | None, place: ZoneInfo) -> datetime | None:
    """The last wall-clock time; of a day without a time, its end."""
    if value is None:
        return None
    try:
        if "T" not in value:
            return datetime.strptime(value + "T235959", "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall clock
        wall = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall clock
    except ValueError:
        raise _refused(f"UNTIL={value} is no date.") from None
    return _wall(wall.replace(tzinfo=UTC), place) if value.endswith("Z") else wall


def _wall(moment: datetime, place: ZoneInfo) -> datetime:
    return moment.astimezone(place).replace(tzinfo=None)
