"""Which addresses may be called, and that a call which is not on its way by its deadline never goes out."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from scheduler.channels.contract import NotSent
from scheduler.channels.lib.http import CallFailed, SessionClient, expect_status
from scheduler.net import network

OUTSIDE = network.Network()
INSIDE = network.Network(["127.0.0.0/8", "fd00::/8"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # which keeps a connection open

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * int(self.path.strip("/") or 1)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def ask(address: str, via: network.Network = INSIDE) -> bytes:
    return SessionClient("The channel", via).call(lambda session: expect_status(session.get(address)).content, 5.0)


@pytest.mark.parametrize("given", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_public_addresses_may_be_called(given: str) -> None:
    assert OUTSIDE.permits(ipaddress.ip_address(given))


@pytest.mark.parametrize(
    "given",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::5db8:d70e",
        "2002:7f00:1::",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fec0::1",
    ],
)
def test_addresses_inside_may_not_however_they_are_written(given: str) -> None:
    assert not OUTSIDE.permits(ipaddress.ip_address(given))


def test_those_that_the_installation_names_may() -> None:
    assert INSIDE.permits(ipaddress.ip_address("127.0.0.1"))
    assert INSIDE.permits(ipaddress.ip_address("::ffff:127.0.0.1"))
    assert not INSIDE.permits(ipaddress.ip_address("10.0.0.1"))


def test_a_call_inside_is_refused_in_words_before_anything_is_sent(address: str) -> None:
    with pytest.raises(CallFailed) as error:
        ask(address, OUTSIDE)

    said = SessionClient("The channel", OUTSIDE).failure(error.value)
    assert isinstance(said, NotSent)
    assert said.permanent
    assert said.code == "address_refused"
    assert "PRIVATE_ADDRESSES" in str(said)
    assert not error.value.sent


def test_a_name_is_checked_by_the_addresses_that_it_has_when_the_socket_opens(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """It had a public one a moment ago, and now leads inside."""
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(address.rpartition(":")[2])))]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.pop())

    with pytest.raises(CallFailed) as error:
        ask("http://feeds.example/1", OUTSIDE)

    assert error.value.refused_address is not None
    assert not answers


def test_one_inside_among_public_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)

    with pytest.raises(network.AddressRefused):
        OUTSIDE.resolve("mixed.example", 443, plain=False)


def test_plain_http_is_for_named_networks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: public)

    with pytest.raises(network.AddressRefused, match="https"):
        OUTSIDE.resolve("plain.example", 80, plain=True)
    assert OUTSIDE.resolve("plain.example", 443, plain=False)


def test_a_redirect_is_not_followed(address: str) -> None:
    with pytest.raises(CallFailed) as error:
        ask(f"{address}/redirect")

    assert error.value.status == 302


def test_no_socket_stays_open_after_a_call(address: str) -> None:
    def open_now() -> set[str]:
        return {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}

    before = open_now()
    for _ in range(3):
        ask(f"{address}/1")

    def left() -> set[str]:
        return {each for each in open_now() - before if each.startswith("socket")}

    patience = time.monotonic() + 5
    while left() and time.monotonic() < patience:
        time.sleep(0.02)  # the server's own threads end a moment later
    assert left() == set()


def test_an_answer_without_end_is_cut_off(address: str) -> None:
    assert len(ask(f"{address}/{network.LARGEST_ANSWER}")) == network.LARGEST_ANSWER
    with pytest.raises(CallFailed):
        ask(f"{address}/{network.LARGEST_ANSWER + 1}")


def test_a_call_that_wakes_after_its_deadline_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a stop of the whole process: the deadline is past, and the thread that keeps it has not run yet."""
    moments = iter([100.0, 103.0])
    monkeypatch.setattr(network, "_seconds", lambda: next(moments))
    call = network.Call(network.Network())
    ours, theirs = socket.socketpair()

    with ours, theirs, pytest.raises(requests.ConnectTimeout):
        call.run(lambda: call.begin_sending(ours), 2.0)

    assert not call.sent
