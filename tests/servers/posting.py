"""What servers that behave like a channel have in common: posts on disk, and a control side.

A server names its own paths in `route` and calls `publish` for the request that posts.
Every accepted post is in DIR/posts.jsonl before it is answered, and is read again at the next start.
Under /_control, unsigned: POST faults (the words of faults.py, and `more`), GET posts, GET log, POST reset.
"""

from __future__ import annotations

import json
import threading
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.servers import faults
from tests.servers.faults import BEFOREHAND, Faults, FaultyHandler

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, JSON, headers."""
REMEMBERED = 1000
"""Requests."""


class State:
    """What has been accepted, and what is to go wrong next. One lock guards what was accepted."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self.faults = Faults()
        self.log = folder / "posts.jsonl"
        self.resets = 0
        self.forget()
        self.configure({})
        folder.mkdir(parents=True, exist_ok=True)
        for line in self.log.read_text().splitlines() if self.log.exists() else []:
            entry = json.loads(line)
            if "deleted" in entry:
                self.deleted.add(entry["deleted"])
            else:
                self.posts.append(entry)

    def forget(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.deleted: set[str] = set()
        self.media: dict[str, dict[str, Any]] = {}
        """What was uploaded, or told beforehand."""
        self.requests: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)

    def configure(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError for a fault that nobody knows."""
        self.faults.configure(wanted)
        self.more: dict[str, Any] = dict(wanted.get("more", {}))

    def reset(self) -> None:
        self.log.unlink(missing_ok=True)
        self.forget()
        self.resets += 1
        self.configure({})

    def append(self, entry: dict[str, Any]) -> None:
        with self.log.open("a") as log:
            log.write(json.dumps(entry) + "\n")

    def new_number(self) -> int:
        """Rises with time, also over a restart: milliseconds shifted by 22 bits, like a snowflake."""
        last = self.posts[-1]["number"] if self.posts else 0
        return max(last + 1, int(time.time() * 1000) << 22)

    def add(self, number: int, post: dict[str, Any]) -> dict[str, Any]:
        kept = {"number": number, "at": time.time(), **post}
        self.append(kept)
        self.posts.append(kept)
        return kept

    def live(self) -> list[dict[str, Any]]:
        return [post for post in self.posts if post["id"] not in self.deleted]

    def visible(self) -> list[dict[str, Any]]:
        """The newest first, as far as reading has caught up."""
        seen_until = time.time() - self.faults.read_lag
        return [post for post in self.live() if post["at"] <= seen_until][::-1]

    def delete(self, identity: str) -> bool:
        if identity not in [post["id"] for post in self.live()]:
            return False
        self.append({"deleted": identity})
        self.deleted.add(identity)
        return True


class Handler(FaultyHandler):
    state: ClassVar[Any]
    """A State, or one made from it."""

    def handle_request(self) -> None:
        self.body = self.read_body()
        parts = urlsplit(self.path)
        self.route_path, self.query = parts.path, {name: each[0] for name, each in parse_qs(parts.query).items()}
        if self.route_path.startswith("/_control/"):
            return self.answer(*self.control(self.route_path.removeprefix("/_control/")))
        with self.state.lock:
            self.state.requests.append({"method": self.command, "path": self.path, "headers": dict(self.headers)})
        return self.route()

    @abstractmethod
    def route(self) -> None: ...

    def control(self, action: str) -> tuple[int, Any]:
        with self.state.lock:
            if (self.command, action) == ("POST", "faults"):
                try:
                    self.state.configure(json.loads(self.body))
                except ValueError as error:
                    return 400, {"error": str(error)}
                return 200, {}
            if (self.command, action) == ("GET", "posts"):
                deleted = self.state.deleted
                return 200, {"posts": [{**post, "deleted": post["id"] in deleted} for post in self.state.posts]}
            if (self.command, action) == ("GET", "log"):
                return 200, {"requests": list(self.state.requests)}
            if (self.command, action) == ("POST", "reset"):
                self.state.reset()
                return 200, {}
        return 404, {}

    def publish(self, accept: Callable[[], tuple[Any, ...]]) -> None:
        """Calls `accept` under the lock, unless a refusal comes before, and gives its answer (status, JSON and perhaps
        headers) as the next fault has it."""
        fault, seconds, resets = self.state.faults.next(), self.state.faults.seconds, self.state.resets
        if fault in BEFOREHAND:
            return self.refuse(fault, seconds)
        if fault == "slow":
            time.sleep(seconds)
        with self.state.lock:
            if self.state.resets != resets:  # a slow post of an earlier test
                return self.reset_connection()
            status, said, *headers = accept()
        if status >= 400:  # nothing was accepted
            return self.answer(status, said, *headers)
        return self.answer_with_fault(fault, status, json.dumps(said).encode(), *headers)

    def form(self) -> dict[str, str]:
        """The body as application/x-www-form-urlencoded; empty where it is something else."""
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            return {}
        return {name: each[0] for name, each in parse_qs(self.body.decode()).items()}


def serve(handler: type[Handler], description: str | None, state: type[State] = State) -> None:
    faults.serve(handler, state, description)
