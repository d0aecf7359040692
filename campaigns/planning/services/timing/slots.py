"""Slots: a channel's times of the week, and the next one that is free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import organisation_clock, validation
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Channel, Content, Publication, PublicationState, QuietPeriod, Slot, Weekday
from campaigns.planning.services import publications
from campaigns.planning.services.timing import quiet_periods

WEEKS = 53
"""How far ahead a free slot is looked for."""
SOON = 5
FREE = (PublicationState.CANCELLED, PublicationState.FAILED, PublicationState.WITHDRAWN)


def add_slot(*, channel: Channel, weekday: str, time: time, zone: str) -> Slot:
    """Raises InvalidPlan for a zone that does not exist and for a slot that the channel has already."""
    organisation_clock.find_zone(zone)
    slot = Slot(channel=channel, weekday=weekday, time=time, zone=zone)
    if Slot.objects.filter(channel=channel, weekday=weekday, time=time, zone=zone).exists():
        raise InvalidPlan("The channel already has this slot.", field="time")
    validation.check(slot)
    slot.save()
    return slot


def remove_slot(*, slot: Slot) -> None:
    """What is scheduled at its times stays."""
    slot.delete()


def next_free_slot(*, channel: Channel, after: datetime) -> tuple[datetime, Slot]:
    """The next slot, in UTC, in whose minute nothing waits for this channel or went out on it; never in its quiet
    hours. Raises InvalidPlan when there is none within a year."""
    found = next_free_slots(channels=[channel], after=after)[channel.pk]
    if found is None:
        has = Slot.objects.filter(channel=channel).exists()
        raise InvalidPlan(
            f"{channel.name} has no free slot in the next year." if has else f"{channel.name} has no slots.",
            field="next_free_slot",
            code="no_free_slot",
        )
    return found


def next_free_slots(*, channels: Iterable[Channel], after: datetime) -> dict[int, tuple[datetime, Slot] | None]:
    """The same for several channels, by their ids, in as many queries as for one; None where there is none."""
    channels = list(channels)
    ids = [channel.pk for channel in channels]
    slots, quiet = _times_of(channels)
    found: dict[int, tuple[datetime, Slot] | None] = dict.fromkeys(ids)
    begun = 0
    for weeks in (SOON, WEEKS):  # most channels have a free slot soon, and a year of publications is much to read
        left = [pk for pk in ids if found[pk] is None and any(slot.channel_id == pk for slot in slots)]
        if not left:
            break
        taken = _taken(left, after + timedelta(weeks=begun) - timedelta(days=7), after + timedelta(weeks=weeks + 1))
        for pk in left:
            own = [slot for slot in slots if slot.channel_id == pk]
            rests = [period for period in quiet if period.channel_id == pk]
            times = ((_time_in(slot, after, week), slot.pk, slot) for slot in own for week in range(begun, weeks))
            found[pk] = next(
                (
                    (at, slot)
                    for at, _, slot in sorted(times)
                    if at > after
                    and (pk, _minute(at)) not in taken
                    and quiet_periods.quiet_time_among(rests, at) is None
                ),
                None,
            )
        begun = weeks
    return found


def _times_of(channels: Iterable[Channel]) -> tuple[list[Slot], list[QuietPeriod]]:
    """The slots of channels and their quiet periods, in one query: of both a channel has a handful."""
    known = {channel.pk: channel for channel in channels}
    slots, quiet = ([field.attname for field in each._meta.concrete_fields] for each in (Slot, QuietPeriod))
    columns = [*slots, *(f"channel__quiet_periods__{name}" for name in quiet)]
    found: dict[int, Slot] = {}
    periods: dict[int, QuietPeriod] = {}
    for row in Slot.objects.filter(channel_id__in=known).order_by("pk").values_list(*columns):
        slot = Slot(**dict(zip(slots, row, strict=False)))
        period = QuietPeriod(**dict(zip(quiet, row[len(slots) :], strict=True)))
        for each in (slot, period):
            if each.pk is not None:
                each.channel = known[slot.channel_id]
        found[slot.pk] = slot
        if period.pk is not None:
            periods[period.pk] = period
    return list(found.values()), list(periods.values())


def _taken(channel_ids: list[int], start: datetime, end: datetime) -> set[tuple[int, datetime]]:
    busy = Publication.objects.filter(channel_id__in=channel_ids, publish_at__gte=start, publish_at__lt=end)
    rows = busy.exclude(state__in=FREE).values_list("channel_id", "publish_at")
    return {(channel_id, _minute(at)) for channel_id, at in rows}


def _time_in(slot: Slot, after: datetime, week: int) -> datetime:
    """The slot's time in the week that begins on the day of `after`, or so many weeks later."""
    place = organisation_clock.find_zone(slot.zone)
    today = after.astimezone(place).date()
    days = (Weekday.values.index(slot.weekday) - today.weekday()) % 7 + 7 * week
    return organisation_clock.to_utc_moved_on(datetime.combine(today + timedelta(days=days), slot.time), place)


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


@transaction.atomic
def schedule_in_next_slot(*, content: Content, channel: Channel, by: models.Model | None, **fields: Any) -> Publication:
    """Plan a publication at the channel's next free slot, in the slot's zone; see schedule_publication for the rest.
    Two at once never get the same one: the channel is locked from the look to the publication."""
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    at, slot = next_free_slot(channel=channel, after=timezone.now())
    fields |= {"publish_at": at, "zone": slot.zone}
    return publications.schedule_publication(content=content, channel=channel, by=by, **fields)
