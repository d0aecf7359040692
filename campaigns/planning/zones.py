"""Names of time zones, as IANA's table has them. Which one counts is the clock's to say."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


@cache
def names() -> frozenset[str]:
    """Kept, because looking costs a walk through some six hundred files."""
    return frozenset(available_timezones())


def unknown_zone(name: str) -> str:
    """What to say of a name that is none."""
    return f"There is no time zone {name[:60]!r}. Use a name like Europe/London."


def validate_zone(name: str) -> None:
    """For a model's field. Raises ValidationError."""
    if name not in names():
        raise ValidationError(unknown_zone(name))
