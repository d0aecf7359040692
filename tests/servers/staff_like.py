"""What servers that reach staff share: X-like faults and bookkeeping, with answers of their own."""

from __future__ import annotations

import argparse
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers import x_like


class State(x_like.State):
    """Every accepted message is on disk before it is answered."""

    def keep(self, message: dict[str, Any]) -> dict[str, Any]:
        last = int(self.posts[-1]["id"]) if self.posts else 0
        post = {"id": str(max(last + 1, time.time_ns() // 1000)), "at": time.time(), **message}
        self.append(post)
        self.posts.append(post)
        return post


class Handler(x_like.Handler):
    """`take` is what a server does with a message; `REFUSALS` is how it words what it does not take."""

    state: State
    REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {}
    ACCEPTED = 200

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path.startswith("/_control/"):
            self.answer(*self.control(path.removeprefix("/_control/")))
        else:
            self.serve(path)

    def serve(self, path: str) -> None:
        raise NotImplementedError

    def accept(self, message: dict[str, Any], said: Any) -> None:
        """Keep a message whose shape is right, and answer `said(post)`, unless something is to go wrong."""
        with self.state.lock:
            fault, seconds = self.state.next_fault(), self.state.seconds
        if fault in self.REFUSALS:
            status, refusal = self.REFUSALS[fault]
            return self.answer(status, refusal, {"Retry-After": str(int(seconds))} if status == 429 else None)
        if fault == "slow":
            time.sleep(seconds)
        with self.state.lock:
            post = self.state.keep(message)
        if fault in ("ok", "slow"):
            return self.answer(self.ACCEPTED, said(post))
        return self.answer_with_fault(fault, said(post))


def serve(handler: type[Handler]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    handler.state = State(arguments.state)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), handler)
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()
