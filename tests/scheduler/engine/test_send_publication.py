"""Sending: the attempt before the call, the two named failures, and every reason not to send."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services import content, events, publications, vacancies, waiting_publications
from scheduler.channels.contract import Abilities, NotSent, OutcomeUnknown, PictureLimits, Receipt
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import publication_claims, reconcile, sending
from tests import factories
from tests.scheduler.conftest import Remote, Told, begin, claim_one, make_due, send


def test_an_accepted_publication_is_sent_with_the_channels_own_address(due: Publication, remote: Remote) -> None:
    assert send(due) == "sent"

    assert due.sent_post.remote_id == str(due.key)
    assert due.sent_post.url == f"https://told.example/{due.key}"
    assert due.sent_at is not None
    assert list(remote.posts) == [str(due.key)]


def test_the_attempt_is_written_before_the_channel_is_called(due: Publication, remote: Remote) -> None:
    send(due)

    assert remote.seen_attempts == [1]
    attempt = due.attempts.get()
    assert (attempt.outcome, attempt.worker, attempt.remote_id) == ("sent", "test", str(due.key))


def test_the_same_message_twice_sends_once(due: Publication, remote: Remote) -> None:
    claim = claim_one(due)
    for _ in range(2):
        sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test")

    assert len(remote.sends) == 1


def test_a_message_whose_fence_has_moved_sends_nothing(due: Publication, remote: Remote) -> None:
    claim = claim_one(due)
    publication_claims.give_back([claim])

    assert sending.send_publication(publication_id=due.pk, fence=claim.fence, worker="test") == "stale"
    assert remote.sends == []


def test_a_message_after_the_lease_is_over_sends_nothing(due: Publication, remote: Remote) -> None:
    claim = claim_one(due)
    Publication.objects.update(lease_until=timezone.now() - timedelta(milliseconds=1))

    assert sending.send_publication(publication_id=due.pk, fence=claim.fence, worker="test") == "stale"
    assert remote.sends == []


def test_a_worker_that_slept_before_the_call_does_not_send(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = iter([0.0, sending.AWAKE + 0.5])
    monkeypatch.setattr(sending, "boot_seconds", lambda: next(readings))

    assert send(due) == "scheduled"
    assert remote.sends == []
    assert due.due_at <= timezone.now()


def test_a_refusal_that_may_pass_is_tried_again_later_with_the_same_key(due: Publication, remote: Remote) -> None:
    remote.answers.append(NotSent("Too many posts.", retry_after=120))
    key_before = claim_one(due) and due.key

    state = sending.send_publication(publication_id=due.pk, fence=due.fence, worker="test")
    due.refresh_from_db()

    assert state == "scheduled"
    assert due.due_at > timezone.now() + timedelta(seconds=119)
    assert due.key == key_before
    assert due.reason == "Too many posts."


@pytest.mark.parametrize("absurd", [1e12, float("inf"), float("nan")])
def test_a_channel_that_asks_for_centuries_is_asked_again_after_a_day(
    due: Publication, remote: Remote, absurd: float
) -> None:
    remote.answers = [NotSent("Busy.", code="rate_limited", retry_after=absurd)]
    assert send(due) == "scheduled"
    assert timedelta(hours=23) < due.due_at - timezone.now() < timedelta(hours=25)


def test_a_refusal_for_good_waits_for_a_person(due: Publication, remote: Remote) -> None:
    remote.answers.append(NotSent("The text breaks their rules.", permanent=True))

    assert send(due) == "failed"
    assert due.needs_person


def test_refusals_end_after_the_last_try(due: Publication, remote: Remote) -> None:
    for _ in range(sending.TRIES):
        remote.answers.append(NotSent("Busy."))
        make_due(due)
        Connection.objects.update(failures=0, paused_until=None)  # the breaker has its own tests
        send(due)

    assert due.state == "failed"
    assert due.tries == sending.TRIES


def test_timeout_after_send_becomes_unknown(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))

    assert send(due) == "unknown"
    assert not due.needs_person
    assert due.attempts.get().outcome == "unknown"


def test_an_error_without_a_name_becomes_unknown(due: Publication, remote: Remote) -> None:
    remote.answers.append(ZeroDivisionError())

    assert send(due) == "unknown"


def test_an_unknown_outcome_waits_for_a_person_where_the_channel_cannot_be_read(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Told, "abilities", Abilities(reads_back=False, deletes=False, settling=0.0))
    remote.answers.append(OutcomeUnknown("It did not answer."))

    assert send(due) == "unknown"
    assert due.needs_person


def test_a_lost_workers_late_answer_counts_after_a_person_said_send_it_again(
    clock: time_machine.Traveller, due: Publication, remote: Remote
) -> None:
    claim = claim_one(due)
    attempt = begin(due, fence=claim.fence)
    assert attempt is not None
    clock.shift(sending.DEADLINE + sending.SLACK + 1)
    assert reconcile.give_up_lost_workers() == 1
    due.refresh_from_db()
    publications.retry_publication(publication=due, by=factories.person("comms"))
    assert sending.record(attempt, Receipt("7", "https://told.example/7")) == "stale"

    send(due)

    assert remote.sends == []
    assert (due.state, due.sent_post.remote_id) == ("sent", "7")


def test_a_refused_sign_in_holds_this_and_what_follows_until_the_channel_is_connected_again(
    due: Publication, remote: Remote
) -> None:
    remote.answers.append(NotSent("Sign in again.", code="needs_sign_in", permanent=True))
    assert send(due) == "held"
    following = make_due(factories.publication(of=factories.approved_blog_entry(), on=due.channel))
    assert send(following) == "held"
    assert len(remote.sends) == 1

    connections.connect_channel(channel=due.channel, kind="told", settings={}, secrets={})

    assert set(Publication.objects.values_list("state", flat=True)) == {"scheduled"}


def test_what_is_not_approved_is_held_and_goes_out_once_it_is(channel: Channel, remote: Remote) -> None:
    entry = factories.blog_entry()
    publication = make_due(factories.publication(of=entry, on=channel))
    assert send(publication) == "held"
    assert publication.reason_code == "not_approved"

    factories.approved(entry)

    assert send(publication) == "sent"


def test_an_edit_after_approval_keeps_it_from_going_out(due: Publication, remote: Remote) -> None:
    entry = due.content.specific
    content.apply_changes(entry, {"title": "Another title"}, by=factories.person("comms"))

    assert send(due) == "held"
    assert remote.sends == []


@pytest.mark.parametrize("approved_anew", [False, True])
def test_an_edit_that_comes_between_the_gates_and_the_call_still_stops_it(
    due: Publication, comms: User, approver: User, *, approved_anew: bool
) -> None:
    claim = claim_one(due)
    composed = Publication.objects.with_content().get(pk=due.pk)
    content.apply_changes(due.content.specific, {"body": "Never approved."}, by=comms)
    if approved_anew:
        content.approve_content(content=due.content, by=approver)

    assert begin(composed, fence=claim.fence) is None
    assert due.attempts.count() == 0


def test_a_picture_whose_file_is_gone_holds_it_and_says_so(due: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    takes = PictureLimits(maximum=4, bytes=5_000_000, side=2400, alt_text=1000)
    monkeypatch.setattr(Told, "abilities", Abilities(reads_back=True, deletes=True, settling=0.0, pictures=takes))
    picture = factories.picture()
    due.placed_pictures.create(picture=picture, position=0)
    picture.file.storage.delete(picture.file.name)

    assert send(due) == "held"
    assert (due.reason_code, due.reason) == ("does_not_fit", "The picture cannot be read. Choose another.")


def test_a_channel_that_is_connected_to_nothing_holds_and_says_so(due: Publication) -> None:
    Connection.objects.all().delete()

    assert send(due) == "held"
    assert "not connected" in due.reason


def test_a_channel_that_is_no_longer_used_holds(due: Publication) -> None:
    channels_services.change_channel(channel=due.channel, changes={"active": False})

    assert send(due) == "held"


@pytest.mark.parametrize(("rule", "state"), [("publish", "sent"), ("hold", "held"), ("cancel", "cancelled")])
def test_what_is_too_late_follows_its_own_rule(due: Publication, rule: str, state: str) -> None:
    Publication.objects.update(late_rule=rule, late_after_minutes=30)
    make_due(due, minutes_ago=31)

    assert send(due) == state


def test_what_was_tried_in_time_and_is_too_late_since_follows_its_own_rule(due: Publication, remote: Remote) -> None:
    Publication.objects.update(late_rule="cancel", late_after_minutes=60)
    remote.answers.append(NotSent("Sign in again.", code="needs_sign_in", permanent=True))
    assert send(due) == "held"
    make_due(due, minutes_ago=3 * 24 * 60)

    connections.connect_channel(channel=due.channel, kind="told", settings={}, secrets={})

    assert send(due) == "cancelled"
    assert len(remote.sends) == 1


@pytest.mark.parametrize("rule", ["hold", "cancel"])
def test_what_is_less_late_than_its_rule_allows_goes_out(due: Publication, rule: str) -> None:
    Publication.objects.update(late_rule=rule, late_after_minutes=30)
    make_due(due, minutes_ago=29)

    assert send(due) == "sent"


def test_a_late_one_that_a_person_released_goes_out(due: Publication) -> None:
    Publication.objects.update(late_rule="hold", late_after_minutes=30)
    make_due(due, minutes_ago=31)
    send(due)

    publications.release_publication(publication=due, by=factories.person("comms"))

    assert send(due) == "sent"


def test_what_waits_for_a_vacancy_is_cancelled_when_it_closes(channel: Channel) -> None:
    vacancy = factories.approved_vacancy()
    publication = make_due(factories.publication(of=vacancy, on=channel))
    type(vacancy).objects.update(opens_at=factories.in_days(-2), closes_at=timezone.now())

    assert send(publication) == "cancelled"
    assert "closed" in publication.reason


def test_what_is_held_for_a_vacancy_is_cancelled_when_it_closes(channel: Channel) -> None:
    vacancy = factories.approved_vacancy()
    publication = factories.publication(of=vacancy, on=channel)
    publications.hold_publication(publication=publication, by=None, reason="Not yet.")
    type(vacancy).objects.update(opens_at=factories.in_days(-2), closes_at=timezone.now())

    assert waiting_publications.cancel_ended(now=timezone.now()) == 1
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == ("cancelled", "This job has closed.")


@pytest.mark.parametrize(
    ("status", "words"),
    [("filled", "This job has been filled."), ("withdrawn", "This job closed early.")],
)
def test_what_waits_for_a_vacancy_is_cancelled_when_it_is_filled_or_withdrawn(
    channel: Channel, status: str, words: str
) -> None:
    vacancy = factories.approved_vacancy()
    publication = factories.publication(of=vacancy, on=channel)

    vacancies.end_vacancy(vacancy=vacancy, status=status, by=factories.person("hr"))

    publication.refresh_from_db()
    assert (publication.state, publication.reason) == ("cancelled", words)


def test_what_waits_for_an_event_is_cancelled_with_it(channel: Channel) -> None:
    event = factories.approved_event()
    publication = factories.publication(of=event, on=channel)

    events.cancel_event(event=event, by=factories.person("comms"))

    publication.refresh_from_db()
    assert (publication.state, publication.reason) == ("cancelled", "This event is cancelled.")


def test_content_that_became_for_staff_is_not_sent_to_everyone(due: Publication, remote: Remote) -> None:
    type(due.content).objects.update(audience="staff")

    assert send(due) == "held"
    assert remote.sends == []
