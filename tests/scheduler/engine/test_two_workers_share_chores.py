"""Every worker runs every chore: two at the same moment have the effect of one."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.hiring import visits
from campaigns.hiring.models import VisitSalt
from campaigns.planning import signals
from campaigns.planning.models import Channel, Pause, Publication, Recurrence, Weekday
from campaigns.planning.services import content, waiting_publications
from campaigns.planning.services.timing import recurrences, slots
from scheduler.channels.contract import OutcomeUnknown
from scheduler.connections import renewal
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import reconcile
from scheduler.engine.dispatcher import Dispatcher
from scheduler.engine.models import Worker
from scheduler.installation import high_water, restore_detection
from scheduler.installation.models import Installation
from scheduler.posts import takedown
from tests import factories
from tests.scheduler.conftest import Remote, begin, claim_one, make_due, send

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 4
"""Fewer than open a breaker."""
Answer = TypeVar("Answer")


def at_once(work: Callable[[], Answer], workers: int = 2) -> list[Answer]:
    """What each worker's thread returned; an error in any of them is raised."""
    start = threading.Barrier(workers)
    found: list[Answer] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            start.wait()
            found.append(work())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return found


@pytest.fixture
def moves() -> Iterator[Counter[int]]:
    """How often each publication was announced as moved."""
    found: Counter[int] = Counter()

    def note(publication: Publication, **_: Any) -> None:
        found[publication.pk] += 1

    signals.publication_moved.connect(note)
    yield found
    signals.publication_moved.disconnect(note)


def due_on(channel: Channel) -> Publication:
    return make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))


def test_lost_workers_are_given_up_once(channel: Channel, moves: Counter[int]) -> None:
    for _ in range(MANY):
        row = due_on(channel)
        assert begin(row, fence=claim_one(row).fence)
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    moves.clear()

    assert sum(at_once(reconcile.give_up_lost_workers)) == MANY
    assert set(moves.values()) == {1}
    assert len(moves) == MANY


def test_what_is_unknown_is_looked_for_by_one(channel: Channel, remote: Remote) -> None:
    for _ in range(MANY):
        remote.answers.append(OutcomeUnknown("It did not answer."))
        assert send(due_on(channel)) == "unknown"

    found = [pk for looks in at_once(lambda: reconcile.claim_due_reads(limit=MANY)) for pk in looks]

    assert len(found) == len(set(found)) == MANY


def test_what_is_to_come_down_is_taken_down_by_one(channel: Channel, remote: Remote) -> None:
    sent = []
    for _ in range(MANY):
        row = due_on(channel)
        assert send(row) == "sent"
        content.withdraw_content(content=row.content, by=factories.person("comms"))
        sent.append(row.pk)

    found = [pk for reserved in at_once(lambda: takedown.due(limit=MANY)) for pk in reserved]

    assert sorted(found) == sorted(sent)
    assert takedown.due(limit=MANY) == []


def test_each_sign_in_is_looked_after_by_one(remote: Remote) -> None:
    for _ in range(MANY):
        connections.connect_channel(channel=factories.channel(), kind="told", settings={}, secrets={})
    Connection.objects.update(next_check_at=timezone.now())

    found = [pk for reserved in at_once(lambda: renewal.due(limit=MANY)) for pk in reserved]

    assert sorted(found) == sorted(Connection.objects.values_list("pk", flat=True))
    assert renewal.due(limit=MANY) == []


def test_times_are_mended_by_both(channel: Channel) -> None:
    row = due_on(channel)
    claim_one(row)
    Publication.objects.update(lease_until=timezone.now() + timedelta(hours=1))
    Connection.objects.update(tokens_at=timezone.now() + timedelta(hours=1))

    assert sum(at_once(reconcile.mend_times)) >= 2
    assert reconcile.mend_times() == 0


def test_what_has_ended_is_cancelled_once(channel: Channel, moves: Counter[int]) -> None:
    for _ in range(MANY):
        factories.publication(of=factories.approved_vacancy(), on=channel)
    closed = factories.in_days(29)
    moves.clear()

    assert sum(at_once(lambda: waiting_publications.cancel_ended(now=closed))) == MANY
    assert set(moves.values()) == {1}
    assert len(moves) == MANY


def test_each_time_of_a_recurrence_is_planned_once() -> None:
    rows = [factories.recurrence(of=factories.approved_blog_entry()) for _ in range(3)]
    later = timezone.now() + timedelta(days=28)

    made = sum(at_once(lambda: recurrences.plan_ahead(now=later)))

    for row in rows:
        times = Counter(Publication.objects.filter(recurrence=row).values_list("publish_at", flat=True))
        assert set(times.values()) == {1}
        assert len(times) >= 8
    assert made == 3 * 4


def test_a_recurrence_that_is_over_ends_once(moves: Counter[int]) -> None:
    row = factories.recurrence(of=factories.approved_vacancy())
    waiting = row.publications.count()
    closed = factories.in_days(29)
    moves.clear()

    at_once(lambda: recurrences.plan_ahead(now=closed))

    assert Recurrence.objects.get().ended_reason == "This job has closed."
    assert waiting
    assert Counter(moves.values()) == {1: waiting}


def test_old_salts_are_destroyed_once() -> None:
    today = timezone.now().date()
    for days in range(10):
        VisitSalt.objects.create(day=today - timedelta(days=days), salt="0" * 64)

    assert sum(at_once(lambda: visits.destroy_old_salts(now=timezone.now()))) == 8


def test_the_count_goes_on_for_each_worker_and_the_outside_is_never_ahead() -> None:
    at_once(restore_detection.increment, workers=4)

    row = Installation.objects.get()
    assert row.number == 4
    assert 0 < high_water.read(row.database).count <= 4


def test_a_restored_database_is_paused_once(channel: Channel) -> None:
    due_on(channel)
    restore_detection.increment()
    Installation.objects.update(number=0)

    assert sorted(pause is not None for pause in at_once(restore_detection.freeze_if_restored)) == [False, True]
    assert Pause.objects.count() == 1


def test_heartbeats_forget_whoever_has_been_silent_for_a_day() -> None:
    Worker.objects.create(name="lost:1", started_at=timezone.now(), seen_at=timezone.now() - timedelta(days=2))
    dispatcher = Dispatcher(stop=threading.Event(), threads=4)
    dispatcher._record_heartbeat()

    at_once(dispatcher._record_heartbeat)

    assert Worker.objects.count() == 1
    assert Installation.objects.get().number == 3


def test_two_people_who_ask_for_the_next_free_slot_get_two(comms: Any) -> None:
    place = factories.channel()
    for day in Weekday.values[:2]:
        slots.add_slot(channel=place, weekday=day, time=timezone.now().time().replace(microsecond=0), zone="UTC")
    entries = [factories.approved_blog_entry() for _ in range(2)]
    take = entries.pop

    found = at_once(lambda: slots.schedule_in_next_slot(content=take(), channel=place, by=comms).publish_at)

    assert len(set(found)) == 2
