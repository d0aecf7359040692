"""How fast a connection may send, and that one channel never delays another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from scheduler.channels.contract import NotSent, OutcomeUnknown, Receipt
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import publication_claims, rate_limit, sending
from tests import factories
from tests.scheduler.conftest import Remote, make_due, send


def due_on(channel: Channel, count: int) -> list[Publication]:
    return [
        make_due(factories.publication(of=factories.approved_blog_entry(), on=channel), minutes_ago=10 - number / 100)
        for number in range(count)
    ]


@pytest.fixture
def other(channel: Channel) -> Channel:
    row = factories.channel(name="Other", category="social")
    connections.connect_channel(channel=row, kind="told", settings={}, secrets={})
    return row


def channels_of(found: list[publication_claims.Claim]) -> list[int]:
    by_id = dict(Publication.objects.values_list("pk", "channel_id"))
    return [by_id[claim.publication_id] for claim in found]


def test_channels_take_turns_however_long_the_queue_of_one_is(channel: Channel, other: Channel) -> None:
    due_on(channel, 6)
    due_on(other, 1)

    assert other.pk in channels_of(publication_claims.claim_due(limit=2))


def test_one_channel_never_keeps_more_than_its_share_busy(channel: Channel, other: Channel) -> None:
    due_on(channel, 6)
    assert len(publication_claims.claim_due(limit=10, at_once=2)) == 2
    due_on(other, 1)

    assert channels_of(publication_claims.claim_due(limit=10, at_once=2)) == [other.pk]


def test_a_bucket_lets_the_burst_through_and_then_its_rate(channel: Channel) -> None:
    Connection.objects.update(rate_per_minute=60, burst=2, tokens=2, tokens_at=timezone.now())
    due_on(channel, 5)

    assert len(publication_claims.claim_due(limit=10)) == 2
    assert publication_claims.claim_due(limit=10) == []
    Connection.objects.update(tokens_at=timezone.now() - timedelta(seconds=1.1))
    assert len(publication_claims.claim_due(limit=10)) == 1


def test_a_bucket_never_holds_more_than_its_burst(channel: Channel) -> None:
    Connection.objects.update(rate_per_minute=60, burst=2, tokens=0, tokens_at=timezone.now() - timedelta(days=1))
    due_on(channel, 5)

    assert len(publication_claims.claim_due(limit=10)) == 2


def test_a_channel_that_names_a_time_is_left_alone_until_then(due: Publication, remote: Remote) -> None:
    remote.answers.append(NotSent("Too many posts.", code="rate_limited", retry_after=120))
    send(due)
    (following,) = due_on(due.channel, 1)

    assert publication_claims.claim_due(limit=10) == []
    assert Connection.objects.get().pause_reason == "Too many posts."
    Connection.objects.update(paused_until=timezone.now())
    assert send(following) == "sent"
    assert Connection.objects.get().paused_until is None


@pytest.mark.parametrize("later", [Receipt("1", "https://told.example/1"), OutcomeUnknown("No answer.")])
def test_what_was_under_way_when_a_channel_named_a_time_does_not_shorten_it(
    channel: Channel, later: Receipt | OutcomeUnknown
) -> None:
    now = timezone.now()
    rate_limit.record(channel.pk, NotSent("Later, please.", code="rate_limited", retry_after=600), now)

    rate_limit.record(channel.pk, later, now)

    assert Connection.objects.get().paused_until == now + timedelta(seconds=600)


def test_silence_opens_the_breaker_and_one_trial_closes_it(channel: Channel, remote: Remote) -> None:
    for publication in due_on(channel, rate_limit.BREAKS_AFTER):
        remote.answers.append(OutcomeUnknown("No answer."))
        send_first(publication)
    waiting = due_on(channel, 3)
    assert publication_claims.claim_due(limit=10) == []

    Connection.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    (trial,) = publication_claims.claim_due(limit=10)
    assert publication_claims.claim_due(limit=10) == []
    sending.send_publication(publication_id=trial.publication_id, fence=trial.fence, worker="test")

    assert Connection.objects.get().failures == 0
    assert len(publication_claims.claim_due(limit=10)) == len(waiting) - 1


def send_first(publication: Publication) -> None:
    (claim,) = publication_claims.claim_due(limit=1)
    sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test")


def test_a_broken_channel_does_not_stop_another(channel: Channel, other: Channel) -> None:
    Connection.objects.filter(channel=channel).update(
        failures=rate_limit.BREAKS_AFTER, paused_until=timezone.now() + timedelta(minutes=5)
    )
    due_on(channel, 3)
    due_on(other, 1)

    assert channels_of(publication_claims.claim_due(limit=10)) == [other.pk]


def test_refusals_of_the_text_do_not_open_the_breaker(channel: Channel, remote: Remote) -> None:
    for publication in due_on(channel, rate_limit.BREAKS_AFTER + 1):
        remote.answers.append(NotSent("Not this text.", permanent=True))
        send_first(publication)

    assert Connection.objects.get().failures == 0
