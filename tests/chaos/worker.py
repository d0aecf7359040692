"""A nursery of consumers: `python -m tests.chaos.worker FOLDER DESIGN`, DESIGN being `engine` or `naive`.

It imports everything once, shortens the engine's times, puts the failpoints in, opens nothing, and then forks one
consumer a request: each begins as a fresh process would, seconds sooner. Requests and answers are lines of JSON.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos.failpoints import Failpoints, around_sending, install, senders

DEADLINE, SLACK, SETTLING = 2.0, 0.5, 1.5
LOOKING = 4.0
"""Seconds; the campaign's times are the engine's, about ten times shorter."""
SHORTER: dict[str, dict[str, Any]] = {
    "scheduler.engine.sending": {
        "DEADLINE": DEADLINE,
        "SLACK": SLACK,
        "AWAKE": 0.5,
    },
    "scheduler.leases.back_off": {"BACK_OFF_BASE": 0.25, "BACK_OFF_CAP": 2.0},
    "scheduler.engine.rate_limit": {"OPEN_BASE": 1.0, "OPEN_CAP": 3.0},
    "scheduler.engine.reconcile": {"LOOKING": timedelta(seconds=LOOKING), "BETWEEN_LOOKS": timedelta(seconds=0.5)},
}


def set_everywhere(owner: str, name: str, value: Any) -> None:
    """In the module that defines it and in those that imported it. Raises AttributeError where there is none."""
    before = getattr(sys.modules[owner], name)
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith("scheduler") and vars(module).get(name) == before:
            setattr(module, name, value)


def prepare(folder: Path, design: str) -> Callable[[], None]:
    """Returns what a consumer runs."""
    import django

    django.setup()
    from scheduler.channels.bluesky import client as bluesky_client  # noqa: F401 - half a second, once for all consumers
    from scheduler.management.commands.worker import Command

    for owner, names in SHORTER.items():
        for name, value in names.items():
            set_everywhere(owner, name, value)
    for adapter in senders():
        adapter.abilities = replace(adapter.abilities, settling=SETTLING)
    failpoints = Failpoints(folder / design)
    if design == "naive":
        from tests.chaos import baseline

        around_sending(failpoints)
        return baseline.consume
    install(failpoints)
    use_own_queue(folder.name)
    return Command().handle


def use_own_queue(name: str) -> None:
    """In Redis, queues are told apart by name; others may use the same server at the same time."""
    from scheduler.engine.queue import huey

    storage = huey.storage
    for key in ("queue_key", "schedule_key", "result_key", "counter_key"):
        if hasattr(storage, key):
            setattr(storage, key, f"{getattr(storage, key)}.{name}")


def become_consumer(run: Callable[[], None], log: Path) -> None:
    """Never returns."""
    status = 1
    try:
        os.setsid()
        os.nice(3)  # the server keeps its time even where all of them compete for two cores
        with log.open("ab") as written:
            for stream in (1, 2):
                os.dup2(written.fileno(), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.argv = ["manage.py", "worker"]
        set_everywhere("scheduler.engine.tasks", "WORKER_NAME", f"{socket.gethostname()}:{os.getpid()}")
        run()
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(status)


class Nursery:
    def __init__(self, run: Callable[[], None], folder: Path) -> None:
        self.run = run
        self.folder = folder
        self.living: dict[int, int] = {}  # process by slot
        self.ended: list[tuple[int, int]] = []  # slot and exit code, negative for a signal

    def reap(self) -> None:
        for slot, process in list(self.living.items()):
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                self._ended(slot, status)

    def _ended(self, slot: int, status: int) -> None:
        del self.living[slot]
        self.ended.append((slot, os.waitstatus_to_exitcode(status)))

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        slot = request.get("slot", -1)
        self.reap()
        if request["do"] == "start" and slot not in self.living:
            process = os.fork()
            if not process:
                become_consumer(self.run, self.folder / f"consumer{slot}.log")
            self.living[slot] = process
        elif request["do"] == "signal" and slot in self.living:
            os.kill(self.living[slot], request["signal"])
            if request["signal"] == signal.SIGKILL:
                _, status = os.waitpid(self.living[slot], 0)  # so that nobody is killed twice
                self._ended(slot, status)
        ended, self.ended = self.ended, []
        return {"living": sorted(self.living), "ended": ended}

    def serve(self) -> None:
        """Until the campaign closes its end, for whatever reason."""
        pending = b""
        try:
            while data := os.read(0, 65_536):
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    os.write(1, json.dumps(self.handle(json.loads(line))).encode() + b"\n")
                while not select.select([0], [], [], 0.05)[0]:
                    self.reap()
        finally:
            for process in self.living.values():
                os.kill(process, signal.SIGKILL)


def main() -> None:
    folder, design = Path(sys.argv[1]), sys.argv[2]
    run = prepare(folder, design)
    assert threading.active_count() == 1, "a thread would not survive the fork"
    os.write(1, b"{}\n")
    Nursery(run, folder).serve()


if __name__ == "__main__":
    main()
