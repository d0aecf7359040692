"""What the engine's benchmarks share: houses on SQLite and on PostgreSQL with Redis, their workers, the bare pool."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from unittest.mock import patch
from uuid import uuid4

import dj_database_url
import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.hiring.models import TrackedLink
from campaigns.planning.models import Channel, Publication, PublicationState
from campaigns.planning.services import channels as channels_services
from campaigns.website import addresses
from scheduler.channels.contract import Receipt
from scheduler.channels.x.adapter import X
from scheduler.connections.services import connect_channel
from scheduler.engine import publication_claims, sending
from scheduler.engine.models import Worker
from tests.bench import harness
from tests.bench.channel import SECRETS
from tests.bench.given import DATABASE_URL, REDIS_URL
from tests.chaos.house import schedule, write_entries
from tests.installation import ROOT, Installation

CHANNELS = 10
PATIENCE = 120.0
"""Seconds without any progress, after which a run counts as stuck."""


@dataclass(frozen=True)
class House:
    """A database with ten connected channels, and what a worker of it needs in its environment."""

    wrapper: BaseDatabaseWrapper
    folder: Path
    environment: dict[str, str]


@contextmanager
def house(address: str, *, grown: bool) -> Iterator[House]:
    """Empty but for the channels. Raises harness.Skipped where there is no PostgreSQL or no Redis."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="promenade-engine-")))
        for secret in ("secret_key", "encryption_key"):
            (folder / secret).write_bytes((Path(settings.DATA_DIR) / secret).read_bytes())
        environment = {"DATA_DIR": str(folder), "LOG_LEVEL": "WARNING"}
        if grown:
            url = opened.enter_context(_database())
            environment |= {"DATABASE_URL": url, "REDIS_URL": REDIS_URL}
            wrapper = _wrapper(dj_database_url.parse(url))
        else:
            wrapper = connections["default"].copy()
            wrapper.settings_dict["NAME"] = folder / "promenade.sqlite3"
        opened.callback(wrapper.close)
        with harness.on(wrapper):
            call_command("migrate", interactive=False, verbosity=0)
            for number in range(CHANNELS):
                channel = channels_services.add_channel(name=f"Account {number}", category="social")
                connect_channel(channel=channel, kind="x", settings={"api_base": address}, secrets=SECRETS)
            yield House(wrapper, folder, environment)


def _wrapper(wanted: dict[str, object]) -> BaseDatabaseWrapper:
    databases = connections.configure_settings({"default": wanted})
    found: BaseDatabaseWrapper = load_backend(wanted["ENGINE"]).DatabaseWrapper(databases["default"], "default")
    return found


@contextmanager
def _database() -> Iterator[str]:
    try:
        with redis.Redis.from_url(REDIS_URL) as queue:
            queue.delete("huey.redis.promenade", "huey.schedule.promenade")
        admin = psycopg.connect(DATABASE_URL, autocommit=True, connect_timeout=3)
    except (OSError, psycopg.OperationalError, redis.RedisError) as error:
        raise harness.Skipped(f"PostgreSQL or Redis does not answer ({type(error).__name__})") from None
    name = f"promenade_bench_{uuid4().hex[:10]}"
    with admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{DATABASE_URL.rsplit('/', 1)[0]}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def workers(of: House, count: int) -> Iterator[list[Installation]]:
    """Consumers in processes of their own, awake by the time that this begins."""
    found = [Installation(of.folder, of.environment) for _ in range(count)]
    try:
        for worker in found:
            worker.start("worker")
        until = time.monotonic() + PATIENCE
        while Worker.objects.count() < count:
            assert time.monotonic() < until, found[0].log.read_text()
            time.sleep(0.1)
        yield found
    finally:
        for worker in found:
            worker.stop()
        Worker.objects.all().delete()


@dataclass(frozen=True)
class Rush:
    """Posts a second, lateness in seconds, and what all workers spend on one post in milliseconds of a processor."""

    pace: float
    cost: float
    p50: float
    p99: float
    longest: float


