"""The ways in which a server's answer can go wrong, for servers that misbehave on demand."""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

REFUSALS = {
    "429": (429, "Too many requests"),
    "500_before": (500, "Something went wrong"),
    "redirect": (302, "Elsewhere"),
    "401": (401, "Unauthorized"),
    "402": (402, "Payment required"),
    "403": (403, "This action is not allowed"),
    "refuse_400": (400, "The text of your post is invalid"),
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
    """Answers, well or badly."""

    protocol_version = "HTTP/1.1"

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
        status, said = REFUSALS[fault]
        headers = {"429": {"Retry-After": str(int(seconds))}, "redirect": {"Location": "/elsewhere"}}
        return self.answer(status, {"error": said}, headers.get(fault))

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
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client gave up
            self.close_connection = True
