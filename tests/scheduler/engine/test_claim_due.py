"""Claiming: one worker each, for a moment."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import publications
from scheduler.engine import publication_claims
from tests import factories
from tests.scheduler.conftest import claim_one, make_due


def test_what_is_due_is_claimed_with_a_raised_fence_and_a_key(due: Publication) -> None:
    claim = claim_one(due)

    assert claim.fence == due.fence == 1
    assert due.key is not None
    assert due.state == "scheduled"


def test_a_claimed_publication_is_not_claimed_again_while_its_lease_lasts(due: Publication) -> None:
    claim_one(due)

    assert publication_claims.claim_due(limit=10) == []


def test_a_lost_claim_is_taken_again_after_its_lease_with_the_same_key(due: Publication) -> None:
    claim_one(due)
    key = due.key
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert claim_one(due).fence == 2
    assert due.key == key


def test_what_lies_in_the_future_is_not_claimed(channel: Channel) -> None:
    factories.publication(of=factories.approved_blog_entry(), on=channel)

    assert publication_claims.claim_due(limit=10) == []


def test_the_oldest_is_claimed_first(channel: Channel) -> None:
    younger = make_due(factories.publication(of=factories.approved_blog_entry(), on=channel), minutes_ago=1)
    older = make_due(factories.publication(of=factories.approved_blog_entry(), on=channel), minutes_ago=5)

    assert [c.publication_id for c in publication_claims.claim_due(limit=1)] == [older.pk]
    assert [c.publication_id for c in publication_claims.claim_due(limit=1)] == [younger.pk]


def test_a_claim_that_was_given_back_is_taken_at_once_and_its_old_message_is_stale(due: Publication) -> None:
    claim = claim_one(due)

    assert publication_claims.give_back([claim]) == 1
    assert claim_one(due).fence > claim.fence


def test_the_dispatcher_wakes_for_the_first_that_nobody_has_claimed(clock: time_machine.Traveller, db: None) -> None:
    assert publication_claims.seconds_until_due() is None
    soon, later = (factories.publication(publish_at=factories.in_days(days)) for days in (1, 2))
    assert publication_claims.seconds_until_due() == pytest.approx(86_400)

    clock.shift(timedelta(days=1, seconds=1))
    assert publication_claims.seconds_until_due() == pytest.approx(-1)
    assert [claim.publication_id for claim in publication_claims.claim_due(limit=1)] == [soon.pk]
    assert publication_claims.seconds_until_due() == pytest.approx(86_399)
    clock.shift(publication_claims.LEASE * 2)
    assert publication_claims.seconds_until_due() == pytest.approx(-4)

    publications.cancel_publication(publication=later, by=None)
    publication_claims.claim_due(limit=1)
    assert publication_claims.seconds_until_due() is None


@pytest.mark.django_db(transaction=True)
def test_racing_dispatchers_never_claim_the_same_publication(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        publication_claims, "LEASE", timedelta(minutes=1)
    )  # no claim ends meanwhile, however slow this is
    for _ in range(20):
        make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))
    start = threading.Barrier(3)
    found: list[int] = []

    def dispatch() -> None:
        start.wait()
        try:
            for _ in range(20):
                found.extend(claim.publication_id for claim in publication_claims.claim_due(limit=3))
        finally:
            connection.close()

    threads = [threading.Thread(target=dispatch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == len(set(found)) == 20


def test_the_key_tells_when_it_was_first_claimed(due: Publication) -> None:
    before = timezone.now()
    claim_one(due)

    assert due.key is not None
    assert due.key.version == 7
    assert 0 <= (due.key.int >> 80) - int(before.timestamp() * 1000) < 5000
