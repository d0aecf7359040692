"""A rule of recurrence in words, where it is of the simple kind that people make."""

from __future__ import annotations

from datetime import date, time

from campaigns.planning import organisation_clock
from campaigns.planning.models import Recurrence, Weekday

DAYS = dict(Weekday.choices)
TOLD = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYHOUR", "BYMINUTE", "COUNT", "UNTIL", "WKST"}
UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month"}


def in_words(row: Recurrence) -> str:
    """Such as "Every 2 weeks on Monday and Thursday at 08:30, until 3 Nov 2026"; the rule itself where its words would
    say less than it does."""
    parts = dict(part.split("=", 1) for part in row.rule.split(";"))
    often = _often(parts, row)
    zone = f" ({another})" if (another := organisation_clock.another(row.zone)) else ""
    if often is None or not parts.keys() <= TOLD or "," in parts.get("BYHOUR", ""):
        return f"Custom rule {row.rule}, from {row.starts_at:%H:%M}{zone}"
    hour, minute = (int(parts.get(name, now)) for name, now in _clock(row.starts_time))
    return f"{often} at {hour:02}:{minute:02}{zone}{_end(parts)}"


def _clock(at: time) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("BYHOUR", at.hour), ("BYMINUTE", at.minute)


def _often(parts: dict[str, str], row: Recurrence) -> str | None:
    unit, number = UNITS.get(parts["FREQ"]), parts.get("INTERVAL", "1")
    if unit is None:
        return None
    every = f"Every {unit}" if number == "1" else f"Every {number} {unit}s"
    if unit == "day":
        return every if not parts.keys() & {"BYDAY", "BYMONTHDAY"} else None
    if unit == "week":
        days = parts.get("BYDAY", Weekday.values[row.starts_on.weekday()]).split(",")
        return _weekly(every, days, number) if set(days) <= DAYS.keys() and "BYMONTHDAY" not in parts else None
    if "BYDAY" in parts:
        return None
    days = parts.get("BYMONTHDAY", str(row.starts_on.day)).split(",")
    if any(day.startswith("-") and day != "-1" for day in days):
        return None
    return f"{every} on {_listed(['the last day' if day == '-1' else f'day {int(day)}' for day in days])}"


def _weekly(every: str, days: list[str], number: str) -> str:
    named = [DAYS[day] for day in Weekday.values if day in days]
    if len(named) == len(DAYS) and number == "1":
        return "Every day"
    return f"Every {_listed(named)}" if number == "1" else f"{every} on {_listed(named)}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _end(parts: dict[str, str]) -> str:
    if "COUNT" in parts:
        return f", {parts['COUNT']} times"
    if "UNTIL" not in parts:
        return ""
    until = parts["UNTIL"]
    last = date(int(until[:4]), int(until[4:6]), int(until[6:8]))
    return f", until {last.day} {last:%b %Y}"
