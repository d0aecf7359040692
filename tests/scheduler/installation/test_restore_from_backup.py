"""A restored database may know less than the channels do: publishing stands still until somebody has looked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns.mailing import services as subscriptions
from campaigns.planning.models import Pause, Publication, SentPost
from campaigns.planning.services import publications
from campaigns.planning.services.timing import pauses
from scheduler.engine import publication_claims, reconcile
from scheduler.installation import database_identity, high_water, restore_detection
from scheduler.installation.high_water import Mark
from scheduler.installation.models import Installation
from tests import factories
from tests.scheduler.conftest import Remote, Told, send


@pytest.fixture(autouse=True)
def file_outside(tmp_path: Any, settings: Any, db: None) -> None:
    settings.STATE_DIR = tmp_path
    settings.REDIS_URL = ""
    restore_detection._database.cache_clear()


def test_a_database_that_counted_on_is_no_restored_one(due: Publication) -> None:
    for _ in range(3):
        restore_detection.increment()

    assert restore_detection.freeze_if_restored() is None
    assert not Pause.objects.exists()


def test_a_first_start_is_no_restore() -> None:
    assert restore_detection.freeze_if_restored() is None


def restored() -> None:
    """As if the backup was made at the count of 1, and two counts followed."""
    for _ in range(3):
        restore_detection.increment()
    Installation.objects.update(number=1)


def test_one_that_was_made_before_the_latest_attempt_is_restored_though_the_count_is_the_same(
    due: Publication, remote: Remote
) -> None:
    assert restore_detection.freeze_if_restored() is None
    made = transaction.savepoint()
    send(due)
    transaction.savepoint_rollback(made)
    if connection.vendor == "postgresql":  # a sequence is not rolled back, but restored with the rest
        connection.cursor().execute("SELECT setval(pg_get_serial_sequence('scheduler_attempt', 'id'), 1, false)")

    assert restore_detection.freeze_if_restored() is not None
    assert len(remote.sends) == 1


def test_it_is_noticed_while_the_workers_run() -> None:
    restored()

    assert restore_detection.increment() is not None
    assert restore_detection.increment() is None


@pytest.mark.parametrize("counted", [True, False])
def test_a_copy_that_nothing_outside_knows_is_told_by_its_file_and_machine(
    tmp_path: Any, counted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert restore_detection.freeze_if_restored() is None
    if counted:
        restore_detection.increment()
    for mark in tmp_path.iterdir():
        mark.unlink()
    assert restore_detection.freeze_if_restored() is None  # the state folder was lost, the database is where it was
    monkeypatch.setattr(database_identity, "read", lambda: {"machine": "another"})

    pause = restore_detection.freeze_if_restored()

    assert (pause is not None) == counted
    assert not counted or "copy" in pause.reason  # type: ignore[union-attr]
    assert restore_detection.freeze_if_restored() is None


def test_a_move_on_one_machine_after_a_stop_is_no_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    restore_detection.increment()
    monkeypatch.setattr(database_identity, "read", lambda: {"file": "another"})

    assert restore_detection.freeze_if_restored() is None


def test_the_original_goes_on_beside_its_copy() -> None:
    restore_detection.increment()
    original = Installation.objects.get()
    restore_detection.freeze("A copy.")
    copy = Installation.objects.get()
    assert copy.database != original.database

    restore_detection.increment()

    assert high_water.read(original.database) == Mark(1, 0)
    assert high_water.read(copy.database).count == 3  # type: ignore[union-attr]


def test_a_mark_that_was_cut_short_knows_nothing_and_is_written_anew(tmp_path: Any) -> None:
    restore_detection.increment()
    (mark,) = tmp_path.iterdir()
    mark.write_text("0000000")

    assert restore_detection.freeze_if_restored() is None
    restore_detection.increment()
    assert high_water.read(Installation.objects.get().database) == Mark(2, 0)


def test_what_cannot_be_noted_outside_is_sent_all_the_same(due: Publication, remote: Remote, settings: Any) -> None:
    settings.STATE_DIR = "/proc/nowhere"

    assert send(due) == "sent"


def test_what_was_stopped_when_the_backup_was_made_may_have_gone_out_since(due: Publication, remote: Remote) -> None:
    publications.hold_publication(publication=due, by=None, reason="Wait for the photograph.")
    restored()

    restore_detection.freeze_if_restored()

    due.refresh_from_db()
    assert (due.state, due.needs_person, due.reason_code) == ("unknown", True, "cannot_look")


def test_who_asked_for_a_list_when_the_backup_was_made_has_been_answered_since() -> None:
    careers = factories.mailing_list(name="Careers news", audience="public")
    at = timezone.now()
    subscriptions.request_subscription(mailing_list=careers, address="amy@example.org", at=at)
    restored()

    restore_detection.freeze_if_restored()

    assert subscriptions.answer_requests() == 0
    subscriptions.request_subscription(mailing_list=careers, address="amy@example.org", at=at)
    assert subscriptions.answer_requests() == 1


def test_a_restored_database_starts_frozen_and_only_once() -> None:
    restored()

    assert restore_detection.freeze_if_restored() is not None
    assert restore_detection.freeze_if_restored() is None
    assert Pause.objects.active().count() == 1


def test_what_fell_due_since_and_is_live_is_found_and_not_sent_again(due: Publication, remote: Remote) -> None:
    send(due)
    SentPost.objects.all().delete()
    Publication.objects.update(state="scheduled", sent_at=None, fence=0, due_at=timezone.now())
    due.attempts.all().delete()
    restored()

    restore_detection.freeze_if_restored()
    assert publication_claims.claim_due(limit=10) == []
    (publication_id,) = reconcile.claim_due_reads(limit=10)

    assert reconcile.read_back(publication_id=publication_id) == "sent"
    assert len(remote.sends) == 1


def test_what_fell_due_since_and_is_not_live_waits_for_the_end_of_the_pause(due: Publication, remote: Remote) -> None:
    restored()
    pause = restore_detection.freeze_if_restored()
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

    restore_detection.freeze_if_restored()

    due.refresh_from_db()
    assert (due.state, due.needs_person) == ("unknown", by_key)
    assert len(reconcile.claim_due_reads(limit=10)) == (0 if by_key else 1)


def test_another_database_beside_the_same_outside_is_no_restored_one() -> None:
    restored()
    Installation.objects.all().delete()

    assert restore_detection.freeze_if_restored() is None
