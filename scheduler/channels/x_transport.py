"""Carries requests to X: to the address that the settings name, once, and under a deadline that holds.

Knows nothing of posts: what an answer means is decided in `x`.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent import futures
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

T = TypeVar("T")

LARGEST_ANSWER = 1_000_000
"""Bytes. A hundred posts with their links are about a tenth of it."""


def _seconds() -> float:
    """Runs on while this process, or the whole machine, is asleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Call:
    """What is known of one call while it runs, and the deadline that ends it.

    A socket's time-outs start afresh with every byte, and looking up a name has none at all. So the work runs
    in a thread of its own; at the deadline its socket is shut down, and if it had not begun to send, it never will.
    """

    def __init__(self) -> None:
        self.sent = False
        self.response: requests.Response | None = None
        self._over = False
        self._ends_at = float("inf")
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[[], T], timeout: float) -> T:
        outcome: futures.Future[T] = futures.Future()
        self._ends_at = _seconds() + timeout

        def carry_out() -> None:
            try:
                outcome.set_result(work())
            except Exception as error:  # handed to the caller's thread
                outcome.set_exception(error)

        # A daemon, so that a stalled name look-up never keeps a worker from stopping.
        threading.Thread(target=carry_out, name="x-call", daemon=True).start()
        futures.wait([outcome], timeout)
        if not outcome.done():
            self._end()
            raise TimeoutError
        return outcome.result()

    def begin_sending(self, connected: socket.socket) -> None:
        with self._lock:
            # A process that was stopped wakes both threads at once; this one may come first, after the deadline.
            if self._over or _seconds() > self._ends_at:
                raise requests.ConnectTimeout
            self.sent = True
            self._socket = connected

    def _end(self) -> None:
        with self._lock:
            self._over = True
        if self._socket is not None:
            with suppress(OSError):  # closed already
                # Not SSLSocket's own shutdown: that one is not safe while another thread reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _announcing(connection: Any, call: Call) -> Any:
    """The connection class, made to tell the call when the first byte of a request is about to go out."""

    class Announcing(connection):
        def endheaders(self, *args: Any, **kwargs: Any) -> None:
            if self.sock is None:
                self.connect()
            call.begin_sending(self.sock)
            super().endheaders(*args, **kwargs)

    return Announcing


class Transport(HTTPAdapter):
    """Sends tweepy's requests, which all go to https://api.twitter.com, to `api_base`; never a second time.

    What is signed: the address of X that serves the request. When we call api.x.com itself, that address, so
    the request is signed again here. Any other `api_base` is a relay or a stand-in in front of X and sees what
    tweepy signed, https://api.twitter.com with the same path and query: a relay passes it on untouched.
    """

    def __init__(self, call: Call, api_base: str, sign: Any, timeout: float) -> None:
        super().__init__(max_retries=0)
        self._call, self._api_base, self._sign, self._timeout = call, api_base, sign, timeout

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _announcing(type(pool).ConnectionCls, self._call)
        return pool

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self._call.response = None  # of the request before, if this call makes several
        request.url = self._api_base + request.path_url
        if urlsplit(self._api_base).hostname == "api.x.com":
            del request.headers["Authorization"]
            request.prepare_auth(self._sign)
        proxies = get_environ_proxies(request.url)  # those chosen so far were for tweepy's address
        kwargs.update(stream=True, timeout=self._timeout, proxies=proxies)
        response = super().send(request, *args, **kwargs)
        content = bytearray()
        for part in response.iter_content(65_536):
            content += part
            if len(content) > LARGEST_ANSWER:
                response.close()
                raise requests.exceptions.ContentDecodingError
        response._content = bytes(content)
        self._call.response = response
        return response
