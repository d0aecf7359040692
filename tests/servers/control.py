"""Tells a test server what is to go wrong, and asks it what it has seen."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.servers.running import kept

FAULTS = ("mix", "seed", "seconds", "read_outage", "read_lag")
"""Besides the queue; see faults.py."""


def call(address: str, wanted: dict[str, Any] | None = None, **headers: str) -> Any:
    """GET, or POST of what is wanted."""
    data = None if wanted is None else json.dumps(wanted).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


class Server:
    """The control side of a server made with tests.servers.posting."""

    def __init__(self, address: str) -> None:
        self.address = address

    def control(self, action: str, wanted: dict[str, Any] | None = None) -> dict[str, Any]:
        said: dict[str, Any] = call(f"{self.address}/_control/{action}", wanted)
        return said

    def reset(self) -> None:
        self.control("reset", {})

    def go_wrong(self, *queue: str, **more: Any) -> None:
        """What the next posts meet; without any, all goes well again."""
        named = {name: more.pop(name) for name in FAULTS if name in more}
        self.control("faults", {"queue": queue, "more": more, **named})

    def posts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("posts")["posts"]
        return found

    def live(self) -> list[dict[str, Any]]:
        return [post for post in self.posts() if not post["deleted"]]

    def requests(self) -> list[dict[str, Any]]:
        """The latest thousand: method, path and headers."""
        found: list[dict[str, Any]] = self.control("log")["requests"]
        return found


def clean(module: str) -> Server:
    """The one server of its kind that many tests share, as if just started."""
    server = Server(kept(module))
    server.reset()
    return server
