"""Finding out what cannot be known: lost workers and read-back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Publication
from campaigns.planning.services import content, publications
from scheduler.channels.contract import CannotRead, NotSent, OutcomeUnknown, Receipt
from scheduler.connections import services as connections
from scheduler.engine import reconcile, sending
from scheduler.posts import manual_publishing
from tests import factories
from tests.scheduler.conftest import Remote, Told, begin, claim_one, send


def look(publication: Publication) -> str:
    """As if its time to look had come."""
    Publication.objects.filter(pk=publication.pk).update(due_at=timezone.now())
    assert reconcile.claim_due_reads(limit=10) == [publication.pk]
    state = reconcile.read_back(publication_id=publication.pk)
    publication.refresh_from_db()
    return state


def lose_worker(publication: Publication) -> None:
    """The worker dies right after its attempt was committed."""
    claim = claim_one(publication)
    attempt = begin(publication, fence=claim.fence)
    assert attempt is not None
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reconcile.give_up_lost_workers() == 1
    publication.refresh_from_db()


def test_an_accepted_post_whose_answer_was_lost_is_found_and_not_sent_again(due: Publication, remote: Remote) -> None:
    remote.accepts_before_failing = True
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)

    assert look(due) == "sent"
    assert due.sent_post.remote_id == str(due.key)
    assert len(remote.sends) == 1


def test_a_post_that_is_found_after_its_content_was_withdrawn_is_taken_down(
    due: Publication, remote: Remote, comms: User
) -> None:
    remote.accepts_before_failing = True
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    content.withdraw_content(content=due.content, by=comms)

    assert look(due) == "sent"
    assert (due.needs_person, due.reason_code) == (False, "taking_down")


def test_it_is_not_looked_for_on_another_kind_of_channel(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    connections.connect_channel(channel=due.channel, kind="blog", settings={}, secrets={})

    assert look(due) == "unknown"
    assert due.needs_person
    assert "It was published on Told" in due.reason


def test_a_post_that_is_missing_twice_goes_out_again_with_the_same_key(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)

    assert look(due) == "unknown"
    assert look(due) == "scheduled"
    assert send(due) == "sent"
    assert remote.sends == [str(due.key)] * 2
    assert list(remote.posts) == [str(due.key)]


def test_one_absence_followed_by_no_answer_starts_the_count_again(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    look(due)
    remote.cannot_read = CannotRead("No answer.")

    assert look(due) == "unknown"
    assert due.missed_reads == 0
    remote.cannot_read = None
    assert look(due) == "unknown"
    assert look(due) == "scheduled"


def test_a_channel_that_cannot_be_read_is_asked_again_later(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    remote.cannot_read = CannotRead("The channel does not answer.")

    assert look(due) == "unknown"
    assert due.due_at > timezone.now()
    assert due.reason == "The channel does not answer."
    assert not due.needs_person


def test_a_person_is_asked_where_too_much_was_posted_since(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    remote.cannot_read = CannotRead("Too many newer posts. Look there.", code="too_many_posts")

    assert look(due) == "unknown"
    assert due.needs_person
    assert due.reason == "Too many newer posts. Look there."


def test_a_worker_that_dies_while_sending_leaves_an_unknown_outcome(due: Publication) -> None:
    lose_worker(due)

    assert due.state == "unknown"
    attempt = due.attempts.get()
    assert (attempt.outcome, attempt.code) == ("unknown", "worker_lost")


def test_a_live_worker_is_not_given_up(due: Publication) -> None:
    claim = claim_one(due)
    begin(due, fence=claim.fence)

    assert reconcile.give_up_lost_workers() == 0


def test_a_late_answer_of_a_worker_that_was_given_up_is_taken(due: Publication) -> None:
    claim = claim_one(due)
    attempt = begin(due, fence=claim.fence)
    assert attempt is not None
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    reconcile.give_up_lost_workers()

    assert sending.record(attempt, Receipt("7", "https://told.example/7")) == "sent"
    due.refresh_from_db()
    assert due.sent_post.remote_id == "7"
    assert due.attempts.get().outcome == "sent"


def test_a_late_answer_that_asks_for_a_new_sign_in_holds_what_was_given_up(due: Publication, remote: Remote) -> None:
    lose_worker(due)

    sending.record(due.attempts.get(), NotSent("Sign in again.", code="needs_sign_in", permanent=True))

    assert due.attempts.get().outcome == "not_sent"
    assert send(due) == "held"
    assert due.reason_code == "needs_sign_in"
    assert remote.sends == []


def test_two_dispatchers_do_not_look_for_the_same_publication(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    Publication.objects.update(due_at=timezone.now())

    assert reconcile.claim_due_reads(limit=10) == [due.pk]
    assert reconcile.claim_due_reads(limit=10) == []


def test_a_person_who_has_seen_it_live_says_so(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)

    manual_publishing.mark_published(
        publication=due, at=timezone.now(), url="https://told.example/9", by=factories.person("comms")
    )

    due.refresh_from_db()
    assert (due.state, due.sent_post.url) == ("sent", "https://told.example/9")


def test_a_person_who_has_seen_that_it_is_not_live_sends_it_again(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)

    publications.retry_publication(publication=due, by=factories.person("comms"))

    assert send(due) == "sent"


def test_a_channel_that_cannot_be_read_but_knows_the_key_is_sent_to_again(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Told, "abilities", replace(Told.abilities, reads_back=False, idempotent=True))
    remote.accepts_before_failing = True
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(due) == "unknown"
    assert not due.needs_person

    assert look(due) == "scheduled"
    remote.accepts_before_failing = False
    assert send(due) == "sent"
    assert len(set(remote.sends)) == 1
    assert len(remote.posts) == 1


def not_answered(due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """By a channel that cannot be read and knows the key."""
    monkeypatch.setattr(Told, "abilities", replace(Told.abilities, reads_back=False, idempotent=True))
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(due) == "unknown"
    return due


def test_what_nobody_wants_any_more_is_not_sent_again_to_find_out(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch, comms: User
) -> None:
    not_answered(due, remote, monkeypatch)
    content.withdraw_content(content=due.content, by=comms)

    assert look(due) == "unknown"
    assert due.needs_person
    assert "It may already be live." in due.reason
    assert len(remote.sends) == 1


def test_what_is_sent_again_to_find_out_is_not_called_absent_in_the_end(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    not_answered(due, remote, monkeypatch)
    Publication.objects.update(tries=sending.TRIES)

    assert look(due) == "unknown"
    assert due.needs_person


def test_what_is_certainly_missing_was_not_sent_until_a_late_answer_says_more(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    send(due)
    look(due)
    look(due)
    attempt = due.attempts.get()
    assert (attempt.outcome, attempt.code) == ("not_sent", "read_back")

    sending.record(attempt, OutcomeUnknown("It did not answer."))
    assert due.attempts.get().outcome == "not_sent"
    sending.record(attempt, Receipt("7", "https://told.example/7"))
    assert due.attempts.get().outcome == "sent"
    send(due)
    assert (due.state, due.sent_post.remote_id) == ("sent", "7")
    assert len(remote.sends) == 1
