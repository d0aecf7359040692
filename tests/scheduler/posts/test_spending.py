"""What posts cost is told before they are scheduled, and the cap of a month is never passed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection as database
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from scheduler.channels.contract import Draft, NotSent, OutcomeUnknown, Payload
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import publication_claims, reconcile, sending
from scheduler.posts import spending
from tests import factories
from tests.scheduler.conftest import Remote, Told, make_due, send

PRICE = 200


@pytest.fixture(autouse=True)
def dear(monkeypatch: pytest.MonkeyPatch) -> None:
    compose = Told.compose

    def priced(self: Told, draft: Draft) -> Payload:
        return replace(compose(self, draft), price=PRICE)

    monkeypatch.setattr(Told, "compose", priced)


def capped(channel: Channel, cap: int | None) -> Connection:
    return connections.connect_channel(channel=channel, kind="told", settings={}, secrets={}, monthly_cap=cap)


def another(channel: Channel) -> Publication:
    return make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))


def test_what_would_pass_the_cap_is_held_and_nothing_is_spent(channel: Channel, remote: Remote) -> None:
    capped(channel, 500)
    assert [send(another(channel)) for _ in range(2)] == ["sent", "sent"]

    third = another(channel)
    assert send(third) == "held"
    assert (third.reason_code, third.needs_person) == ("price_cap", True)
    assert "$0.20" in third.reason
    assert "$0.40 of this month's $0.50" in third.reason
    assert len(remote.posts) == 2


def test_a_higher_cap_lets_it_go(channel: Channel) -> None:
    capped(channel, 100)
    row = another(channel)
    assert send(row) == "held"

    capped(channel, 1000)
    row.refresh_from_db()
    assert row.state == "scheduled"
    assert send(row) == "sent"


def test_a_healthy_check_lets_nothing_go_that_the_cap_holds(channel: Channel) -> None:
    row = another(channel)
    connection = capped(channel, 100)
    assert send(row) == "held"

    connections.check_connection(connection=connection)
    row.refresh_from_db()
    assert (row.state, row.reason_code) == ("held", "price_cap")


def test_a_refused_post_costs_nothing_and_an_unknown_one_may(channel: Channel, remote: Remote) -> None:
    capped(channel, None)
    remote.answers = [NotSent("No.", permanent=True), OutcomeUnknown("Who knows?")]
    send(another(channel))
    assert spending.spent(channel.pk, timezone.now()) == 0
    send(another(channel))
    assert spending.spent(channel.pk, timezone.now()) == PRICE


def test_what_read_back_has_missed_costs_nothing(channel: Channel, remote: Remote) -> None:
    capped(channel, PRICE)
    remote.answers = [OutcomeUnknown("Who knows?")]
    row = another(channel)
    send(row)
    for _ in range(reconcile.ABSENCES):
        Publication.objects.update(due_at=timezone.now())
        reconcile.read_back(publication_id=row.pk)

    assert spending.spent(channel.pk, timezone.now()) == 0
    row.refresh_from_db()
    assert send(row) == "sent"
    assert spending.spent(channel.pk, timezone.now()) == PRICE


def test_each_month_begins_anew(clock: time_machine.Traveller, channel: Channel) -> None:
    clock.move_to(datetime(2026, 12, 31, 23, 50, tzinfo=UTC))
    capped(channel, PRICE)
    assert send(another(channel)) == "sent"
    clock.shift(timedelta(minutes=20))
    assert send(another(channel)) == "sent"


def test_the_month_is_foreseen(clock: time_machine.Traveller, channel: Channel) -> None:
    row = capped(channel, 3 * PRICE)
    send(another(channel))
    for days in (1, 2, 40):
        factories.publication(
            of=factories.approved_blog_entry(), on=channel, publish_at=timezone.now() + timedelta(days=days)
        )

    found = spending.of(row, timezone.now())
    assert (found.spent, found.planned, found.exceeds_cap) == (PRICE, 2 * PRICE, False)
    capped(channel, 3 * PRICE - 1)
    assert spending.of(Connection.objects.get(), timezone.now()).exceeds_cap


def test_what_last_month_left_waiting_is_foreseen_too(clock: time_machine.Traveller, channel: Channel) -> None:
    clock.move_to(datetime(2026, 11, 30, 23, 50, tzinfo=UTC))
    row = capped(channel, 0)
    assert send(another(channel)) == "held"
    clock.shift(timedelta(minutes=20))

    assert spending.of(row, timezone.now()).planned == PRICE


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_both_take_the_last_of_it(channel: Channel, remote: Remote) -> None:
    capped(channel, PRICE)
    for _ in range(2):
        another(channel)
    found = publication_claims.claim_due(limit=2)
    start = threading.Barrier(2)

    def work(claim: publication_claims.Claim) -> None:
        start.wait()
        try:
            sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test")
        finally:
            database.close()

    threads = [threading.Thread(target=work, args=[claim]) for claim in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(Publication.objects.values_list("state", flat=True)) == ["held", "sent"]
    assert spending.spent(channel.pk, timezone.now()) == PRICE
