"""A restored database may know less than the channels do: publishing stands still until somebody has looked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from campaigns.planning.models import Pause, Publication, SentPost
from campaigns.planning.services.timing import pauses
from scheduler.engine import claims, reconcile, restore
from scheduler.engine.models import RestoreCounter
from tests import factories
from tests.scheduler.conftest import Remote, Told, send


@pytest.fixture(autouse=True)
def file_outside(tmp_path: Any, settings: Any, db: None) -> None:
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""


def test_a_database_that_counted_on_is_no_restored_one(due: Publication) -> None:
    for _ in range(3):
        restore.increment()

    assert restore.freeze_if_restored() is None
    assert not Pause.objects.exists()


def test_a_first_start_is_no_restore() -> None:
    assert restore.freeze_if_restored() is None


def restored() -> None:
    """As if the backup was made at the count of 1, and two counts followed."""
    for _ in range(3):
        restore.increment()
    RestoreCounter.objects.update(number=1)


def test_a_restored_database_starts_frozen_and_only_once() -> None:
    restored()

    assert restore.freeze_if_restored() is not None
    assert restore.freeze_if_restored() is None
    assert Pause.objects.active().count() == 1


def test_what_fell_due_since_and_is_live_is_found_and_not_sent_again(due: Publication, remote: Remote) -> None:
    send(due)
    SentPost.objects.all().delete()
    Publication.objects.update(state="scheduled", sent_at=None, fence=0, due_at=timezone.now())
    due.attempts.all().delete()
    restored()

    restore.freeze_if_restored()
    assert claims.claim_due(limit=10) == []
    (publication_id,) = reconcile.claim_due_reads(limit=10)

    assert reconcile.read_back(publication_id=publication_id) == "sent"
    assert len(remote.sends) == 1


def test_what_fell_due_since_and_is_not_live_waits_for_the_end_of_the_pause(due: Publication, remote: Remote) -> None:
    restored()
    pause = restore.freeze_if_restored()
    assert pause is not None
    for _ in range(2):
        Publication.objects.update(due_at=timezone.now())
        reconcile.claim_due_reads(limit=10)
        reconcile.read_back(publication_id=due.pk)

    assert send(due) == "held"
    pauses.end_pause(pause=pause, held=pauses.PauseEnding.RELEASE, by=factories.person("comms"))
    assert send(due) == "sent"


@pytest.mark.parametrize("by_key", [True, False])
def test_where_posts_are_known_by_a_key_that_is_lost_a_person_looks(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch, by_key: bool
) -> None:
    send(due)
    SentPost.objects.all().delete()
    Publication.objects.update(state="scheduled", sent_at=None, key=None, due_at=timezone.now())
    monkeypatch.setattr(Told, "abilities", replace(Told.abilities, found_by_key=by_key))
    restored()

    restore.freeze_if_restored()

    due.refresh_from_db()
    assert (due.state, due.needs_person) == ("unknown", by_key)
    assert len(reconcile.claim_due_reads(limit=10)) == (0 if by_key else 1)


def test_another_database_beside_the_same_outside_is_no_restored_one() -> None:
    restored()
    RestoreCounter.objects.all().delete()

    assert restore.freeze_if_restored() is None
