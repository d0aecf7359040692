"""Alive and ready: what a process supervisor and an administrator ask."""

from __future__ import annotations

import threading
import time
from functools import cache
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from backend.database_away import drop_sessions
from backend.site.http.http_cache import reads
from scheduler.engine import queue
from scheduler.engine.health import OVERDUE_AFTER, health
from scheduler.errors import ANY_DATABASE_ERROR
from scheduler.installation.models import Installation


@reads
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The process answers. Asks nothing else, so that a database in trouble does not get the process killed."""
    return _unkept(HttpResponse("ok\n", content_type="text/plain; charset=utf-8"))


@reads
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Everything that publishing on time needs: database, its migrations, queue, a worker, and nothing overdue."""
    checks = _checks()
    ready = all(check["ok"] for check in checks.values())
    return _unkept(JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503))


def _checks() -> dict[str, dict[str, Any]]:
    try:
        waiting = _migrations_waiting()
        if waiting:  # the tables that the other checks read may not be there
            return {"database": {"ok": True}, "migrations": {"ok": False, "waiting": waiting}}
        found = health(timezone.now())
        if not writes.works():
            return {"database": {"ok": False, "writes": False}}
    except ANY_DATABASE_ERROR as error:
        drop_sessions(error)
        return {"database": {"ok": False}}
    seen = found.worker_seen_at
    overdue = found.oldest_overdue_seconds
    return {
        "database": {"ok": True},
        "migrations": {"ok": True, "waiting": 0},
        "queue": {"ok": queue.answers()},
        "worker": {"ok": found.worker_alive, "seen_at": seen.isoformat() if seen else None},
        "publications": {
            "ok": overdue <= OVERDUE_AFTER.total_seconds(),
            "oldest_overdue_seconds": overdue,
            "throttled_channels": found.throttled_channels,
        },
    }


def _migrations_waiting() -> int:
    return len(_migrations_known() - set(MigrationRecorder(connection).applied_migrations()))


class WriteProbe:
    """Whether the database takes writes: a full disk and a server in recovery still answer what they are asked. Asked
    once a second at most, however often strangers ask."""

    EVERY = 1.0  # seconds

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at, self._worked = float("-inf"), True

    def works(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now - self._at >= self.EVERY:
                self._at, self._worked = now, self._write()
            return self._worked

    def _write(self) -> bool:
        try:
            Installation.objects.update(probed_at=timezone.now())
        except ANY_DATABASE_ERROR as error:
            drop_sessions(error)
            return False
        return True


writes = WriteProbe()


@cache
def _migrations_known() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ())


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
