"""One start at a time of a data folder on a port, however the last one ended."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from backend.console.management.guard import FINISH_WITHIN


class PlaceTaken(Exception):
    """Another start runs here. `pid` is its process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        super().__init__(f"process {pid}")


def take_place(folder: Path, port: int, *, on_wait: Callable[[], object]) -> int:
    """An open file with a lock on it, which the start and all that it starts keep open. Waits while what a killed start
    has left behind is ending. Raises PlaceTaken."""
    place = os.open(folder / f"run-{port}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + FINISH_WITHIN + 5
    waits = False
    while not _locks(place):
        pid = int(os.pread(place, 20, 0) or 0)
        if _is_alive(pid) or time.monotonic() > until:
            os.close(place)
            raise PlaceTaken(pid)
        if not waits:
            on_wait()
            waits = True
        time.sleep(0.1)
    os.ftruncate(place, 0)
    os.pwrite(place, str(os.getpid()).encode(), 0)
    return place


def _locks(place: int) -> bool:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
