"""How much waits and how late what went out was, and that asking costs the same in a full house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.mailing import services as mailing
from campaigns.planning.models import Channel
from campaigns.planning.services import publications
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import backlog, publication_claims, sending
from scheduler.engine.backlog import Backlog
from scheduler.engine.models import Worker
from scheduler.mail.models import Delivery
from scheduler.mail.queue import ChannelMailQueue
from scheduler.webhooks import endpoints
from tests import factories
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remote", "clock")]


def read() -> Backlog:
    return backlog.read_backlog(timezone.now())


def test_nothing_waits_in_an_empty_house() -> None:
    found = read()

    assert (found.due, found.due_since, found.unknown, found.mails, found.webhooks) == (0, None, 0, 0, 0)
    assert set(found.held.values()) == {0}
    assert (found.lateness, found.lateness_median) == ([], 0.0)


def test_posts_are_told_by_where_they_stand() -> None:
    publishing.scheduled()
    publishing.fall_due(publishing.post(), minutes_ago=3)
    publishing.fall_due(publishing.post(), minutes_ago=1)
    publishing.unknown()
    publishing.held()
    publishing.held_unapproved()

    found = read()

    assert (found.due, found.unknown) == (2, 1)
    assert found.due_since == timezone.now() - timedelta(minutes=3)
    assert {reason: number for reason, number in found.held.items() if number} == {"held_by_hand": 1, "not_approved": 1}
    assert "paused" in found.held
    assert "refused_by_channel" not in found.held


def test_what_waits_for_a_person_is_counted_wherever_it_stands() -> None:
    publishing.failed()
    publishing.unknown(readable=False)
    publishing.held_unapproved()
    publishing.sent()

    assert read().needing_person == 3


def test_lateness_is_counted_from_its_time_or_from_when_it_was_let_go(clock: time_machine.Traveller) -> None:
    publishing.go_out(publishing.post(), minutes_ago=5)
    held = publishing.held(publishing.post())
    clock.shift(timedelta(days=2))
    publications.release_publication(publication=held, by=None)
    clock.shift(timedelta(seconds=30))
    (claim,) = publication_claims.claim_due(limit=10)
    sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test")

    assert (read().lateness, read().sent_lately) == ([30.0], 1)

    clock.shift(timedelta(hours=1))
    assert (read().lateness, read().sent_lately) == ([], 0)


def test_what_people_published_themselves_is_no_lateness_of_ours() -> None:
    row = publishing.held_for_hand()
    publications.mark_published(publication=row, at=timezone.now(), by=None)

    assert (read().lateness, read().sent_lately) == ([], 1)


def test_median_is_the_middle() -> None:
    for minutes in (1, 2, 9):
        publishing.go_out(publishing.post(), minutes_ago=minutes)

    found = read()

    assert (found.lateness_median, max(found.lateness)) == (120.0, 540.0)


def test_mails_messages_and_channels_that_wait() -> None:
    row = factories.mailing_list(audience="public")
    for address in ("one@example.org", "two@example.org"):
        mailing.request_subscription(mailing_list=row, address=address, at=timezone.now())
    mailing.answer_requests()
    channel = factories.channel(category="email")
    for number, reader in enumerate(row.subscribers.all()):
        Delivery.objects.create(
            channel=channel,
            mailing_list=row,
            subscriber=reader,
            message_id=f"<{number}>",
            due_at=timezone.now(),
        )
    queue = ChannelMailQueue(channel.pk)
    (letter,) = queue.claim(maximum=1, per_minute=None)
    assert queue.begin(letter)
    endpoint, _ = endpoints.add_endpoint(address="https://example.org/hooks", event_types=["publication.sent"])
    endpoints.send_test(endpoint=endpoint)
    signed_out()
    signed_out(active=False)

    found = read()

    assert (found.mails, found.webhooks, found.connections_signed_out) == (1, 1, 1)


def signed_out(**fields: Any) -> Channel:
    channel = factories.channel(category="social", **fields)
    connections.connect_channel(channel=channel, kind="told", settings={}, secrets={})
    Connection.objects.filter(channel=channel).mark_signed_out("Sign in again.", timezone.now())
    return channel


def test_workers_of_now_and_their_threads() -> None:
    now = timezone.now()
    for name, ago in (("a", 1), ("b", 14), ("gone", 40)):
        Worker.objects.create(name=name, threads=4, started_at=now, seen_at=now - timedelta(seconds=ago))
    publishing.sending_now()

    found = backlog.read_workforce(now)

    assert (found.workers, found.threads, found.busy) == (2, 8, 1)
    assert found.seen_at == now - timedelta(seconds=1)


def test_no_worker_ever() -> None:
    found = backlog.read_workforce(timezone.now())

    assert (found.workers, found.threads, found.busy, found.seen_at) == (0, 0, 0, None)


def test_more_than_the_limit_is_told_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "AT_MOST", 2)
    for _ in range(3):
        publishing.fall_due(publishing.post())
        publishing.held()

    found = read()

    assert (found.due, found.held["held_by_hand"]) == (2, 2)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL decides by statistics")
def test_each_statement_reads_an_index_up_to_a_limit() -> None:
    """Those of workers, connections and the installation have a handful of rows each."""
    publishing.sent()
    with CaptureQueriesContext(connection) as queries:
        read()
        backlog.read_workforce(timezone.now())

    asked = [query["sql"] for query in queries.captured_queries]
    assert len(asked) <= 12
    for sql in asked:
        with connection.cursor() as cursor:
            plan = " ".join(step[3] for step in cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}"))
        for table in ("planning_publication", "scheduler_delivery", "scheduler_webhookdelivery"):
            assert f"SCAN {table}" not in plan or "USING" in plan, plan
        assert "scheduler_worker" in sql or "scheduler_connection" in sql or "LIMIT" in sql
        assert "TEMP B-TREE" not in plan, sql
