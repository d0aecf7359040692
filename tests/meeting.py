"""Two acts at one moment, each on its own connection, which takes PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

Act = Callable[[], object]
PATIENCE = 10.0  # seconds
TWO_CONNECTIONS = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one connection write at a time"),
]


def meet(first: Act, second: Act, then: Act = lambda: None) -> None:
    """`second` begins on another connection when `first` is done and not yet committed, which it is when `second` waits
    for it or has ended. Before that comes what `first` does `then`."""
    pids: list[int] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            second()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        until = time.monotonic() + PATIENCE
        while thread.is_alive() and not (pids and _waits(pids[0])):
            assert time.monotonic() < until
            time.sleep(0.005)
        then()
    thread.join()
    if errors:
        raise errors[0]


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])
