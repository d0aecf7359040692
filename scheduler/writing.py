"""One writer at a time, in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_turn = threading.RLock()


@contextmanager
def in_turn() -> Iterator[None]:
    """A transaction. SQLite lets one writer in and has the others look again after ever longer sleeps; the threads of
    one worker queue up here instead, so that none sleeps while the file is free."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield
        return
    with _turn, transaction.atomic():
        yield
