"""An installation of the campaign's own: data folder, database, queue. Nothing of anybody else's is touched.

Prepares Django for this process, so nothing of the product may be imported before.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.chaos.places import Account

OTHERS = ("PROMENADE_MODE", "BASE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "ENCRYPTION_KEYS")
BATCH = 500
KEEP = "KEEP"
"""Set in the environment, the installation stays where it is."""


def stop_on_signals() -> None:
    """Nothing stays behind: consumers, servers, database and queue go with the campaign."""

    def stop(number: int, _: Any) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):  # also in the background, where a shell has SIGINT ignored
        signal.signal(number, stop)


@contextmanager
def house() -> Iterator[Path]:
    """Yields the folder. On SQLite, or on a database of its own where DATABASE_URL names a server."""
    name = f"promenade_chaos_{uuid4().hex[:10]}"
    folder = Path(tempfile.mkdtemp(prefix=f"{name}_"))
    for variable in OTHERS:
        os.environ.pop(variable, None)
    os.environ.update(
        DATA_DIR=str(folder / "data"),
        STATE_DIR=str(folder / "state"),
        DEMO="0",
        DJANGO_SETTINGS_MODULE="backend.settings",
    )
    os.environ.update(LOG_LEVEL="WARNING", WORKER_THREADS="8", PRIVATE_ADDRESSES="127.0.0.0/8")
    try:
        with _database(os.environ.get("DATABASE_URL", ""), name):
            yield folder
    finally:
        _forget_queues(folder.name)
        if not os.environ.get(KEEP):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(server: str, name: str) -> Iterator[None]:
    if not server:
        yield
        return
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        os.environ["DATABASE_URL"] = f"{server.rsplit('/', 1)[0]}/{name}"
        try:
            yield
        finally:
            os.environ["DATABASE_URL"] = server
            if not os.environ.get(KEEP):
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _forget_queues(name: str) -> None:
    """The queues carry the folder's name, so that several campaigns and tests can use one Redis."""
    if url := os.environ.get("REDIS_URL"):
        import redis

        with redis.Redis.from_url(url) as server:
            for key in list(server.scan_iter(match=f"huey.*{name}*", count=1000)):
                server.delete(key)


def migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def open_channels(design: str, accounts: Sequence[Account]) -> list[Any]:
    """One channel an account, connected to it."""
    from campaigns.planning.services import channels as channels_services
    from scheduler.connections import services as connections

    channels = []
    for account in accounts:
        channel = channels_services.add_channel(name=f"{design} {account.name}", category="social")
        connections.connect_channel(
            channel=channel, kind=account.kind, settings=account.settings, secrets=account.secrets
        )
        channels.append(channel)
    return channels


def write_entries(design: str, count: int) -> list[int]:
    """Approved blog entries, each with a text of its own. Returns their ids."""
    from django.db import transaction

    from campaigns.planning.models import BlogEntry, Content, ContentKind, ContentState

    with transaction.atomic():
        Content.objects.bulk_create(
            [
                Content(
                    kind=ContentKind.BLOG_ENTRY,
                    title=f"Post {n} of the {design}",
                    slug=f"{design}-{n}",
                    state=ContentState.APPROVED,
                )
                for n in range(count)
            ],
            batch_size=BATCH,
        )
        made = list(Content.objects.filter(slug__startswith=f"{design}-").order_by("pk").values_list("pk", flat=True))
        # bulk_create refuses models that inherit a table; the kind's own columns go in by themselves.
        rows = [BlogEntry(pk=pk, content_ptr_id=pk, body="It begins with *handover*.") for pk in made]
        for start in range(0, count, BATCH):
            BlogEntry._base_manager._insert(
                rows[start : start + BATCH], fields=BlogEntry._meta.local_concrete_fields, using="default"
            )
    return made


def schedule(entries: list[int], channels: list[Any], due: list[float], start: datetime) -> None:
    """One publication an entry, in turn on the channels; `due` in seconds after the start."""
    from campaigns.planning.models import Publication

    Publication.objects.bulk_create(
        [
            Publication(content_id=entry, channel=channels[n % len(channels)], publish_at=at, due_at=at)
            for n, (entry, at) in enumerate(
                (entry, start + timedelta(seconds=seconds)) for entry, seconds in zip(entries, due, strict=True)
            )
        ],
        batch_size=BATCH,
    )
