"""The control side of a server made with tests.servers.posting, and what its channels have in common from there."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.scheduler.channels.far_side import ALL_FAULTS, SERVER_FAULTS, Fault, Seen, plain_document


class Server:
    def __init__(self, address: str) -> None:
        self.address = address

    def control(self, action: str, wanted: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if wanted is None else json.dumps(wanted).encode()
        with urllib.request.urlopen(f"{self.address}/_control/{action}", data, timeout=5) as answer:
            return json.load(answer)

    def go_wrong(self, *queue: str, seconds: float = 2.0, **more: Any) -> None:
        named = {name: more.pop(name) for name in ("read_outage", "read_lag") if name in more}
        self.control("faults", {"queue": queue, "seconds": seconds, "more": more, **named})

    def posts(self) -> list[dict[str, Any]]:
        return self.control("posts")["posts"]

    def live(self) -> list[dict[str, Any]]:
        return [post for post in self.posts() if not post["deleted"]]

    def requests(self) -> list[dict[str, Any]]:
        return self.control("log")["requests"]


class PostingSide:
    """A channel from its other side, but for its adapter."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, address: str) -> None:
        self.server = Server(address)

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[Seen]:
        return [Seen(post["text"], tuple(post["alt_texts"])) for post in self.server.live()]

    def document(self, text: str) -> dict[str, Any]:
        return plain_document(text)
