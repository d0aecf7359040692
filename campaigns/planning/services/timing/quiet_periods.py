"""Quiet hours and blackouts: when a channel keeps still, and until when what falls due is put off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import organisation_clock, validation
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Channel, Publication, PublicationState, QuietPeriod, Reason, Weekday

WEEK = timedelta(days=7)
IN_A_ROW = 100
"""Periods that follow one another without a gap are taken together, up to this many."""


@dataclass(frozen=True)
class QuietTime:
    until: datetime
    reason: str


@transaction.atomic
def add_quiet_period(*, channel: Channel, kind: str, by: models.Model | None, **fields: Any) -> QuietPeriod:
    """Keep a channel still: `weekdays`, `from_time`, `to_time` and `zone` of quiet hours, or `starts_at`, `ends_at`
    and `reason` of a blackout.

    Raises InvalidPlan: what the kind needs and is missing, an end that is not after the start, quiet hours that with
    the others leave no time in the week.
    """
    Channel.objects.select_for_update().get(pk=channel.pk)
    period = QuietPeriod(channel=channel, kind=kind, created_by_id=by.pk if by else None, **fields)
    if kind == QuietPeriod.QuietKind.QUIET:
        _check_hours(period)
    else:
        _check_blackout(period)
    validation.check(period)
    period.save()
    return period


def _check_hours(period: QuietPeriod) -> None:
    place = organisation_clock.find_zone(period.zone)
    for name in ("weekdays", "from_time", "to_time"):
        if getattr(period, name) in (None, []):
            raise InvalidPlan("Quiet hours need weekdays, from_time and to_time.", field=name)
    for name in ("starts_at", "ends_at"):
        if getattr(period, name) is not None:
            raise InvalidPlan("Only a blackout has this.", field=name)
    unknown = set(period.weekdays) - set(Weekday.values)
    if unknown:
        raise InvalidPlan("Weekdays are MO, TU, WE, TH, FR, SA and SU.", field="weekdays")
    period.weekdays = [day for day in Weekday.values if day in period.weekdays]
    if period.from_time == period.to_time:
        raise InvalidPlan("Quiet hours must start and end at different times.", field="to_time")
    weekly = [*period.channel.quiet_periods.filter(kind=QuietPeriod.QuietKind.QUIET), period]
    monday = datetime(2026, 1, 5, tzinfo=place)
    rest = quiet_time_among(weekly, monday + timedelta(days=1))
    if rest is not None and rest.until - monday > 2 * WEEK:
        raise InvalidPlan("With these hours, the channel would never publish again.", field="to_time")


def _check_blackout(period: QuietPeriod) -> None:
    for name in ("weekdays", "from_time", "to_time"):
        if getattr(period, name):
            raise InvalidPlan("Only quiet hours have this.", field=name)
    for name in ("starts_at", "ends_at"):
        if getattr(period, name) is None:
            raise InvalidPlan("A blackout needs starts_at and ends_at.", field=name)
        setattr(period, name, organisation_clock.to_utc(getattr(period, name), period.zone, field=name))
    if period.ends_at is not None and period.starts_at is not None and period.ends_at <= period.starts_at:
        raise InvalidPlan("The blackout ends before it starts.", field="ends_at")
    if not period.reason.strip():
        raise InvalidPlan("Enter a reason.", field="reason")


@transaction.atomic
def remove_quiet_period(*, period: QuietPeriod) -> None:
    """Forget it. What was put off on its channel is looked at again at once, and is not late because of the wait."""
    now = timezone.now()
    channel_id = period.channel_id
    period.delete()
    put_off = Publication.objects.filter(state=PublicationState.SCHEDULED, reason_code=Reason.QUIET)
    put_off.filter(channel_id=channel_id, deferred_until__gt=now).update(due_at=now, deferred_until=now)


def quiet_time_of(channel_id: int, at: datetime) -> QuietTime | None:
    """Until when this channel keeps still at this moment, or None when it does not."""
    return quiet_time_among(QuietPeriod.objects.filter(channel_id=channel_id), at)


def quiet_time_among(periods: Iterable[QuietPeriod], at: datetime) -> QuietTime | None:
    """The same, where the periods are known already."""
    known, until, reason = list(periods), at, ""
    for _ in range(IN_A_ROW):
        found = next(((end, period) for period in known if (end := _end_of(period, until)) is not None), None)
        if found is None:
            break
        until, period = found
        reason = reason or _in_words(period)
    return QuietTime(until, reason) if reason else None


def _end_of(period: QuietPeriod, at: datetime) -> datetime | None:
    """When this period ends, if it covers this moment."""
    if period.kind == QuietPeriod.QuietKind.BLACKOUT:
        assert period.starts_at is not None  # noqa: S101 - the table's own check
        return period.ends_at if period.ends_at is not None and period.starts_at <= at < period.ends_at else None
    today = at.astimezone(organisation_clock.find_zone(period.zone)).date()
    for day in (today - timedelta(days=1), today):
        if Weekday.values[day.weekday()] in period.weekdays:
            start, end = _hours_on(period, day)
            if start <= at < end:
                return end
    return None


def _hours_on(period: QuietPeriod, day: date) -> tuple[datetime, datetime]:
    assert period.from_time is not None  # noqa: S101 - the table's own check
    assert period.to_time is not None  # noqa: S101 - the table's own check
    place = organisation_clock.find_zone(period.zone)
    last = day if period.to_time > period.from_time else day + timedelta(days=1)
    start = organisation_clock.to_utc_moved_on(datetime.combine(day, period.from_time), place)
    return start, organisation_clock.to_utc_moved_on(datetime.combine(last, period.to_time), place)


def _in_words(period: QuietPeriod) -> str:
    if period.kind == QuietPeriod.QuietKind.BLACKOUT:
        return f"{period.channel} has a blackout: {period.reason}"
    zone = organisation_clock.another(period.zone)
    hours = f"from {period.from_time:%H:%M} to {period.to_time:%H:%M}" + (f" ({zone})" if zone else "")
    return f"{period.channel} has quiet hours {hours}."
