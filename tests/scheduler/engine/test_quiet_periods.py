"""What falls due while its channel keeps still waits for the end, without an attempt and without being late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Channel, Publication, QuietPeriod
from campaigns.planning.services import publications
from campaigns.planning.services.timing import quiet_periods
from scheduler.engine import publication_claims, sending
from tests.scheduler.conftest import Remote, claim_one, send


def keep_still(channel: Channel, hours: float) -> QuietPeriod:
    now = timezone.now()
    return quiet_periods.add_quiet_period(
        channel=channel,
        kind="blackout",
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=hours),
        reason="Election day.",
        by=None,
    )


def test_it_is_put_off_to_the_end_in_words_and_without_an_attempt(due: Publication, remote: Remote) -> None:
    period = keep_still(due.channel, hours=5)

    assert send(due) == "scheduled"

    assert due.due_at == due.deferred_until == period.ends_at
    assert due.reason.endswith("has a blackout: Election day.")
    assert (due.attempts.count(), remote.sends, due.lease_until) == (0, [], None)
    assert publication_claims.claim_due(limit=10) == []


@pytest.mark.parametrize("rule", ["publish", "hold", "cancel"])
def test_at_the_end_it_goes_out_and_is_not_late(clock: time_machine.Traveller, due: Publication, rule: str) -> None:
    Publication.objects.update(late_rule=rule, late_after_minutes=10)
    keep_still(due.channel, hours=5)
    send(due)
    clock.shift(timedelta(hours=5, minutes=9))

    assert send(due) == "sent"


def test_lateness_counts_from_the_end(clock: time_machine.Traveller, due: Publication) -> None:
    Publication.objects.update(late_rule="cancel", late_after_minutes=10)
    keep_still(due.channel, hours=5)
    send(due)
    clock.shift(timedelta(hours=5, minutes=11))

    assert send(due) == "cancelled"


def test_an_older_claim_puts_nothing_off(due: Publication) -> None:
    claim = claim_one(due)
    keep_still(due.channel, hours=5)
    Publication.objects.update(fence=claim.fence + 1)

    assert sending.send_publication(publication_id=due.pk, fence=claim.fence, worker="test") == "stale"
    due.refresh_from_db()
    assert due.deferred_until is None


def test_without_the_period_it_goes_out_at_once_and_is_not_late(
    clock: time_machine.Traveller, due: Publication
) -> None:
    Publication.objects.update(late_rule="cancel", late_after_minutes=10)
    period = keep_still(due.channel, hours=5)
    send(due)
    clock.shift(timedelta(hours=2))

    quiet_periods.remove_quiet_period(period=period)

    assert send(due) == "sent"


def test_a_new_time_is_its_own(due: Publication, comms: User) -> None:
    keep_still(due.channel, hours=5)
    send(due)
    tomorrow: datetime = timezone.now() + timedelta(days=1)

    moved = publications.reschedule_publication(publication=due, publish_at=tomorrow, zone="Europe/London", by=comms)

    assert (moved.due_at, moved.deferred_until) == (tomorrow, None)
    assert (moved.reason, moved.reason_code) == ("", "")
