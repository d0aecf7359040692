"""A person's decision and a worker's send meet at the same publication: nothing goes out twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.errors import MoveRefused
from campaigns.planning.models import Channel, Publication, PublicationState
from campaigns.planning.services import content, publications
from scheduler.channels.contract import DoesNotFit, OutcomeUnknown
from scheduler.engine import preflight, publication_claims, reconcile, sending
from scheduler.posts import drafts, manual_publishing
from tests import factories
from tests.factories import publishing
from tests.scheduler.conftest import Remote, Told, begin, claim_one, make_due, send

VERBS: dict[str, Callable[[Publication], object]] = {
    "hold": lambda row: publications.hold_publication(publication=row, by=None, reason="Wait."),
    "release": lambda row: publications.release_publication(publication=row, by=None),
    "cancel": lambda row: publications.cancel_publication(publication=row, by=None),
    "retry": lambda row: publications.retry_publication(publication=row, by=None),
    "mark_published": lambda row: manual_publishing.mark_published(publication=row, at=timezone.now(), by=None),
    "mark_taken_down": lambda row: publications.mark_taken_down(publication=row, by=None),
    "reschedule": lambda row: publications.reschedule_publication(
        publication=row, publish_at=factories.in_days(2), zone="Europe/London", by=None
    ),
}
ALLOWED = {
    "hold": {"scheduled"},
    "release": {"held"},
    "cancel": {"scheduled", "held", "unknown", "failed"},
    "retry": {"failed", "unknown"},
    "mark_published": {"scheduled", "held", "unknown"},
    "mark_taken_down": {"sent"},
    "reschedule": {"scheduled", "held"},
}


@pytest.mark.parametrize("state", PublicationState.values)
@pytest.mark.parametrize("verb", VERBS)
def test_each_decision_is_taken_only_where_it_makes_sense(db: None, remote: Remote, verb: str, state: str) -> None:
    row = publishing.IN_STATE[state]()

    if state in ALLOWED[verb]:
        VERBS[verb](row)
    else:
        with pytest.raises(MoveRefused):
            VERBS[verb](row)
        row.refresh_from_db()
        assert row.state == state


@pytest.mark.parametrize("verb", ["hold", "release", "cancel", "retry", "mark_published", "reschedule"])
def test_what_is_being_sent_is_left_to_its_worker(due: Publication, verb: str) -> None:
    claim = claim_one(due)
    assert begin(due, fence=claim.fence) is not None

    with pytest.raises(MoveRefused):
        VERBS[verb](due)


def test_what_is_approved_while_the_gates_are_asked_is_not_held_for_want_of_it(
    channel: Channel, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = factories.in_review(factories.blog_entry())
    row = make_due(factories.publication(of=entry, on=channel))
    check = preflight.check_publication

    def approve_after(publication: Publication, *asked: Any) -> Any:
        found = check(publication, *asked)
        monkeypatch.setattr(preflight, "check_publication", check)
        content.approve_content(content=entry, by=factories.person("approver"))
        return found

    monkeypatch.setattr(preflight, "check_publication", approve_after)
    assert send(row) == "stale"
    assert (row.state, row.reason_code) == ("scheduled", "")

    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert send(row) == "sent"


def test_an_unexpected_error_while_composing_holds_and_does_not_loop(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(publication: Publication) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(sending, "link_of", broken)

    assert send(due) == "held"
    assert due.reason_code == "cannot_compose"
    assert publication_claims.claim_due(limit=10) == []


def test_an_unexpected_error_while_looking_asks_a_person(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answers.append(OutcomeUnknown("No answer."))
    send(due)
    remote.cannot_read = ZeroDivisionError()
    Publication.objects.update(due_at=timezone.now())
    reconcile.claim_due_reads(limit=1)

    assert reconcile.read_back(publication_id=due.pk) == "unknown"
    due.refresh_from_db()
    assert due.needs_person


def test_a_post_that_is_missing_again_and_again_comes_to_a_person(due: Publication, remote: Remote) -> None:
    remote.answers.append(OutcomeUnknown("No answer."))
    send(due)
    Publication.objects.update(tries=sending.TRIES)
    for _ in range(reconcile.ABSENCES):
        Publication.objects.update(due_at=timezone.now())
        reconcile.claim_due_reads(limit=1)
        reconcile.read_back(publication_id=due.pk)

    due.refresh_from_db()
    assert (due.state, due.needs_person) == ("failed", True)


def test_archived_content_can_still_be_withdrawn(due: Publication, comms: User) -> None:
    send(due)
    content.archive_content(content=due.content, by=comms)

    assert content.withdraw_content(content=due.content, by=comms).state == "withdrawn"


def test_staff_content_stays_off_a_public_adapter_whatever_the_channel_says(due: Publication, remote: Remote) -> None:
    type(due.content).objects.update(audience="staff")
    Channel.objects.update(audience="staff")

    assert send(due) == "held"
    assert due.reason_code == "audience"
    assert remote.sends == []


def test_hashtags_that_change_after_approval_do_not_go_out(channel: Channel) -> None:
    campaign = factories.campaign(hashtags=["Approved"])
    publication = make_due(factories.publication(of=factories.approved_blog_entry(campaign_id=campaign.pk), on=channel))
    type(campaign).objects.update(hashtags=["NeverSeen"])
    publication = Publication.objects.with_content().get(pk=publication.pk)

    assert drafts.draft_of(publication, [], link="", abilities=Told.abilities).hashtags == ("Approved",)


def test_two_clicks_on_schedule_make_one(db: None) -> None:
    first = factories.publication()
    with pytest.raises(Exception, match="already scheduled"):
        factories.publication(of=first.content, on=first.channel, publish_at=first.publish_at)


def test_what_does_not_fit_is_tried_again_once_it_is_approved_anew(
    due: Publication, comms: User, approver: User
) -> None:
    with patch.object(Told, "compose", side_effect=DoesNotFit("This is 5 too many. Shorten the text.")):
        assert send(due) == "held"
    content.apply_changes(due.content.specific, {"summary": "Shorter."}, by=comms)
    content.approve_content(content=due.content, by=approver)

    due.refresh_from_db()
    assert due.state == "scheduled"
