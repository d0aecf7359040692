"""What went out is one row, whichever way a publication becomes sent; what asks what went out reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from campaigns.planning import states
from campaigns.planning.models import Channel, Publication, Reason, SentPost
from campaigns.planning.services import content, publications
from scheduler.channels.contract import OutcomeUnknown, Receipt
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import reconcile, sending
from scheduler.posts import drafts, manual_publishing, takedown
from tests import factories
from tests.scheduler.conftest import Remote, begin, claim_one, make_due, send

TEXT = "title and summary"


def facts(publication: Publication) -> tuple[Any, ...]:
    row = SentPost.objects.get()
    assert row.publication_id == publication.pk
    assert row.at == Publication.objects.get(pk=publication.pk).sent_at
    text = TEXT if row.text == drafts.default_wording(publication.content) else row.text
    assert not text or row.fingerprint == drafts.fingerprint(row.text, drafts.link_of(publication))
    return row.kind, row.account, row.remote_id, row.url, text, row.published_manually, row.by


@pytest.fixture
def due(due: Publication) -> Publication:
    """On a channel that has said who we are there."""
    connections.check_connection(connection=Connection.objects.get())
    due.refresh_from_db()
    return due


def test_of_what_was_sent(due: Publication) -> None:
    assert send(due) == "sent"

    assert facts(due) == ("told", "told", str(due.key), f"https://told.example/{due.key}", TEXT, False, None)


def test_of_what_read_back_has_found(clock: time_machine.Traveller, due: Publication, remote: Remote) -> None:
    remote.accepts_before_failing, remote.answers = True, [OutcomeUnknown("No answer.")]
    assert send(due) == "unknown"
    clock.shift(timedelta(minutes=1))
    assert reconcile.read_back(publication_id=due.pk) == "sent"

    assert facts(due) == ("told", "told", str(due.key), f"https://told.example/{due.key}", TEXT, False, None)
    assert SentPost.objects.get().at == due.attempts.get().started_at


def test_of_what_read_back_has_found_without_an_attempt(due: Publication, remote: Remote) -> None:
    """As after a restore: the backup does not hold the try."""
    claim_one(due)
    remote.posts[str(due.key)] = TEXT
    states.move_publication(due, to="unknown", reason_code=Reason.RESTORED, raise_fence=True, due_at=timezone.now())
    assert reconcile.read_back(publication_id=due.pk) == "sent"

    assert facts(due) == ("told", "told", str(due.key), f"https://told.example/{due.key}", TEXT, False, None)


def test_of_an_answer_that_comes_late(due: Publication) -> None:
    claim = claim_one(due)
    attempt = begin(due, fence=claim.fence)
    assert attempt is not None
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reconcile.give_up_lost_workers() == 1
    assert sending.record(attempt, Receipt("7", "https://told.example/7")) == "sent"
    assert sending.record(attempt, Receipt("7", "https://told.example/7")) == "stale"

    assert facts(due)[:4] == ("told", "told", "7", "https://told.example/7")


def test_of_an_accepted_attempt_that_is_known_before_the_next_try(due: Publication, remote: Remote) -> None:
    claim = claim_one(due)
    attempt = begin(due, fence=claim.fence)
    assert attempt is not None
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    reconcile.give_up_lost_workers()
    due.refresh_from_db()
    publications.retry_publication(publication=due, by=factories.person("comms"))
    assert sending.record(attempt, Receipt("7", "https://told.example/7")) == "stale"
    send(due)

    assert remote.sends == []
    assert facts(due)[:4] == ("told", "told", "7", "https://told.example/7")


def test_of_what_a_person_has_posted(db: None) -> None:
    board = factories.channel(name="Noticeboards")
    connections.connect_channel(channel=board, kind="share-kit", settings={"place": "the boards"}, secrets={})
    poster = factories.publication(of=factories.blog_entry(), on=board, wording="We are hiring on the ward.")
    factories.approved(poster.content)
    comms = factories.person("comms")
    at, url = timezone.now() - timedelta(hours=2), "https://board.example/7"
    manual_publishing.mark_published(publication=poster, at=at, url=url, by=comms)

    kind, account, remote_id, there, text, posted_by_hand, by = facts(poster)
    assert (kind, account, remote_id, there, posted_by_hand, by) == ("share-kit", "", "", url, True, comms)
    assert text.startswith("We are hiring on the ward.")
    assert SentPost.objects.get().at == at


def test_of_what_a_person_has_posted_where_nothing_is_connected(db: None) -> None:
    stall = factories.publication(of=factories.approved_blog_entry())
    manual_publishing.mark_published(publication=stall, at=timezone.now(), by=None)

    assert facts(stall) == ("", "", "", "", TEXT, True, None)


def test_of_what_a_person_has_found_live(due: Publication, remote: Remote) -> None:
    """It says what we had sent, however it is worded since."""
    remote.answers = [OutcomeUnknown("No answer.")]
    assert send(due) == "unknown"
    Publication.objects.update(wording="Other words.")
    connections.connect_channel(channel=due.channel, kind="share-kit", settings={"place": "the boards"}, secrets={})
    manual_publishing.mark_published(publication=due, at=timezone.now(), by=None)

    assert facts(due) == ("told", "told", "", "", TEXT, True, None)


def test_it_stays_when_the_post_is_taken_down(due: Publication) -> None:
    send(due)
    content.withdraw_content(content=due.content, by=factories.person("comms"))
    (publication_id,) = takedown.due(limit=10)
    assert takedown.take_down(publication_id=publication_id) == "withdrawn"

    assert facts(due)[:3] == ("told", "told", str(due.key))


def test_nothing_becomes_sent_without_it(due: Publication) -> None:
    with pytest.raises(TypeError, match="what was sent"):
        states.move_publication(due, to="sent")
    with pytest.raises(TypeError, match="what was sent"):
        states.move_publication(due, to="held", sent=SentPost(at=timezone.now()))


def other_account(channel: Channel) -> None:
    """Connected anew: the channel names another account now."""
    connections.connect_channel(channel=channel, kind="told", settings={}, secrets={})
    Connection.objects.update(account="another")


def test_another_account_is_asked_for_no_takedown(due: Publication, remote: Remote) -> None:
    send(due)
    other_account(due.channel)
    content.withdraw_content(content=due.content, by=factories.person("comms"))

    due.refresh_from_db()
    assert (due.state, due.reason_code, due.needs_person) == ("sent", "still_live", True)
    assert remote.posts


def test_a_takedown_under_way_asks_no_other_account(due: Publication, remote: Remote) -> None:
    send(due)
    content.withdraw_content(content=due.content, by=factories.person("comms"))
    other_account(due.channel)
    assert takedown.take_down(publication_id=due.pk) == "sent"

    due.refresh_from_db()
    assert "It was published as told, and the channel is now connected as another." in due.reason
    assert remote.posts


def test_another_account_is_not_read_for_what_may_be_live(due: Publication, remote: Remote) -> None:
    remote.answers = [OutcomeUnknown("No answer.")]
    send(due)
    other_account(due.channel)
    assert reconcile.read_back(publication_id=due.pk) == "unknown"

    due.refresh_from_db()
    assert due.needs_person
    assert "It was published as told" in due.reason


def test_our_own_pages_leave_alone_what_a_person_has_published(db: None) -> None:
    """It is not ours to bring up to date: we have put nothing there."""
    channel = factories.channel(name="News")
    connections.connect_channel(channel=channel, kind="blog", settings={}, secrets={})
    entry = make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))
    manual_publishing.mark_published(publication=entry, at=timezone.now(), by=None)
    content.submit_content(content=entry.content, by=factories.person("comms"))
    content.approve_content(content=entry.content, by=factories.person("approver"))

    assert not entry.content.items.exists()
