"""Carries out a plan: publications fall due while consumers are killed, stopped and redeployed and channels lie."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tests.chaos.failpoints import Failpoints
from tests.chaos.nursery import Consumers
from tests.chaos.places import Account
from tests.chaos.plan import PACE, PAUSE, Action, Plan
from tests.chaos.report import Progress

OUTAGE = 1.5
AWAY = (0.05, 0.8)
"""Seconds until a consumer that ended is started again."""
TO_STOP = 15.0
"""Seconds that a consumer may take to finish after SIGTERM."""
TO_LISTEN = 2.0
"""Seconds in which a consumer that was just started may still end on SIGTERM as any program does."""
TURN = 0.05


class Campaign:
    """`left` says how many publications are unsettled."""

    def __init__(
        self,
        plan: Plan,
        *,
        seed: int,
        faults: Mapping[str, Any],
        accounts: list[Account],
        consumers: Consumers,
        failpoints: Failpoints,
        left: Callable[[], int],
        patience: float,
    ) -> None:
        self.plan, self.faults, self.accounts = plan, faults, accounts
        self.consumers, self.failpoints = consumers, failpoints
        self.left, self.patience = left, patience
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.started: dict[int, float] = {}
        self.stopping: dict[int, float] = {}
        self.stormy = False
        self.owed = sum(action.what in ("arm", "kill") for action in plan.actions)

    def run(self, start: float, name: str) -> None:
        """`start` in seconds since 1970. Returns when all is settled, or when nothing more settles."""
        todo = list(self.plan.actions)
        progress = Progress()
        last = max(self.plan.end, self.plan.due[-1])
        looked_at, left = 0.0, len(self.plan.due)
        fewest, moved_at = left, last
        while True:
            now = time.time() - start
            self._weather(now)
            while todo and todo[0].at <= now:
                self._act(todo.pop(0), now)
            for at, what in [entry for entry in self.later if entry[0] <= now]:
                self.later.remove((at, what))
                what()
            self._raise_the_dead(now)
            if now > self.plan.end and not todo:
                self._make_up(now)
            if now - looked_at >= 0.5:
                looked_at, left = now, self.left()
                if left < fewest:
                    fewest, moved_at = left, max(now, last)
                phase = "calm" if now < self.plan.storm else "storm" if now < last else "settling"
                words = f"{name}: {phase} {now:.0f} of {last:.0f} s, {self.done['kills']} kills, {left} to settle"
                progress.show(now / last, words)
                over = now > last and not todo and not self.later and not self.failpoints.asleep()
                if over and (not left or now > moved_at + self.patience):
                    break
            time.sleep(TURN)
        progress.clear()
        self.done["unsettled"] = left
        self._end()

    def _weather(self, now: float) -> None:
        stormy = self.plan.storm <= now < self.plan.end
        if stormy != self.stormy:
            self.stormy = stormy
            for account in self.accounts:
                self._forecast(account)

    def _forecast(self, account: Account, *, outage: bool = False) -> None:
        wanted: dict[str, Any] = {}
        if self.stormy:
            wanted = {**self.faults, "seed": self.chance.randrange(2**32), "read_outage": outage}
        account.forecast(wanted)

    def _act(self, action: Action, now: float) -> None:
        if action.what in ("arm", "doze"):
            self.failpoints.arm(action.which)
            return
        if action.what == "outage":
            account = self.chance.choice(self.accounts)
            self._forecast(account, outage=True)
            self.later.append((now + OUTAGE, lambda: self._forecast(account)))
            self.done["outages"] += 1
            return
        there = sorted(self.consumers.living - set(self.stopping))
        if not there:  # it comes when somebody is there to be hit
            self.later.append((now + 0.1, lambda: self._act(action, now + 0.1)))
            return
        slot = self.chance.choice(there)
        if action.what == "kill":
            self.consumers.signal(slot, signal.SIGKILL)
        elif action.what == "pause":
            self.consumers.signal(slot, signal.SIGSTOP)
            pause = self.chance.uniform(*PAUSE)
            self.later.append((now + pause, lambda: self.consumers.signal(slot, signal.SIGCONT)))
            self.done["pauses"] += 1
        elif action.what == "deploy":
            self.consumers.signal(slot, signal.SIGTERM)
            self.stopping[slot] = now + TO_STOP
            self.done["deploys"] += 1

    def _make_up(self, now: float) -> None:
        """Once the plan is over, for kills that found nobody alive or came together with another."""
        missing, self.owed = self.owed - self.done["kills"] - self.failpoints.waiting(), 0
        for number in range(missing):
            self.later.append((now + number * PACE / 2, lambda: self._act(Action(now, "kill"), now)))

    def _raise_the_dead(self, now: float) -> None:
        for slot, status in self.consumers.look():
            deployed = self.stopping.pop(slot, None) is not None
            young = now - self.started.get(slot, 0.0) < TO_LISTEN
            self.done["kills"] += status == -signal.SIGKILL
            if status != -signal.SIGKILL and not (deployed and (status == 0 or young)):
                self.complaints.append(f"A consumer ended by itself with status {status}.")
            self._start_again(slot, now)
        for slot, until in list(self.stopping.items()):
            if now > until:
                self.complaints.append(f"A consumer did not end within {TO_STOP:g} s after SIGTERM.")
                self.consumers.signal(slot, signal.SIGKILL)
                self.stopping[slot] = float("inf")

    def _start_again(self, slot: int, now: float) -> None:
        away = self.chance.uniform(*AWAY)
        self.started[slot] = now + away
        self.later.append((now + away, lambda: self.consumers.start(slot)))

    def _end(self) -> None:
        """Let them end as a deploy does; whoever was away stays away."""
        for slot in self.consumers.living:
            self.consumers.signal(slot, signal.SIGCONT)
            self.consumers.signal(slot, signal.SIGTERM)
        until = time.time() + TO_STOP
        while self.consumers.living and time.time() < until:
            self.consumers.look()
            time.sleep(TURN)
        if self.consumers.living:
            self.complaints.append(f"{len(self.consumers.living)} consumers did not end at the close.")
        for name, hits in self.failpoints.hits().items():
            self.done[f"at {name}"] = hits