def rush(of: House, posts: int, *, consumers: int) -> Rush:
    """That many fall due at one moment, over all channels."""
    entries = write_entries(f"rush-{uuid4().hex[:6]}", posts)
    channels = list(Channel.objects.filter(connection__isnull=False))
    with workers(of, consumers) as running:
        lead = timedelta(seconds=5 + posts / 5000)
        due = timezone.now() + lead
        schedule(entries, channels, [0.0] * posts, due)
        _link(due)
        assert timezone.now() < due, "planning took longer than the time given to it"
        before = sum(map(processor_seconds, running))
        rows = Publication.objects.filter(content_id__in=_span(entries))
        _wait_until_sent(due, posts)
        cost = sum(map(processor_seconds, running)) - before
    late = [(sent - due).total_seconds() for (sent,) in rows.values_list("sent_at")]
    cuts = quantiles(late, n=100, method="inclusive")
    return Rush(posts / max(late), 1000 * cost / posts, cuts[49], cuts[98], max(late))


def statements(posts: int = 16) -> float:
    """SQL statements of one post, with the begins and ends of transactions: of posts that are claimed together and sent
    one after another, on a channel that answers at once."""
    channels = list(Channel.objects.filter(connection__isnull=False))
    answered = patch.object(X, "send", lambda _, __, *, key, timeout: Receipt(key, f"https://x.example/{timeout}"))
    with CaptureQueriesContext(connection) as taken, answered:
        for number in (1, posts):  # what is asked once, and never again, is asked for the first
            at = timezone.now() - timedelta(seconds=1)
            schedule(write_entries(f"counted-{uuid4().hex[:6]}", number), channels, [0.0] * number, at)
            _link(at)
            before = len(taken)
            for claim in publication_claims.claim_due(limit=number):
                state = sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="bench")
                assert state == PublicationState.SENT
    return (len(taken) - before) / posts


def processor_seconds(worker: Installation) -> float:
    """Of all threads that the process has or had (linux/posix-timers.h: the number of a process's own clock)."""
    assert worker.process is not None
    return time.clock_gettime((~worker.process.pid << 3) | 2)


def _link(due: datetime) -> None:
    """As planning one by one does."""
    rows = Publication.objects.filter(publish_at=due).select_related("content")
    TrackedLink.objects.bulk_create(
        [
            TrackedLink(
                code=uuid4().hex[:10],
                target=addresses.page_of(row.content),
                publication_id=row.pk,
                channel_id=row.channel_id,
                content_id=row.content_id,
            )
            for row in rows
        ],
        batch_size=1000,
    )


def wait_for_tomorrow(posts: int) -> None:
    """Plan that many for the next day."""
    channels = list(Channel.objects.filter(connection__isnull=False))
    schedule(write_entries("tomorrow", posts), channels, [0.0] * posts, timezone.now() + timedelta(days=1))


def _span(entries: list[int]) -> range:
    return range(entries[0], entries[-1] + 1)


def _wait_until_sent(due: datetime, posts: int) -> None:
    rows = Publication.objects.filter(publish_at=due)
    last, moved = 0, time.monotonic()
    while (sent := rows.filter(state=PublicationState.SENT).count()) < posts:
        if sent > last or timezone.now() < due:
            last, moved = sent, time.monotonic()
        assert time.monotonic() - moved < PATIENCE, f"{sent} of {posts} sent, and no more"
        time.sleep(1.0)


def limit(address: str, posts: int, *, processes: int) -> float:
    """Posts a second of bare pools of the workers' size."""
    share = posts // processes
    command = [sys.executable, "-m", "tests.bench.pool", address, str(share), str(settings.WORKER_THREADS)]
    pools = [
        subprocess.Popen(command, cwd=ROOT, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for pool in pools:
        assert pool.stdout is not None
        assert pool.stdout.readline() == "ready\n"
    for pool in pools:
        assert pool.stdin is not None
        pool.stdin.write("go\n")
        pool.stdin.flush()
    taken = [float(pool.communicate(timeout=PATIENCE + posts)[0]) for pool in pools]
    return share * processes / max(taken)
