"""Runs several commands as one: they share the terminal, are started again when they end, and end together."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from backend.console.management import guard

LOOK_EVERY = 0.1
"""Seconds between two looks whether a command has ended."""
STEADY_AFTER = 10.0
"""Seconds after which a command counts as running: one that ends sooner has failed to start."""
BACK_OFF = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before a command is started again, by how often it has failed to start; the last for all further times."""
STARTS = 4
"""How often a command that never ran steadily is tried."""


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@dataclass
class _Command:
    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    again_at: float = 0.0
    failures: int = 0
    was_steady: bool = False


@dataclass
class Supervisor:
    """Inside the block, SIGTERM and a closed terminal count as Ctrl-C. However the block is left, every command is
    asked to end, and killed when it has not done so within guard.FINISH_WITHIN. Where this process is killed, a guard
    beside it does the same."""

    folder: Path
    tell: Callable[[str], object]
    """Takes a sentence for whoever watches."""
    keep_open: Sequence[int] = ()
    """Files that stay open until the last command has ended."""
    _commands: dict[str, _Command] = field(default_factory=dict)
    _guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGINT, signal.SIGTERM):  # a script's background job starts with SIGINT ignored
            signal.signal(number, _interrupt)
        if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup ignores it, and that stays
            signal.signal(signal.SIGHUP, _interrupt)
        return self

    def start(self, name: str, words: Sequence[str]) -> None:
        """In a session of its own, so that Ctrl-C reaches it through us and once only."""
        self._commands[name] = _Command(words)
        self._start(self._commands[name])

    def _start(self, command: _Command) -> None:
        command.started_at = time.monotonic()
        command.process = subprocess.Popen(  # noqa: S603 - our own commands
            command.words,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.keep_open,
        )
        self._tell_guard()

    def keep_running(self) -> str:
        """Start again whatever ends. Returns the name of a command that cannot be started."""
        while True:
            for name, command in self._commands.items():
                if command.process is not None and command.process.poll() is not None:
                    self._note_end(name, command)
                    if command.failures >= STARTS and not command.was_steady:
                        return name
                if command.process is None and time.monotonic() >= command.again_at:
                    self._start(command)
            if self._guard is None or self._guard.poll() is not None:
                self._guard = None
                self._tell_guard()
            time.sleep(LOOK_EVERY)

    def _note_end(self, name: str, command: _Command) -> None:
        assert command.process is not None  # noqa: S101 - for the type checker
        code, now = command.process.returncode, time.monotonic()
        guard.signal_group(command.process.pid, signal.SIGKILL)  # what it has left behind would hold on to its port
        steady = now - command.started_at >= STEADY_AFTER
        command.was_steady |= steady
        command.failures = 0 if steady else command.failures + 1
        wait = BACK_OFF[min(command.failures, len(BACK_OFF) - 1)]
        command.process, command.again_at = None, now + wait
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        when = f" in {wait:g} seconds" if wait else ""
        self.tell(f"The {name} {how}. It is started again{when}.")

    def _tell_guard(self) -> None:
        """Which commands it must end when this process does not."""
        if self._guard is None:
            self._guard = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", guard.__file__], stdin=subprocess.PIPE, start_new_session=True
            )
        assert self._guard.stdin is not None  # noqa: S101
        running = [str(each.process.pid) for each in self._commands.values() if each.process is not None]
        with contextlib.suppress(BrokenPipeError):  # it has been killed, and is noticed at the next look
            self._guard.stdin.write(f"{' '.join(running)}\n".encode())
            self._guard.stdin.flush()

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the end is under way; a second Ctrl-C cannot hasten it
        running = [each.process for each in self._commands.values() if each.process is not None]
        guard.end_groups(
            [process.pid for process in running],
            has_ended=lambda: not [process for process in running if process.poll() is None],
        )
        for process in running:
            process.wait()
        self._commands.clear()
        if self._guard is not None:
            self._tell_guard()  # nothing is left for it
            assert self._guard.stdin is not None  # noqa: S101
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.close()
            self._guard.wait()
