"""A bounded load over loopback: a few connections that are kept open, each with one request on its way at a time.

In one thread without a library, so that on two cores the server is what sets the pace.
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

CONNECTIONS = 8
PATIENCE = 30.0  # seconds
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass
class _Line:
    """One connection, with what has come so far of the answer."""

    socket: socket.socket
    head: bytes = b""
    missing: int | None = None
    """Bytes of the body still to come; None while the head is not complete."""

    def takes(self, status: int) -> bool:
        """Take what has come; whether the answer is complete with it. Only this status will do."""
        came = self.socket.recv(262_144)
        assert came, "the server closed the connection"
        if self.missing is None:
            self.head += came
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return False
            assert head.startswith(b"HTTP/1.1 %d" % status), head
            self.missing = _length(head, status) - len(body)
        else:
            self.missing -= len(came)
        if self.missing:
            return False
        self.head, self.missing = b"", None
        return True


def _length(head: bytes, status: int) -> int:
    if status == 304:
        return 0
    found = _LENGTH.search(head)
    assert found, head
    return int(found[1])


@dataclass
class Load:
    """One request, asked again and again; `ask` returns once that many have been answered with the status."""

    request: bytes
    status: int
    lines: list[_Line]

    def ask(self, requests: int) -> None:
        left, running = requests - len(self.lines), len(self.lines)
        by_number = {line.socket.fileno(): line for line in self.lines}
        with select.epoll() as ready:
            for line in self.lines:
                ready.register(line.socket, select.EPOLLIN)
                line.socket.sendall(self.request)
            while running:
                events = ready.poll(PATIENCE)
                assert events, "the server no longer answers"
                for number, _ in events:
                    line = by_number[number]
                    if not line.takes(self.status):
                        continue
                    if left:
                        left -= 1
                        line.socket.sendall(self.request)
                    else:
                        running -= 1


@contextmanager
def load(port: int, path: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Iterator[Load]:
    """With its connections open."""
    given = {"Host": f"127.0.0.1:{port}"} | (headers or {})
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    with ExitStack() as opened:
        sockets = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            for _ in range(CONNECTIONS)
        ]
        for each in sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Load("\r\n".join(lines).encode(), status, [_Line(each) for each in sockets])
