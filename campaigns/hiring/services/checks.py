"""Questions of time that every verb of this room asks. Days are days on the organisation's clock."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.planning import organisation_clock


def moment_not_in_future(at: datetime, field: str) -> datetime:
    if timezone.is_naive(at):
        raise InvalidHiring("Enter the time with its time zone.", code="no_zone", field=field)
    if at > timezone.now():
        raise InvalidHiring("This time is in the future.", code="in_future", field=field)
    return at


def day_not_in_future(day: date, field: str) -> date:
    if day > organisation_clock.today():
        raise InvalidHiring("This date is in the future.", code="in_future", field=field)
    return day


def check_moved(moved: bool) -> None:
    if not moved:
        raise HiringRefused(
            "Someone else changed this at the same time. Check it, then try again.", code="changed_meanwhile"
        )
