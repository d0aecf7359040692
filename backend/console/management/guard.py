"""Ends a supervisor's commands when the supervisor is killed. Run as a script: reads the commands' process ids, a line
whenever they change, until the other end closes. Imports nothing but the standard library, so that it is small."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

FINISH_WITHIN = 30
"""Seconds: a worker's longest send, and room to write its outcome down."""


def end_groups(pids: Sequence[int], *, has_ended: Callable[[], bool]) -> None:
    """Ask each process and all that it has started to end, and kill what has not done so in time."""
    # Asked again and again: a web server that is still loading hears it only afterwards.
    for number in [signal.SIGTERM] * FINISH_WITHIN + [signal.SIGKILL] * 2:
        for pid in pids:
            signal_group(pid, number)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            if has_ended():
                return
            time.sleep(0.02)


def signal_group(pid: int, number: int) -> None:
    """To a process and all that it has started, even where it has ended itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses for what is only not buried yet
        os.killpg(pid, number)


def _are_gone(pids: Sequence[int]) -> bool:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, 0)
            return False
    return True


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    pids: list[int] = []
    for line in sys.stdin:
        pids = [int(word) for word in line.split()]
    end_groups(pids, has_ended=lambda: _are_gone(pids))


if __name__ == "__main__":
    main()
