"""The clock jumps an hour each way: nothing goes out twice, and nothing waits an hour for the clock to catch up.

In process: `Time` is the engine's wall clock and the clock that only runs on, together or apart.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from scheduler.channels.contract import Abilities, OutcomeUnknown
from scheduler.connections.models import Connection
from scheduler.engine import dispatcher, publication_claims, rate_limit, reconcile, sending
from scheduler.engine.dispatcher import Dispatcher
from scheduler.engine.health import health
from scheduler.engine.models import Worker
from scheduler.leases import database_clock
from tests.scheduler.conftest import Remote, Told, claim_one, send
from tests.scheduler.conftest import begin as attempt_of

HOUR = 3600.0
OVER = sending.DEADLINE + sending.SLACK
SETTLING = 10.0
"""Seconds until a post can be read back; more than a channel's two looks are apart."""


class Time:
    def __init__(self, traveller: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
        self.traveller = traveller
        self.running = 1_000.0
        monkeypatch.setattr(database_clock, "boot_seconds", lambda: self.running)

    def passes(self, seconds: float) -> None:
        self.running += seconds
        self.traveller.shift(seconds)

    def jumps(self, seconds: float) -> None:
        self.traveller.shift(seconds)


class Engine:
    """One dispatcher's housekeeping, a second at a time; what it looks for is looked for at once."""

    def __init__(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = time
        self.dispatcher = Dispatcher(stop=None, threads=8)  # type: ignore[arg-type]
        monkeypatch.setattr(
            dispatcher, "read_back", lambda publication_id: reconcile.read_back(publication_id=publication_id)
        )
        self.keeps_house()

    def keeps_house(self) -> None:
        reconcile.mend_times()
        self.dispatcher._reconcile()

    def goes_on_for(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.time.passes(1.0)
            self.keeps_house()


@pytest.fixture
def wall(time_traveller: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(time_traveller, monkeypatch)


@pytest.fixture
def time_traveller(clock: time_machine.Traveller) -> time_machine.Traveller:
    """By another name: a module here is called as the fixture is."""
    return clock


@pytest.fixture
def engine(wall: Time, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(Told, "abilities", Abilities(reads_back=True, deletes=True, settling=SETTLING))
    return Engine(wall, monkeypatch)


def state_of(publication: Publication) -> str:
    publication.refresh_from_db()
    return str(publication.state)


def begin(publication: Publication) -> sending.Attempt:
    attempt = attempt_of(publication, fence=claim_one(publication).fence)
    assert attempt is not None
    return attempt


def hide_posts_for(remote: Remote, monkeypatch: pytest.MonkeyPatch, wall: Time, seconds: float) -> None:
    """The channel shows a post only once so much time has really passed."""
    seen_from = wall.running + seconds
    find = Told.find

    def lagging(self: Told, **asked: str) -> object:
        return find(self, **asked) if wall.running >= seen_from else None  # type: ignore[arg-type]

    monkeypatch.setattr(Told, "find", lagging)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_between_claim_and_send_it_goes_out_once(engine: Engine, due: Publication, remote: Remote, jump: float) -> None:
    late = Publication.objects.filter(pk=due.pk)
    late.update(due_at=timezone.now() - timedelta(hours=2), late_after_minutes=600)
    claim = claim_one(due)

    engine.time.jumps(jump)
    engine.goes_on_for(4)
    taken_over = publication_claims.claim_due(limit=10)
    for each in [claim, *taken_over, claim]:
        sending.send_publication(publication_id=each.publication_id, fence=each.fence, worker="test")

    assert len(taken_over) == 1
    assert state_of(due) == "sent"
    assert len(remote.sends) == 1


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_call_under_way_is_not_taken_for_lost(engine: Engine, due: Publication, jump: float) -> None:
    attempt = begin(due)

    engine.time.jumps(jump)
    engine.goes_on_for(sending.DEADLINE)

    assert state_of(due) == "sending"
    assert sending.record(attempt, sending.Receipt("1", "")) == "sent"


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_lost_worker_is_given_up_soon_and_its_post_found(
    engine: Engine, due: Publication, remote: Remote, jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(due)
    remote.posts[str(due.key)] = "accepted, and then the worker was lost"
    hide_posts_for(remote, monkeypatch, engine.time, sending.DEADLINE + SETTLING)

    engine.time.jumps(jump)
    engine.goes_on_for(3 * OVER)

    assert state_of(due) == "sent"


def test_a_dispatcher_that_starts_after_the_clock_was_set_back_gives_no_call_up_early(
    engine: Engine, due: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(due)

    engine.time.jumps(-HOUR)
    engine = Engine(engine.time, monkeypatch)
    engine.goes_on_for(sending.DEADLINE)
    assert state_of(due) == "sending"
    engine.goes_on_for(3 * OVER)

    assert state_of(due) == "scheduled"


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_unknown_is_looked_for_once_it_can_be_read_back_and_not_an_hour_later(
    engine: Engine, due: Publication, remote: Remote, jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.accepts_before_failing = True
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(due) == "unknown"
    hide_posts_for(remote, monkeypatch, engine.time, SETTLING)

    engine.time.jumps(jump)
    engine.goes_on_for(3 * OVER)

    assert state_of(due) == "sent"
    assert len(remote.sends) == 1


def test_a_dispatcher_that_starts_after_the_clock_was_set_back_looks_for_nothing_early(
    engine: Engine, due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.accepts_before_failing = True
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(due) == "unknown"
    hide_posts_for(remote, monkeypatch, engine.time, SETTLING)

    engine.time.jumps(-HOUR)
    Engine(engine.time, monkeypatch).goes_on_for(3 * OVER)

    assert state_of(due) == "sent"


def test_a_half_empty_bucket_goes_on_filling(engine: Engine, channel: Channel) -> None:
    Connection.objects.update(rate_per_minute=60, burst=4, tokens=0.5, tokens_at=timezone.now())

    engine.time.jumps(-HOUR)
    engine.keeps_house()
    engine.time.passes(2.0)

    (connection,) = Connection.objects.all()
    assert rate_limit.permits(connection, timezone.now(), busy=0) == 2


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_connection_that_its_breaker_paused_is_tried_again_when_the_clock_says_so(
    engine: Engine, due: Publication, jump: float
) -> None:
    """Earlier by the jump, or later: a pause may be the channel's own wish, so it is never cut short."""
    until = timezone.now() + timedelta(minutes=10)
    Connection.objects.update(failures=9, paused_until=until)

    engine.time.jumps(jump)
    engine.keeps_house()

    (connection,) = Connection.objects.all()
    assert connection.paused_until == until
    assert rate_limit.permits(connection, timezone.now(), busy=0) == (1 if jump > 0 else 0)
    assert rate_limit.permits(connection, until, busy=0) == 1


def test_a_worker_that_was_lost_before_does_not_count_as_alive(engine: Engine) -> None:
    Worker.objects.create(name="lost:1", started_at=timezone.now(), seen_at=timezone.now(), threads=100)

    engine.time.jumps(-HOUR)
    assert not health(timezone.now()).worker_alive
    engine.dispatcher._record_heartbeat()
    engine.time.passes(20)
    engine.dispatcher._record_heartbeat()

    assert health(timezone.now()).worker_alive
    assert engine.dispatcher.at_once == 4
