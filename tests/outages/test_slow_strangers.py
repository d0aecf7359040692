"""Strangers hold on to many slow connections of each kind; nobody else waits for it."""

from __future__ import annotations

import random
import re
import socket
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.installation import Installation, installation

STRANGERS = 200
AT_MOST = 1.0
"""Seconds that anybody else waits."""
PAGE = 0.1
"""Seconds that a public page takes beside them, in the median."""
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


def give_passwords(url: str, until: threading.Event, statuses: list[int]) -> None:
    """As a stranger with many addresses does it: each time for another account, and at once again."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(url + "/console/sign-in", timeout=20) as page:
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    while not until.is_set():
        number = random.randrange(2**24)
        fields = {"csrfmiddlewaretoken": token, "username": f"p{number}@example.org", "password": "a wrong guess"}
        request = urllib.request.Request(
            url + "/console/sign-in",
            urllib.parse.urlencode(fields).encode(),
            {"X-Forwarded-For": str(ip_address(0x0A000000 + number))},
        )
        try:
            with browser.open(request, timeout=20) as answer:
                statuses.append(answer.status)
        except urllib.error.HTTPError as refused:
            statuses.append(refused.code)


def public_pages(url: str, seconds: float) -> tuple[float, float]:
    """How long they take in seconds: the median, and the longest."""
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        for path in ("/", "/blog", "/vacancies"):
            started = time.monotonic()
            with urllib.request.urlopen(url + path, timeout=20) as answer:
                assert answer.status == 200
            taken.append(time.monotonic() - started)
        time.sleep(0.02)
    return statistics.median(taken), max(taken)


def test_passwords_of_a_stranger_slow_nobodys_pages(tmp_path: Path) -> None:
    """Twelve at a time, whom no limit stops."""
    over, statuses = threading.Event(), []
    with installation(tmp_path) as product:
        product.environment["TRUSTED_PROXIES"] = "1"
        product.start()
        product.wait_until("/readyz")
        quiet, _ = public_pages(product.url, 2)
        arguments = (product.url, over, statuses)
        strangers = [threading.Thread(target=give_passwords, args=arguments) for _ in range(12)]
        for each in strangers:
            each.start()
        median, longest = public_pages(product.url, 6)
        over.set()
        for each in strangers:
            each.join()

    told = f"{quiet * 1000:.0f} ms alone, {median * 1000:.0f} ms beside strangers, {longest * 1000:.0f} ms at most"
    print(f"public pages {told}; {statuses.count(200)} passwords")  # noqa: T201 - the figures
    assert set(statuses) == {200}
    assert len(statuses) > 12
    assert median < PAGE
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
