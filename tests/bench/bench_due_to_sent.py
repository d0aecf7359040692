"""From due to sent on the house's own channels, through a worker process as it runs in service, against half a second.

The house has 10,000 publications of its own; those that are measured fall due at moments that no other rhythm shares.
The 99th percentile is what is promised: everybody's publication is on time, not most people's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.planning.models import Channel, Content, Publication, PublicationState
from campaigns.planning.services.publications import schedule_publication
from campaigns.website.models import Surface
from scheduler.connections import services as connections
from scheduler.engine.models import Worker
from tests import factories
from tests.bench import harness, house
from tests.installation import Installation

HOUSE = 10_000
COUNT = 100
APART = 0.2137  # seconds
LEAD = 10.0
"""Seconds before the first is due, for planning them all."""
PROMISED = 0.5
PATIENCE = 60.0


@harness.benchmark("due_to_sent", at_most=1.0)
def due_to_sent() -> harness.Measured:
    wrapper = harness.filled(HOUSE)
    with harness.on(wrapper):
        _cancel_ended()
        contents = [factories.approved_blog_entry().base for _ in range(COUNT)]
        channels = [_channel(surface) for surface in Surface.values]
        with _worker(house.folder_of(wrapper)):
            rows = _planned(contents, channels)
            woken = [_woken(row.publish_at) for row in rows]
            taken = _sent(rows)
    cuts = quantiles(taken, n=100, method="inclusive")
    p50, p99 = cuts[49], cuts[98]
    raw = f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {COUNT} publications over {COUNT * APART:.0f} s"
    machine = quantiles(woken, n=100, method="inclusive")[98]
    return harness.Measured(
        p99 / PROMISED, f"{raw}; on this machine a mere sleep ended p99 {machine * 1000:.0f} ms late"
    )


def _cancel_ended() -> None:
    """In a house that has been running, what waits for ended content was cancelled as it ended, a few at a time."""
    soon = timezone.now() + timedelta(hours=1)
    ended = Q(content__vacancy__closes_at__lte=soon) | Q(content__event__ends_at__lte=soon)
    Publication.objects.waiting().filter(ended).update(state=PublicationState.CANCELLED)


def _channel(surface: str) -> Channel:
    staff = surface == Surface.BULLETIN
    row = factories.channel(category="feed" if staff else "blog", audience="staff" if staff else "public")
    connections.connect_channel(channel=row, kind=surface, settings={}, secrets={})
    return row


@contextmanager
def _worker(folder: Path) -> Iterator[None]:
    """A process of its own, awake by the time that this begins."""
    worker = Installation(folder, {"DATA_DIR": str(folder), "LOG_LEVEL": "INFO"})
    worker.start("worker")
    try:
        _wait(Worker.objects.all(), at_least=1)
        yield
    except BaseException:
        sys.stderr.write(worker.log.read_text())
        raise
    finally:
        worker.stop()


def _planned(contents: list[Content], channels: list[Channel]) -> list[Publication]:
    first = timezone.now() + timedelta(seconds=LEAD)
    rows = [
        schedule_publication(
            content=content,
            channel=channels[number % len(channels)],
            publish_at=first + timedelta(seconds=APART * number),
            zone="Europe/London",
            by=None,
        )
        for number, content in enumerate(contents)
    ]
    assert timezone.now() < first, "planning took longer than the time given to it"
    return rows


def _woken(due: datetime) -> float:
    """Sleep until then; returns how many seconds too late that was. A busy machine delays everybody."""
    time.sleep(max(0.0, (due - timezone.now()).total_seconds()))
    return _late(due, timezone.now())


def _sent(rows: list[Publication]) -> list[float]:
    """Seconds from due to sent, of each."""
    found = Publication.objects.filter(pk__in=[row.pk for row in rows])
    _wait(found.filter(state=PublicationState.SENT), at_least=COUNT)
    return [_late(due, sent) for due, sent in found.values_list("publish_at", "sent_at")]


def _late(due: datetime, sent: datetime | None) -> float:
    assert sent is not None
    return (sent - due).total_seconds()


def _wait(rows: QuerySet, *, at_least: int) -> None:
    until = time.monotonic() + PATIENCE
    while (found := rows.count()) < at_least:
        assert time.monotonic() < until, f"{found} of {at_least} {rows.model.__name__} after {PATIENCE:.0f} s"
        time.sleep(0.1)
