"""The campaign's side of the consumers: starts them, signals them, hears how they ended."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers.running import ROOT

PATIENCE = 60.0


class Consumers:
    """In a process group of their own, so that Ctrl-C reaches the campaign only. They end with it."""

    def __init__(self, folder: Path, design: str) -> None:
        self.errors = folder / f"nursery-{design}.log"
        self.living: set[int] = set()
        self.exits: list[tuple[int, int]] = []
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.worker", str(folder), design],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise RuntimeError(f"The nursery of consumers ended: {self.errors.read_text(errors='replace')[-3000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, **request: Any) -> list[tuple[int, int]]:
        """Returns who ended since the last question: slot and exit code, negative for a signal."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = self._answer()
        self.living = set(answer["living"])
        self.exits += [(slot, status) for slot, status in answer["ended"]]
        return self.exits

    def look(self) -> list[tuple[int, int]]:
        """Who ended since the last look."""
        self.ask(do="look")
        exits, self.exits = self.exits, []
        return exits

    def start(self, slot: int) -> None:
        self.ask(do="start", slot=slot)

    def signal(self, slot: int, number: signal.Signals) -> None:
        self.ask(do="signal", slot=slot, signal=int(number))

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
