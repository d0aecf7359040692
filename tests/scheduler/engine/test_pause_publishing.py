"""Holding everything, one campaign or one channel; and what happens to what fell due meanwhile."""

from __future__ import annotations

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import Channel, Pause, Publication
from campaigns.planning.services import publications
from campaigns.planning.services.timing import pauses
from campaigns.planning.services.timing.pauses import PauseEnding
from scheduler.connections import services as connections
from scheduler.engine import preflight, sending
from tests import factories
from tests.scheduler.conftest import Remote, begin, claim_one, make_due, send


def test_a_pause_holds_what_falls_due_and_says_why(due: Publication, remote: Remote, comms: User) -> None:
    pauses.start_pause(reason="A colleague has died.", by=comms)

    assert send(due) == "held"
    assert due.reason == "Publishing is on hold: A colleague has died."
    assert remote.sends == []


def test_a_pause_that_comes_between_the_gates_and_the_call_still_stops_it(
    due: Publication, remote: Remote, comms: User
) -> None:
    claim = claim_one(due)
    pauses.start_pause(reason="Stop.", by=comms)

    assert begin(due, fence=claim.fence) is None
    assert due.attempts.count() == 0


@pytest.mark.parametrize(
    ("held", "state"),
    [(PauseEnding.RELEASE, "scheduled"), (PauseEnding.CANCEL, "cancelled"), (PauseEnding.KEEP, "held")],
)
def test_at_the_end_of_a_pause_a_person_chooses(due: Publication, comms: User, held: PauseEnding, state: str) -> None:
    pause = pauses.start_pause(reason="Election.", by=comms)
    send(due)

    pauses.end_pause(pause=pause, held=held, by=comms)

    due.refresh_from_db()
    assert due.state == state
    assert due.needs_person is (held == PauseEnding.KEEP)


def test_what_would_be_held_as_its_pause_ends_is_not_left_behind(due: Publication, comms: User) -> None:
    pause = pauses.start_pause(reason="Election.", by=comms)
    claim = claim_one(due)
    stop = preflight.check_publication(due, due.channel.connection, timezone.now())
    assert stop is not None
    pauses.end_pause(pause=pause, held=PauseEnding.RELEASE, by=comms)

    assert sending._stopped(due, stop, claim.fence) == "stale"

    due.refresh_from_db()
    assert due.state == "scheduled"


def test_what_is_released_goes_out(due: Publication, remote: Remote, comms: User) -> None:
    pause = pauses.start_pause(reason="Election.", by=comms)
    send(due)
    pauses.end_pause(pause=pause, held=PauseEnding.RELEASE, by=comms)

    assert send(due) == "sent"
    assert len(remote.sends) == 1


def test_what_is_released_too_late_follows_its_own_rule(due: Publication, comms: User) -> None:
    pause = pauses.start_pause(reason="Election.", by=comms)
    send(due)
    Publication.objects.update(late_rule="cancel", late_after_minutes=30)
    make_due(due, minutes_ago=31)
    pauses.end_pause(pause=pause, held=PauseEnding.RELEASE, by=comms)

    assert send(due) == "cancelled"


def test_one_channel_is_paused_and_another_goes_on(channel: Channel, comms: User) -> None:
    other = factories.channel(name="Other", category="social")
    connections.connect_channel(channel=other, kind="told", settings={}, secrets={})
    pauses.start_pause(reason="Account was attacked.", channel=channel, by=comms)

    paused = make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))
    assert send(paused) == "held"
    assert send(make_due(factories.publication(of=factories.approved_blog_entry(), on=other))) == "sent"


def test_one_campaign_is_paused_and_another_goes_on(channel: Channel, comms: User) -> None:
    stopped, running = factories.campaign(), factories.campaign()
    pauses.start_pause(reason="Budget is spent.", campaign=stopped, by=comms)

    first = factories.publication(of=factories.approved_blog_entry(campaign_id=stopped.pk), on=channel)
    assert send(make_due(first)) == "held"
    second = factories.publication(of=factories.approved_blog_entry(campaign_id=running.pk), on=channel)
    assert send(make_due(second)) == "sent"


def test_what_another_pause_covers_too_stays_held(due: Publication, comms: User) -> None:
    pause = pauses.start_pause(reason="First.", by=comms)
    pauses.start_pause(reason="Second.", channel=due.channel, by=comms)
    send(due)

    assert pauses.end_pause(pause=pause, held=PauseEnding.RELEASE, by=comms) == 0
    due.refresh_from_db()
    assert due.state == "held"


def test_a_pause_ends_once(comms: User) -> None:
    pause = pauses.start_pause(reason="Stop.", by=comms)
    pauses.end_pause(pause=pause, held=PauseEnding.KEEP, by=comms)

    with pytest.raises(MoveRefused, match="already ended"):
        pauses.end_pause(pause=pause, held=PauseEnding.KEEP, by=comms)


def test_a_pause_wants_a_reason(comms: User) -> None:
    with pytest.raises(InvalidPlan):
        pauses.start_pause(reason="  ", by=comms)
    assert not Pause.objects.exists()


def test_what_people_held_by_hand_is_not_released_with_a_pause(due: Publication, comms: User) -> None:
    publications.hold_publication(publication=due, by=comms, reason="Wait for the photograph.")
    pause = pauses.start_pause(reason="Stop.", by=comms)

    assert pauses.end_pause(pause=pause, held=PauseEnding.RELEASE, by=comms) == 0
