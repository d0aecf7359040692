"""Strangers hold on to many slow connections of each kind; nobody else waits for it."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.installation import Installation, installation

STRANGERS = 200
AT_MOST = 1.0
"""Seconds that anybody else waits."""
HEAD = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
WAYS: dict[str, bytes] = {
    "says nothing": b"",
    "never ends its head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
    "sends a form to sign-in letter by letter": (
        HEAD.format("/console/sign-in") + "Content-Length: 900\r\n\r\n"
    ).encode(),
    "subscribes in chunks": (HEAD.format("/subscribe") + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n").encode(),
    "sends a picture that never ends": (HEAD.format("/api/v1/pictures") + "Content-Length: 9000000\r\n\r\n").encode(),
    "asks again and again and reads no answer": b"GET /static/site/site.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 300,
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("product")) as found:
        found.start()
        found.wait_until("/readyz")
        yield found


def trickle(opened: list[socket.socket], begin: bytes, until: threading.Event) -> None:
    for each in opened:
        each.sendall(begin)
    while not until.wait(0.5):
        for each in opened:
            try:
                each.send(b"a", socket.MSG_DONTWAIT)
            except OSError:  # refused by now, which is what we want
                continue


def longest_wait(url: str, seconds: float) -> float:
    longest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        for path in ("/healthz", "/vacancies", "/console/sign-in"):
            started = time.monotonic()
            with urllib.request.urlopen(url + path, timeout=20) as answer:
                assert answer.status == 200
            longest = max(longest, time.monotonic() - started)
        time.sleep(0.05)
    return longest


@pytest.mark.parametrize("way", WAYS)
def test_nobody_else_waits(product: Installation, way: str) -> None:
    over = threading.Event()
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(("127.0.0.1", product.port))) for _ in range(STRANGERS)]
        for each in opened:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        strangers = threading.Thread(target=trickle, args=(opened, WAYS[way], over))
        strangers.start()
        time.sleep(1)
        longest = longest_wait(product.url, 4)
        over.set()
        strangers.join()

    print(f"{way}: {longest:.3f} s at most")  # noqa: T201 - the figure
    assert longest < AT_MOST


def test_a_form_that_takes_too_long_is_answered(product: Installation) -> None:
    with socket.create_connection(("127.0.0.1", product.port), timeout=30) as slow:
        slow.sendall((HEAD.format("/subscribe") + "Content-Length: 900\r\n\r\na").encode())
        said = slow.recv(1000)

    assert said.startswith(b"HTTP/1.1 408")


def test_what_is_too_large_is_refused_before_it_is_read(product: Installation) -> None:
    with socket.create_connection(("127.0.0.1", product.port), timeout=30) as large:
        large.sendall((HEAD.format("/api/v1/blog-entries") + "Content-Length: 90000000\r\n\r\na").encode())
        said = large.recv(1000)

    assert said.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in said
