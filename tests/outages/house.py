"""A house with posts that are let go by a test, its workers, and what its channels accepted."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.network import read_logs
from tests.chaos.places import XNetwork
from tests.installation import ROOT, Installation
from tests.outages.fill import DESIGN

POSTS = 40
PATIENCE = 40.0
"""Seconds until everything must have settled."""
KEYS = {"SECRET_KEY": "only-for-outages-" + "x" * 50, "ENCRYPTION_KEYS": "only-for-outages-" + "y" * 32}
SETTINGS = {"DJANGO_SETTINGS_MODULE": "backend.settings", "WORKER_THREADS": "8"}
OURS = ("DATABASE_URL", "REDIS_URL")


class Channels:
    """The far side. `address` is its server's, `state` the folder in which it keeps what it accepted."""

    def __init__(self, address: str, state: Path) -> None:
        self.address = address
        self.state = state

    def begin(self) -> None:
        """With nothing accepted yet, and calls so slow that some are always under way."""
        for account in XNetwork(self.address, self.state).accounts(DESIGN):
            account.forecast({"mix": {"slow": 1.0}, "seconds": 0.4})
        for log in self.state.glob("*/posts.jsonl"):
            log.write_text("")

    def accepted(self) -> Counter[str]:
        """How often each text."""
        logs = read_logs(self.state, "posts.jsonl")
        return Counter(str(entry["text"]) for entries in logs.values() for entry in entries)


class Worker:
    def __init__(self, folder: Path, environment: dict[str, str], launcher: list[str]) -> None:
        self.log = folder / "worker.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*launcher, sys.executable, "-m", "tests.outages.worker", str(folder)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def lives(self) -> bool:
        return self.process.poll() is None

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.lives():
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


class House:
    def __init__(self, folder: Path, channels: Channels, environment: dict[str, str]) -> None:
        self.folder = folder
        self.channels = channels
        plain = {name: value for name, value in Installation(folder, {}).environment.items() if name not in OURS}
        self.environment = {**plain, **SETTINGS, **KEYS, **environment}
        self.data().mkdir(parents=True, exist_ok=True)
        self.workers: list[Worker] = []

    def product(self) -> Installation:
        """Its commands and `make run`, on this house's database and on none that the tests were given."""
        own = {name: value for name, value in self.environment.items() if name != "PORT"}
        return Installation(self.folder, {**dict.fromkeys(OURS, ""), **own})

    def data(self) -> Path:
        return Path(self.environment["DATA_DIR"])

    def start_worker(self, name: str = "worker", *, launcher: list[str] | None = None, **environment: str) -> Worker:
        """Returns once it works."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        worker = Worker(folder, {**self.environment, **environment}, launcher or [])
        self.workers.append(worker)
        wait_for(lambda: "worker started" in worker.said() or not worker.lives(), "a worker")
        assert worker.lives(), worker.said()
        return worker

    def sql(self, query: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        server = self.environment.get("DATABASE_URL")
        if server:
            with psycopg.connect(server, autocommit=True) as opened:
                found = opened.execute(query.replace("?", "%s"), parameters)
                return found.fetchall() if found.description else []
        opened = sqlite3.connect(self.data() / "promenade.sqlite3", timeout=20, isolation_level=None)
        try:
            return opened.execute(query, parameters).fetchall()
        finally:
            opened.close()

    def let_go(self, *, over: float) -> None:
        """All posts fall due, evenly within so many seconds from now."""
        now = datetime.now(UTC)
        rows = self.sql("SELECT id FROM planning_publication ORDER BY id")
        for number, (row,) in enumerate(rows):
            at = (now + timedelta(seconds=over * number / len(rows))).isoformat(" ")
            if "DATABASE_URL" not in self.environment:
                at = at.removesuffix("+00:00")
            self.sql("UPDATE planning_publication SET publish_at = ?, due_at = ? WHERE id = ?", (at, at, row))

    def states(self) -> Counter[str]:
        return Counter(dict(self.sql("SELECT state, count(*) FROM planning_publication GROUP BY state")))

    def reasons(self) -> list[tuple[Any, ...]]:
        """Why something stands where it stands."""
        return self.sql("SELECT DISTINCT state, reason FROM planning_publication WHERE state <> 'sent'")

    def wait_for_accepted(self, number: int) -> None:
        wait_for(lambda: self.channels.accepted().total() >= number, f"{number} accepted posts")

    def wait_until_all_are_sent(self) -> None:
        total = self.states().total()
        wait_for(
            lambda: self.states()["sent"] == total, lambda: f"{total} sent posts; now {self.states()} {self.reasons()}"
        )

    def check_each_went_out_once(self) -> None:
        accepted = self.channels.accepted()
        titles = {re.match(r"Post \d+ of the", text).group() for text in accepted}  # type: ignore[union-attr]
        assert set(accepted.values()) == {1}, [text for text, times in accepted.items() if times > 1]
        assert len(titles) == len(accepted) == self.states().total()
        assert self.states() == {"sent": len(accepted)}


def wait_for(what: Callable[[], bool], words: str | Callable[[], str]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, f"waited in vain for {words if isinstance(words, str) else words()}"
        time.sleep(0.05)


@contextmanager
def ended(house: House) -> Iterator[House]:
    try:
        yield house
    finally:
        for worker in house.workers:
            worker.end(signal.SIGKILL)


def fill(house: House, posts: int = POSTS) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.outages.fill", house.channels.address, str(posts)],
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def is_root() -> bool:
    return os.geteuid() == 0
