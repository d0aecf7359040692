"""The next free slot of a channel."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Channel
from campaigns.planning.services import publications
from campaigns.planning.services.timing import quiet_periods, slots
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def add(channel: Channel, weekday: str, at: time, zone: str = "Europe/London") -> None:
    slots.add_slot(channel=channel, weekday=weekday, time=at, zone=zone)


def following(channel: Channel, after: datetime | None = None) -> datetime:
    return slots.next_free_slot(channel=channel, after=after or timezone.now())[0]


def queued(channel: Channel) -> datetime:
    return slots.schedule_in_next_slot(content=factories.blog_entry(), channel=channel, by=None).publish_at


def test_a_queue_moves_from_slot_to_slot() -> None:
    channel = factories.channel()
    add(channel, "MO", time(9))
    add(channel, "WE", time(12, 30))

    assert [queued(channel) for _ in range(4)] == [
        utc(2026, 3, 4, 12, 30),
        utc(2026, 3, 9, 9),
        utc(2026, 3, 11, 12, 30),
        utc(2026, 3, 16, 9),
    ]


def test_a_slot_that_somebody_else_uses_is_passed_over_and_one_that_was_cancelled_is_free(comms: User) -> None:
    channel = factories.channel()
    add(channel, "WE", time(12, 30))
    other = factories.publication(on=channel, publish_at=utc(2026, 3, 4, 12, 30))
    assert following(channel) == utc(2026, 3, 11, 12, 30)

    publications.cancel_publication(publication=other, by=comms)

    assert following(channel) == utc(2026, 3, 4, 12, 30)
    assert following(channel, utc(2026, 3, 4, 12, 30)) == utc(2026, 3, 11, 12, 30)


def test_slots_stay_on_the_wall_clock_through_both_clock_changes() -> None:
    channel = factories.channel()
    add(channel, "SU", time(1, 30))

    assert following(channel, utc(2026, 3, 28)) == utc(2026, 3, 29, 1, 30)
    assert following(channel, utc(2026, 3, 30)) == utc(2026, 4, 5, 0, 30)
    assert following(channel, utc(2026, 10, 24)) == utc(2026, 10, 25, 0, 30)


def test_quiet_hours_are_passed_over() -> None:
    channel = factories.channel()
    add(channel, "WE", time(12, 30))
    quiet_periods.add_quiet_period(
        channel=channel,
        kind="blackout",
        starts_at=utc(2026, 3, 4),
        ends_at=utc(2026, 3, 12),
        reason="Mourning.",
        by=None,
    )

    assert following(channel) == utc(2026, 3, 18, 12, 30)


def test_without_slots_there_is_none() -> None:
    with pytest.raises(InvalidPlan, match="has no slots") as refused:
        following(factories.channel())
    assert refused.value.code == "no_free_slot"


def test_a_slot_stands_once() -> None:
    channel = factories.channel()
    add(channel, "MO", time(9))

    with pytest.raises(InvalidPlan):
        add(channel, "MO", time(9))
    with pytest.raises(InvalidPlan):
        add(channel, "MO", time(9), zone="Mars/Olympus")
