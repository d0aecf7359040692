"""Places where a consumer kills itself or falls asleep, put around the engine's functions from outside.

A file `<name>.<n>` in the folder arms the place for one hit; the process that renames it is the one that is hit.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from functools import wraps
from pathlib import Path
from typing import Any

from tests.chaos.plan import DOZES, FAILPOINTS

HIT = ".hit"
DOZE = 8.0
"""Seconds: by then the worker was given up, what it was sending was looked for twice, and it went out again."""
AFTER_WAKING = 3.0
LONGEST = {"x": 0.05, "mastodon": 0.1, "bluesky": 0.2, "wordpress": 0.5}
"""Seconds that a send commonly takes, by kind of channel; a kill in its midst comes earlier."""


class Failpoints:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def arm(self, name: str) -> None:
        (self.folder / f"{name}.{len(list(self.folder.iterdir()))}").touch()

    def armed(self, name: str) -> list[Path]:
        return [path for path in self.folder.glob(f"{name}.*") if path.suffix != HIT]

    def waiting(self) -> int:
        """Kills that are still to come."""
        return sum(len(self.armed(name)) for name in FAILPOINTS)

    def asleep(self) -> bool:
        """Somebody fell asleep and may not have finished what follows the waking."""
        fell = [path.stat().st_ctime for name in DOZES for path in self.folder.glob(f"{name}.*{HIT}")]
        return any(time.time() - moment < DOZE + AFTER_WAKING for moment in fell)

    def hits(self) -> Counter[str]:
        return Counter(path.name.split(".")[0] for path in self.folder.glob(f"*{HIT}"))

    def reached(self, name: str) -> None:
        if self._hit(name):
            os.kill(os.getpid(), signal.SIGKILL)

    def doze(self, name: str) -> None:
        if self._hit(name):
            time.sleep(DOZE)

    def _hit(self, name: str) -> bool:
        for path in self.armed(name):
            try:
                path.rename(path.with_name(path.name + HIT))
            except FileNotFoundError:  # somebody else came first
                continue
            return True
        return False


def replace(old: Any, new: Any) -> None:
    """Wherever a module of the engine holds `old`, under whatever name, it holds `new`."""
    for name, module in list(sys.modules.items()):
        if name.startswith("scheduler"):
            for attribute, value in list(vars(module).items()):
                if value is old:
                    setattr(module, attribute, new)


def install(failpoints: Failpoints) -> None:
    """Call once, after the engine was imported and before anything runs."""
    from scheduler.engine import publication_claims
    from scheduler.engine.queue import huey

    real_claim, real_enqueue = publication_claims.claim_due, huey.enqueue

    @wraps(real_claim)
    def claim_due(*args: Any, **kwargs: Any) -> Any:
        claimed = real_claim(*args, **kwargs)
        if claimed:
            failpoints.reached("after_claim")  # committed, and nobody knows of it yet
        return claimed

    def enqueue(task: Any) -> Any:
        result = real_enqueue(task)
        if task.name == "send":
            failpoints.reached("after_enqueue")
        return result

    replace(real_claim, claim_due)
    huey.enqueue = enqueue
    for adapter in senders():
        _after_looking(adapter, failpoints)
    around_sending(failpoints)
    _before_commits(failpoints)


def senders() -> list[Any]:
    """The adapters of every place where a campaign publishes."""
    from scheduler.channels.registry import ADAPTERS

    return [ADAPTERS[kind] for kind in LONGEST]


def _after_looking(adapter: Any, failpoints: Failpoints) -> None:
    real = adapter.find

    @wraps(real)
    def find(*args: Any, **kwargs: Any) -> Any:
        try:
            return real(*args, **kwargs)
        finally:
            failpoints.reached("after_look")  # read back, nothing recorded

    adapter.find = find


def around_sending(failpoints: Failpoints) -> None:
    """What any design has: the attempt that is written, the call while it runs, the answer that nobody recorded."""
    from django.db import transaction
    from django.db.models.signals import post_save

    from scheduler.engine import statements
    from scheduler.engine.models import Attempt

    real_begin = statements.begin

    def attempted() -> None:
        failpoints.reached("after_attempt")
        failpoints.doze("doze_after_attempt")

    def on_attempt(created: bool, **_: Any) -> None:
        if created:
            transaction.on_commit(attempted)

    @wraps(real_begin)
    def begin(*args: Any, **kwargs: Any) -> bool:
        begun = real_begin(*args, **kwargs)
        if begun:
            transaction.on_commit(attempted)
        return begun

    for adapter in senders():
        _while_sending(adapter, failpoints)
    statements.begin = begin
    post_save.connect(on_attempt, sender=Attempt, weak=False)


def _while_sending(adapter: Any, failpoints: Failpoints) -> None:
    real = adapter.send

    @wraps(real)
    def send(*args: Any, **kwargs: Any) -> Any:
        over = threading.Event()
        if failpoints.armed("during_send"):
            wait = random.uniform(0, LONGEST[adapter.kind])
            shot = threading.Thread(target=lambda: over.wait(wait) or failpoints.reached("during_send"), daemon=True)
            shot.start()
        try:
            return real(*args, **kwargs)
        finally:
            over.set()
            failpoints.reached("after_send")
            failpoints.doze("doze_before_record")

    adapter.send = send


def _before_commits(failpoints: Failpoints) -> None:
    """The move is announced inside the transaction that makes it: killed there, it never happened."""
    from campaigns.planning import signals
    from campaigns.planning.models import PublicationState

    places = {
        PublicationState.SENDING: "before_result_commit",
        PublicationState.UNKNOWN: "before_look_commit",
    }

    def on_moved(from_state: str, **_: Any) -> None:
        if from_state in places:
            failpoints.reached(places[PublicationState(from_state)])

    signals.publication_moved.connect(on_moved, weak=False)
