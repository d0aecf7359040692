"""The ways in which a server's answer can go wrong, for servers that misbehave on demand."""

from __future__ import annotations

import argparse
import json
import random
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

REFUSALS: dict[str, tuple[int, Any]] = {
    "429": (429, {"error": "Too many requests"}),
    "500_before": (500, {"error": "Something went wrong"}),
    "redirect": (302, {"error": "Elsewhere"}),
    "401": (401, {"error": "Unauthorized"}),
    "402": (402, {"error": "Payment required"}),
    "403": (403, {"error": "This action is not allowed"}),
    "refuse_400": (400, {"error": "The text of your post is invalid"}),
}
"""What is said instead of publishing."""
BEFOREHAND = (*REFUSALS, "drop_before")
"""Nothing is published; `drop_before` says nothing either, and resets the connection."""
AFTERWARDS = (
    "accept_then_hang",  # no answer
    "accept_then_drop",  # connection reset
    "502_after",
    "slow",  # published after `seconds`
    "trickle",  # the body a byte at a time
    "trickle_headers",  # the headers a byte at a time
    "malformed_200",
    "empty_200",
    "huge_200",  # five megabytes
)
"""Published, but the answer does not say so in time or at all."""
UNCLEAR = tuple(fault for fault in AFTERWARDS if fault != "slow")
"""However long one waits."""


LONG_ENOUGH = 40
"""Bytes more that a body has which trickles: four seconds."""


class Faults:
    """What is to go wrong next. A lock of its own guards it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.configure({})

    def configure(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError for a fault that nobody knows."""
        queue, mix = list(wanted.get("queue", [])), dict(wanted.get("mix", {}))
        unknown = {*queue, *mix} - {*BEFOREHAND, *AFTERWARDS, "ok"}
        if unknown:
            raise ValueError(f"unknown faults: {sorted(unknown)}")
        with self.lock:
            self.queue, self.mix = queue, mix
            self.chance = random.Random(wanted.get("seed", 0))
            self.seconds = float(wanted.get("seconds", 2.0))
            self.read_outage = bool(wanted.get("read_outage", False))
            self.read_lag = float(wanted.get("read_lag", 0.0))

    def next(self) -> str:
        """The queue first, then by chance: `mix` gives each fault's probability, the rest goes well."""
        with self.lock:
            if self.queue:
                return str(self.queue.pop(0))
            if not self.mix:
                return "ok"
            modes = [*self.mix, "ok"]
            return self.chance.choices(modes, [*self.mix.values(), max(0.0, 1 - sum(self.mix.values()))])[0]


class FaultyHandler(BaseHTTPRequestHandler, ABC):
    """Answers, well or badly. `REFUSALS` is how the channel words those that it words in its own way."""

    protocol_version = "HTTP/1.1"
    state: Any
    REFUSALS: ClassVar[dict[str, tuple[int, Any]]] = {}
    ELSEWHERE = "/elsewhere"
    """Where the fault `redirect` leads."""

    def log_message(self, *arguments: object) -> None: ...

    def do_GET(self) -> None:
        self.handle_request()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    @abstractmethod
    def handle_request(self) -> None: ...

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def refuse(self, fault: str, seconds: float) -> None:
        if fault == "drop_before":
            return self.reset_connection()
        headers = {"429": self.wait(seconds), "redirect": {"Location": self.ELSEWHERE}}
        return self.answer(*(REFUSALS | self.REFUSALS)[fault], headers.get(fault))

    def wait(self, seconds: float) -> dict[str, str]:
        """The headers that say when to come again."""
        return {"Retry-After": str(int(seconds))}

    def answer_with_fault(self, fault: str, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Once it is published."""
        if fault == "accept_then_hang":
            self.close_connection = True
            self.rfile.read(1)  # until the client gives up
        elif fault == "accept_then_drop":
            self.reset_connection()
        elif fault == "502_after":
            self.answer(502, {"error": "Bad gateway"})
        elif fault in ("trickle", "trickle_headers"):
            body = b" " * LONG_ENOUGH + body
            head = f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            at_once = head if fault == "trickle" else b"HTTP/1.1"
            self.trickle(at_once, (head + body).removeprefix(at_once))
        elif fault in ("malformed_200", "empty_200", "huge_200"):
            bodies = {"malformed_200": b'{"id": {', "empty_200": b"", "huge_200": b" " * 5_000_000 + body}
            self.answer_bytes(200, bodies[fault])
        else:
            self.answer_bytes(status, body, headers)

    def trickle(self, at_once: bytes, rest: bytes) -> None:
        self.close_connection = True
        try:
            self.wfile.write(at_once)
            for byte in rest:
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

    def answer(self, status: int, said: Any, headers: Mapping[str, str] | None = None) -> None:
        self.answer_bytes(status, json.dumps(said).encode(), headers)

    def answer_bytes(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        body = b"" if status == 204 else body
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client gave up
            self.close_connection = True


def serve(handler: type[FaultyHandler], state: Callable[[Path], Any], description: str | None) -> None:
    """Prints the port on the first line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    handler.state = state(arguments.state)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()
