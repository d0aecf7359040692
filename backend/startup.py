"""Lets a web server load while the database is still being prepared, and answer only once it is ready."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


def _lock() -> Path:
    return Path(settings.DATA_DIR) / "preparing.lock"


@contextmanager
def preparation_lock() -> Iterator[None]:
    """Holds web servers back, and whoever else would prepare the same folder. A process that dies lets go."""
    with _lock().open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def wait_until_prepared() -> None:
    """Returns at once where nobody is preparing, or ever was."""
    if _lock().exists():
        with _lock().open() as shared:
            fcntl.flock(shared, fcntl.LOCK_SH)
