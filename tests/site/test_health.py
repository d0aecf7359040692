from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import redis
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.site import health
from campaigns.planning.models import Publication
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine.models import Worker
from scheduler.engine.queue import huey
from tests import factories


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker.objects.create(name="host:1", started_at=timezone.now(), seen_at=timezone.now())


def test_healthz_answers_without_database_and_session(client: Client) -> None:
    """This test asks for no database, so that a query would fail it."""
    client.cookies["sessionid"] = "x" * 32

    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_ready_with_a_worker(client: Client, worker: Worker) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert all(check["ok"] for check in answer.json()["checks"].values())


@pytest.mark.django_db
def test_not_ready_without_a_worker(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"]["worker"] == {"ok": False, "seen_at": None}


def test_not_ready_while_the_queue_is_away(client: Client, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise redis.ConnectionError("Connection refused.")

    monkeypatch.setattr(huey, "pending_count", refuse)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["queue"] == {"ok": False}


def test_a_worker_lost_before_the_clock_was_set_back_does_not_count_as_alive(client: Client, worker: Worker) -> None:
    Worker.objects.update(seen_at=timezone.now() + timedelta(minutes=59))

    assert client.get("/readyz").json()["checks"]["worker"]["ok"] is False


def test_not_ready_once_the_worker_has_stopped(client: Client, worker: Worker) -> None:
    Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=30))

    assert client.get("/readyz").status_code == 503


def test_not_ready_while_something_is_overdue(client: Client, worker: Worker, comms: User) -> None:
    row = factories.publication()
    Publication.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(minutes=5))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["publications"]["oldest_overdue_seconds"] >= 300


@pytest.mark.parametrize(
    "rest",
    [
        lambda rows, now: rows.update(paused_until=now + timedelta(hours=24)),
        lambda rows, now: rows.update(rate_per_minute=1, tokens=0, tokens_at=now),
    ],
)
def test_what_waits_for_a_channel_at_rest_is_not_overdue(
    client: Client, worker: Worker, comms: User, rest: Callable[..., int]
) -> None:
    now = timezone.now()
    resting, other = factories.channel(name="X"), factories.channel(name="Blog")
    for channel in (resting, other):
        connections.connect_channel(channel=channel, kind="blog", settings={}, secrets={})
    rest(Connection.objects.filter(channel=resting), now)
    row = factories.publication(on=resting)
    Publication.objects.filter(pk=row.pk).update(due_at=now - timedelta(minutes=5))

    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["publications"] == {"ok": True, "oldest_overdue_seconds": 0, "throttled_channels": 1}

    row = factories.publication(on=other)
    Publication.objects.filter(pk=row.pk).update(due_at=now - timedelta(minutes=5))
    assert client.get("/readyz").status_code == 503


def test_not_ready_before_every_migration_ran(client: Client, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of tests come from the models, so that none is recorded as applied."""
    monkeypatch.setattr(health, "_migrations_known", lambda: {("hiring", "0001_initial")})

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == {"ok": False, "waiting": 1}


def test_not_ready_without_the_database(client: Client, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("no such host")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"ok": False}}
