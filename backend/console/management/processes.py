"""Runs several commands as one: what they print comes through plainly, and they end together."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
from collections.abc import Sequence
from typing import Any

from honcho import manager
from honcho.printer import Printer

FINISH_WITHIN = 30  # seconds: a worker's longest send, and room to write its outcome down


class _PlainPrinter(Printer):
    """Passes the commands' lines on as they are, and leaves out the manager's own."""

    def write(self, message: Any) -> None:
        # A terminal that was closed must not keep the commands from ending in order.
        with contextlib.suppress(OSError):
            if message.name != manager.SYSTEM_PRINTER_NAME:
                super().write(message)


class _Manager(manager.Manager):
    ended_first = ""

    def terminate(self) -> None:
        """Called once a signal came (`returncode` tells which), or once one command has ended."""
        gone = [name for name, process in self._processes.items() if "returncode" in process]
        if not self._terminating and gone and not self.stopped:
            self.ended_first = gone[0]
        super().terminate()

    @property
    def stopped(self) -> bool:
        """Whether a person asked for the end."""
        return self.returncode in {known["rc"] for known in manager.SIGNALS.values()}


def run_together(commands: dict[str, Sequence[str]], *, folder: str) -> str:
    """Run the commands until Ctrl-C, or until one of them ends; then the others are asked to end, and killed after
    FINISH_WITHIN seconds. Returns the name of the one that ended by itself, or an empty string."""
    manager.KILL_WAIT = FINISH_WITHIN
    together = _Manager(_PlainPrinter(sys.stdout, prefix=False))
    for name, command in commands.items():
        together.add_process(name, f"exec {shlex.join(command)}", cwd=folder)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # a closed terminal ends it like Ctrl-C
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    together.loop()
    return "" if together.stopped else together.ended_first
