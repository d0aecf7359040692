"""Withdrawing content takes it off the channels that allow it; where they do not, a person is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import content, publications
from campaigns.website.models import Item
from scheduler.channels.contract import NotSent, OutcomeUnknown
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.posts import manual_publishing, takedown
from scheduler.posts.models import Takedown
from tests import factories
from tests.factories import publishing
from tests.scheduler.conftest import Remote, Told, claim_one, make_due, send


@pytest.fixture
def live(due: Publication, remote: Remote) -> Publication:
    assert send(due) == "sent"
    assert remote.posts
    return due


def withdraw(publication: Publication) -> None:
    content.withdraw_content(content=publication.content, by=factories.person("comms"))
    publication.refresh_from_db()


def take_down(publication: Publication) -> str:
    for pk in takedown.due(limit=10):
        takedown.take_down(publication_id=pk)
    publication.refresh_from_db()
    return publication.state


def test_it_is_taken_down_and_nobody_need_act(live: Publication, remote: Remote) -> None:
    withdraw(live)
    assert (live.state, live.reason_code, live.needs_person) == ("sent", "taking_down", False)

    assert take_down(live) == "withdrawn"
    assert remote.posts == {}
    assert takedown.due(limit=10) == []


def test_nothing_is_withdrawn_that_could_not_be_put_on_the_list(
    live: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = factories.publication(of=live.content, on=live.channel)
    monkeypatch.setattr(takedown, "find_adapter", Mock(side_effect=DatabaseError))

    with pytest.raises(DatabaseError):
        withdraw(live)

    for row in (live, waiting, live.content):
        row.refresh_from_db()
    assert (live.content.state, live.reason_code, waiting.state) == ("approved", "", "scheduled")


def test_a_channel_that_cannot_leaves_it_to_a_person(
    live: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Told, "abilities", replace(Told.abilities, deletes=False))
    withdraw(live)

    assert (live.state, live.reason_code, live.needs_person) == ("sent", "still_live", True)
    assert takedown.due(limit=10) == []
    assert remote.posts


def test_a_busy_channel_is_asked_again_later(live: Publication, remote: Remote, clock: time_machine.Traveller) -> None:
    remote.deletions = [NotSent("Busy.", retry_after=30), OutcomeUnknown("No answer.")]
    withdraw(live)

    assert take_down(live) == "sent"
    assert takedown.due(limit=10) == []
    clock.shift(timedelta(minutes=20))
    assert take_down(live) == "sent"
    clock.shift(timedelta(minutes=20))
    assert take_down(live) == "withdrawn"
    assert Takedown.objects.get().tries == 3


@pytest.mark.parametrize(
    "failures", [[NotSent("It is locked.", permanent=True)], [OutcomeUnknown("?")] * takedown.TRIES]
)
def test_what_cannot_be_taken_down_becomes_a_persons(
    live: Publication, remote: Remote, clock: time_machine.Traveller, failures: list[Exception]
) -> None:
    remote.deletions = list(failures)
    withdraw(live)
    for _ in failures:
        take_down(live)
        clock.shift(timedelta(hours=1))

    assert (live.state, live.reason_code, live.needs_person) == ("sent", "still_live", True)
    assert str(failures[-1]) in live.reason
    assert takedown.due(limit=10) == []
    publications.mark_taken_down(publication=live, by=factories.person("comms"))


def test_a_worker_that_dies_over_it_is_followed_by_another(
    live: Publication, remote: Remote, clock: time_machine.Traveller
) -> None:
    withdraw(live)
    assert takedown.due(limit=10) == [live.pk]  # and nothing more happens
    assert takedown.due(limit=10) == []
    clock.shift(takedown.TAKING + timedelta(seconds=1))

    assert take_down(live) == "withdrawn"


def test_a_person_who_was_quicker_wins(live: Publication, remote: Remote) -> None:
    withdraw(live)
    publications.mark_taken_down(publication=live, by=factories.person("comms"))

    assert take_down(live) == "withdrawn"
    assert remote.posts, "nobody asked the channel again"
    live.refresh_from_db()
    assert live.reason_code == "taken_down_by_hand"


def test_content_withdrawn_while_it_was_being_sent_comes_down_again(due: Publication, remote: Remote) -> None:
    def withdrawn_meanwhile() -> None:
        content.withdraw_content(content=due.content, by=factories.person("comms"))

    remote.answers = [withdrawn_meanwhile]

    assert send(due) == "sent"
    assert due.reason_code == "taking_down"
    assert take_down(due) == "withdrawn"
    assert remote.posts == {}


def test_what_was_published_by_hand_is_a_persons(due: Publication, remote: Remote) -> None:
    claim_one(due)
    publications.hold_publication(publication=due, by=None, reason="By hand.")
    address = "https://told.example/by-hand"
    manual_publishing.mark_published(publication=due, at=timezone.now(), url=address, by=factories.person("comms"))
    withdraw(due)

    assert (due.reason_code, due.needs_person) == ("still_live", True)
    assert takedown.due(limit=10) == []


def test_what_a_person_finds_live_of_withdrawn_content_is_theirs_to_take_down(due: Publication, remote: Remote) -> None:
    withdraw(publishing.unknown(due, readable=False))

    found = manual_publishing.mark_published(publication=due, at=timezone.now(), by=factories.person("comms"))

    assert (found.state, found.reason_code, found.needs_person) == ("sent", "still_live", True)


def test_a_channel_that_was_disconnected_meanwhile_leaves_it_to_a_person(live: Publication, remote: Remote) -> None:
    withdraw(live)
    connections.disconnect_channel(channel=live.channel)

    take_down(live)

    assert (live.state, live.needs_person) == ("sent", True)
    assert "we cannot take it down" in live.reason


SIGNED_OUT = NotSent(
    "The access token was not accepted. Connect the channel again.", code="needs_sign_in", permanent=True
)


def test_a_sign_in_that_ended_is_waited_for(live: Publication, remote: Remote) -> None:
    remote.deletions = [SIGNED_OUT]
    withdraw(live)

    assert take_down(live) == "sent"
    assert (live.needs_person, live.reason_code) == (True, "needs_sign_in")
    assert "Connect the channel again. We will then take it down." in live.reason
    assert Connection.objects.get().status == "needs_sign_in"
    assert takedown.due(limit=10) == []

    connections.connect_channel(channel=live.channel, kind="told", settings={}, secrets={})
    live.refresh_from_db()
    assert (live.needs_person, live.reason_code) == (False, "taking_down")
    assert take_down(live) == "withdrawn"
    assert remote.posts == {}


def test_a_check_that_finds_it_signed_in_takes_it_up_again(live: Publication, remote: Remote) -> None:
    remote.deletions = [SIGNED_OUT]
    withdraw(live)
    take_down(live)

    connections.check_connection(connection=Connection.objects.get())
    assert take_down(live) == "withdrawn"


def test_what_was_taken_down_by_hand_meanwhile_is_left_alone(live: Publication, remote: Remote) -> None:
    remote.deletions = [SIGNED_OUT]
    withdraw(live)
    take_down(live)
    publications.mark_taken_down(publication=live, by=factories.person("comms"))

    connections.connect_channel(channel=live.channel, kind="told", settings={}, secrets={})
    assert takedown.due(limit=10) == []


def test_an_error_without_a_name_makes_it_a_persons(live: Publication, remote: Remote) -> None:
    remote.deletions = [ValueError("no number")]
    withdraw(live)

    take_down(live)
    assert (live.state, live.reason_code, live.needs_person) == ("sent", "still_live", True)
    assert "ValueError" in live.reason
    assert takedown.due(limit=10) == []


def connect_to_our_own_pages(channel: Channel) -> None:
    connections.connect_channel(channel=channel, kind="blog", settings={}, secrets={})


def test_a_channel_that_is_connected_to_something_else_meanwhile_leaves_it_to_a_person(
    live: Publication, remote: Remote
) -> None:
    connect_to_our_own_pages(live.channel)
    withdraw(live)

    assert (live.state, live.reason_code, live.needs_person) == ("sent", "still_live", True)
    assert takedown.due(limit=10) == []
    assert remote.posts


def test_a_takedown_under_way_asks_no_other_channel(live: Publication, remote: Remote) -> None:
    withdraw(live)
    connect_to_our_own_pages(live.channel)

    assert take_down(live) == "sent"
    assert live.needs_person
    assert "It was published on Told, and the channel is now connected to" in live.reason


def test_what_stands_on_our_own_pages_goes_whatever_the_channel_is_connected_to(db: None, remote: Remote) -> None:
    channel = factories.channel(name="News")
    connect_to_our_own_pages(channel)
    entry = make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))
    assert send(entry) == "sent"
    connections.connect_channel(channel=channel, kind="told", settings={}, secrets={})
    withdraw(entry)

    assert entry.state == "withdrawn"
    assert not Item.objects.filter(withdrawn_at=None).exists()


def test_approving_again_puts_nothing_on_a_page_that_the_channel_is_connected_to_now(
    live: Publication, remote: Remote
) -> None:
    connect_to_our_own_pages(live.channel)
    content.submit_content(content=live.content, by=factories.person("comms"))
    content.approve_content(content=live.content, by=factories.person("approver"))

    assert not Item.objects.exists()


def posted_by_hand(publication: Publication, url: str = "") -> Publication:
    """Held for a person, who posts it and ticks it off."""
    publications.hold_publication(publication=publication, by=None, reason="By hand.")
    at, by = timezone.now(), factories.person("comms")
    return manual_publishing.mark_published(publication=publication, at=at, url=url, by=by)


def test_what_hangs_on_a_noticeboard_is_listed_for_whoever_hung_it(db: None) -> None:
    board = factories.channel(name="Noticeboards")
    connections.connect_channel(channel=board, kind="share-kit", settings={"place": "the noticeboards"}, secrets={})
    poster = posted_by_hand(factories.publication(of=factories.approved_blog_entry(), on=board))
    withdraw(poster)

    assert (poster.reason_code, poster.needs_person) == ("still_live", True)
    assert takedown.due(limit=10) == []


def test_nobody_need_take_down_a_stall(db: None) -> None:
    stall = posted_by_hand(factories.publication(of=factories.approved_blog_entry()))
    withdraw(stall)

    assert (stall.reason_code, stall.needs_person) == ("published_by_hand", False)
