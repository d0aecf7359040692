"""Runs several commands as one: they share the terminal, and end together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

FINISH_WITHIN = 30  # seconds: a worker's longest send, and room to write its outcome down


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


class ProcessGroup:
    """Inside the block, SIGTERM and a closed terminal count as Ctrl-C. However the block is left, every command is
    asked to end, and killed when it has not done so within FINISH_WITHIN."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> ProcessGroup:
        for number in (signal.SIGINT, signal.SIGTERM):  # a script's background job starts with SIGINT ignored
            signal.signal(number, _interrupt)
        if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup ignores it, and that stays
            signal.signal(signal.SIGHUP, _interrupt)
        return self

    def start(self, name: str, command: Sequence[str]) -> None:
        """In a session of its own, so that Ctrl-C reaches it through us and once only."""
        self._processes[name] = subprocess.Popen(  # noqa: S603 - our own commands
            command, cwd=self._folder, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def first_to_end(self) -> str:
        """Waits until one of the commands ends by itself; returns its name."""
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        assert ended is not None  # noqa: S101 - for the type checker: without WNOHANG it waits
        return next(name for name, process in self._processes.items() if process.pid == ended.si_pid)

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the end is under way; a second Ctrl-C cannot hasten it
        # Asked again and again: a web server that is still loading hears it only afterwards.
        for number in [signal.SIGTERM] * FINISH_WITHIN + [signal.SIGKILL] * 2:
            for process in self._processes.values():
                if process.returncode is None:
                    _send(process, number)
            if self._all_ended_within(1):
                break

    def _all_ended_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
        return all(process.returncode is not None for process in self._processes.values())


def _send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the command and all that it started, even where it has ended itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
