"""What servers that behave like a channel have in common: posts on disk, faults on demand, and a control side.

A server names its own paths in `route` and calls `publish` for the request that posts.
Every accepted post is in DIR/posts.jsonl before it is answered, and is read again at the next start.
Under /_control, unsigned: POST faults, GET posts, GET log, POST reset.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, JSON, headers."""

REFUSING = ("429", "500_before", "redirect", "401", "403", "refuse_400")
FAULTS = (
    "ok",
    *REFUSING,
    "accept_then_hang",  # published, no answer
    "accept_then_drop",  # published, connection reset
    "502_after",  # published
    "slow",  # published after `seconds`
    "trickle",  # published, the body a byte at a time
    "malformed_200",  # published
    "empty_200",  # published
)


class State:
    """What has been accepted, and what is to go wrong next. One lock guards it all."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self.log = folder / "posts.jsonl"
        self.posts: list[dict[str, Any]] = []
        self.deleted: set[str] = set()
        self.media: dict[str, dict[str, Any]] = {}
        """What was uploaded, or told beforehand; forgotten by a reset only."""
        self.requests: list[dict[str, Any]] = []
        self.resets = 0
        self.configure({})
        folder.mkdir(parents=True, exist_ok=True)
        for line in self.log.read_text().splitlines() if self.log.exists() else []:
            entry = json.loads(line)
            if "deleted" in entry:
                self.deleted.add(entry["deleted"])
            else:
                self.posts.append(entry)

    def configure(self, wanted: dict[str, Any]) -> None:
        self.queue: list[str] = list(wanted.get("queue", []))
        unknown = set(self.queue) - set(FAULTS)
        if unknown:
            raise ValueError(f"unknown faults: {sorted(unknown)}")
        self.seconds = float(wanted.get("seconds", 2.0))
        self.read_outage = bool(wanted.get("read_outage", False))
        self.read_lag = float(wanted.get("read_lag", 0.0))
        self.more: dict[str, Any] = dict(wanted.get("more", {}))

    def reset(self) -> None:
        self.log.unlink(missing_ok=True)
        self.posts, self.deleted, self.media, self.requests = [], set(), {}, []
        self.resets += 1
        self.configure({})

    def append(self, entry: dict[str, Any]) -> None:
        with self.log.open("a") as log:
            log.write(json.dumps(entry) + "\n")

    def new_id(self) -> str:
        """Rises with time, also over a restart."""
        last = max([0, *(post["number"] for post in self.posts)])
        return str(max(last + 1, int(time.time() * 1000) << 22))

    def add(self, number: str, post: dict[str, Any]) -> dict[str, Any]:
        kept = {"number": int(number), "at": time.time(), **post}
        self.append(kept)
        self.posts.append(kept)
        return kept

    def live(self) -> list[dict[str, Any]]:
        return [post for post in self.posts if post["id"] not in self.deleted]

    def visible(self) -> list[dict[str, Any]]:
        """The newest first, as far as reading has caught up."""
        seen_until = time.time() - self.read_lag
        return [post for post in self.live() if post["at"] <= seen_until][::-1]

    def delete(self, identity: str) -> bool:
        if identity not in [post["id"] for post in self.live()]:
            return False
        self.append({"deleted": identity})
        self.deleted.add(identity)
        return True


class Handler(BaseHTTPRequestHandler, ABC):
    protocol_version = "HTTP/1.1"
    state: ClassVar[State]

    def log_message(self, *arguments: object) -> None: ...

    def do_GET(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        self.route_path, self.query = parts.path, {name: each[0] for name, each in parse_qs(parts.query).items()}
        if self.route_path.startswith("/_control/"):
            return self.answer(*self.control(self.route_path.removeprefix("/_control/")))
        with self.state.lock:
            self.state.requests.append({"method": self.command, "path": self.path, "headers": dict(self.headers)})
        return self.route()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    @abstractmethod
    def route(self) -> None: ...

    def control(self, action: str) -> Answer:
        with self.state.lock:
            if (self.command, action) == ("POST", "faults"):
                try:
                    self.state.configure(json.loads(self.body))
                except ValueError as error:
                    return 400, {"error": str(error)}, {}
                return 200, {}, {}
            if (self.command, action) == ("GET", "posts"):
                deleted = self.state.deleted
                return 200, {"posts": [{**post, "deleted": post["id"] in deleted} for post in self.state.posts]}, {}
            if (self.command, action) == ("GET", "log"):
                return 200, {"requests": self.state.requests}, {}
            if (self.command, action) == ("POST", "reset"):
                self.state.reset()
                return 200, {}, {}
        return 404, {}, {}

    def publish(self, accept: Callable[[], Answer], refuse: Callable[[str, float], Answer]) -> None:
        """Calls `accept` under the lock and answers as the next fault has it; for one of REFUSING it says what
        `refuse` has for it: the channel's own words, with the seconds to wait."""
        with self.state.lock:
            fault = self.state.queue.pop(0) if self.state.queue else "ok"
            seconds, resets = self.state.seconds, self.state.resets
        if fault in REFUSING:
            return self.answer(*refuse(fault, seconds))
        if fault == "slow":
            time.sleep(seconds)
        with self.state.lock:
            if self.state.resets != resets:  # a slow post of an earlier test
                return self.reset_connection()
            said = accept()
        return self.answer_with_fault(fault, *said)

    def answer_with_fault(self, fault: str, status: int, said: dict[str, Any], headers: dict[str, str]) -> None:
        whole = json.dumps(said).encode()
        if fault == "accept_then_hang":
            self.close_connection = True
            self.rfile.read(1)  # until the client gives up
        elif fault == "accept_then_drop":
            self.reset_connection()
        elif fault == "502_after":
            self.answer(502, {"message": "Bad Gateway"}, {})
        elif fault == "trickle":
            self.trickle(f"HTTP/1.1 {status} Created\r\nContent-Length: {len(whole)}\r\n".encode(), whole)
        elif fault in ("malformed_200", "empty_200"):
            self.answer_bytes(200, b'{"id": ' if fault == "malformed_200" else b"", {})
        else:
            self.answer(status, said, headers)

    def trickle(self, at_once: bytes, rest: bytes) -> None:
        self.close_connection = True
        try:
            self.wfile.write(at_once)
            for byte in b"\r\n" + (rest or b" "):
                time.sleep(0.1)
                self.wfile.write(bytes([byte]))
        except OSError:  # the client gave up
            return

    def reset_connection(self) -> None:
        """Closes at once and for good; without lingering, the client sees a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def form(self) -> dict[str, str]:
        """The body as application/x-www-form-urlencoded; empty where it is something else."""
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            return {}
        return {name: each[0] for name, each in parse_qs(self.body.decode()).items()}

    def answer(self, status: int, said: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self.answer_bytes(status, json.dumps(said).encode(), headers or {})

    def answer_bytes(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        body = b"" if status == 204 else body
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client gave up
            self.close_connection = True


def serve(handler: type[Handler], description: str | None) -> None:
    """Prints the port on the first line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    handler.state = State(arguments.state)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), handler)
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()
