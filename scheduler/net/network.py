"""The one way out: which addresses may be called, and one call under a deadline that holds.

What an answer means is decided by whoever asks. Addresses are checked where the socket is opened, so a name that
changes its mind between the check and the call changes nothing. A proxy named in the environment is trusted to choose.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent import futures
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

from scheduler.net import answer

T = TypeVar("T")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LARGEST_ANSWER = 1_000_000
"""Bytes. A hundred posts with their links are about a tenth of it."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""The well-known prefix of RFC 6052: an IPv4 address stands in its last 32 bits."""
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA has given out for the public internet; beyond it stand old ways to write an address inside, such as
IPv4-compatible and site-local ones."""


class AddressRefused(Exception):
    """The address is not one that may be called. Raised before anything is sent. No OSError, which urllib3 would
    take for a broken line and wrap."""


class Network:
    """Public addresses, and those that the installation names (`PRIVATE_ADDRESSES`): only there is plain http taken."""

    def __init__(self, private: Iterable[str] = ()) -> None:
        self.private = [ipaddress.ip_network(each, strict=False) for each in private]

    def is_private(self, address: Address) -> bool:
        """One of those that the installation names."""
        return any(address in network for network in self.private)

    def permits(self, address: Address) -> bool:
        if self.is_private(address):
            return True
        inner = _inner_address(address)
        if inner is not None:
            return self.permits(inner)
        return address.is_global and not address.is_multicast and (address.version == 4 or address in GLOBAL_UNICAST)

    def resolve(self, host: str, port: int, *, plain: bool) -> list[tuple[int, Any]]:
        """Families and addresses to connect to. Raises AddressRefused if any address of the name may not be called,
        OSError where the name is unknown."""
        found: list[tuple[int, Any]] = []
        for family, _, _, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            address = ipaddress.ip_address(str(where[0]).partition("%")[0])
            if not self.permits(address):
                raise AddressRefused(
                    f"{host} is not a public address. An administrator can add it to PRIVATE_ADDRESSES."
                )
            if plain and not self.is_private(address):
                raise AddressRefused(f"{host} can only be used with https.")
            found.append((family, where))
        return found

    def connect(self, host: str, port: int, *, plain: bool, timeout: float) -> socket.socket:
        """A connected socket to the first address that answers."""
        failure: OSError = OSError(f"{host} has no address")
        for family, where in self.resolve(host, port, plain=plain):
            connected = socket.socket(family, socket.SOCK_STREAM)
            try:
                connected.settimeout(timeout)
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected.connect(where)
            except OSError as error:
                connected.close()
                failure = error
            else:
                return connected
        raise failure


def _inner_address(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address leads to, if it leads to one."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _seconds() -> float:
    """Runs on while this process, or the whole machine, is asleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Call:
    """What is known of one call, or of a few in a row, while it runs, and the deadline that ends it.

    A socket's time-outs start afresh with every byte, and looking up a name has none at all. So the work runs
    in a thread of its own; at the deadline its socket is shut down, and if it had not begun to send, it never will.
    """

    def __init__(self, network: Network, *, largest: int = LARGEST_ANSWER) -> None:
        self.network = network
        self.largest = largest
        self.sent = False
        self.status: int | None = None
        """Of the last request's answer, known from its first line on, whatever becomes of the rest."""
        self.response: requests.Response | None = None
        """The same answer, once its headers are here; with a body once that is whole."""
        self.timeout = float("inf")
        self._over = False
        self._ends_at = float("inf")
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def session(self) -> requests.Session:
        """For the work to speak through: no redirect is followed, nothing is sent twice."""
        session = requests.Session()
        session.auth = _unchanged  # or requests would look for a sign-in of its own in ~/.netrc
        session.max_redirects = 0
        for scheme in ("https://", "http://"):
            session.mount(scheme, GuardedAdapter(self))
        return session

    def run(self, work: Callable[[], T], timeout: float) -> T:
        """Raises TimeoutError at the deadline, and whatever the work raises."""
        outcome: futures.Future[T] = futures.Future()
        self.timeout = timeout
        self._ends_at = _seconds() + timeout

        def run_work() -> None:
            try:
                outcome.set_result(work())
            except Exception as error:  # handed to the caller's thread
                outcome.set_exception(error)

        # A daemon, so that a stalled name look-up never keeps a worker from stopping.
        threading.Thread(target=run_work, name="call", daemon=True).start()
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


def _guard(connection: Any, call: Call, *, plain: bool, proxied: bool) -> Any:
    """The connection class, made to open only what the network permits, and to tell the call when the first byte of a
    request is about to go out."""

    class StatusFirst(connection.response_class):
        def _read_status(self) -> tuple[str, int, str]:
            version, status, reason = super()._read_status()
            call.status = status
            return version, status, reason

    class Guarded(connection):
        response_class = StatusFirst

        def _new_conn(self) -> socket.socket:
            if proxied:
                return super()._new_conn()  # type: ignore[no-any-return]
            return call.network.connect(self._dns_host, self.port, plain=plain, timeout=call.timeout)

        def endheaders(self, *args: Any, **kwargs: Any) -> None:
            if self.sock is None:
                self.connect()
            call.begin_sending(self.sock)
            super().endheaders(*args, **kwargs)

    return Guarded


class GuardedAdapter(HTTPAdapter):
    """Carries each request of a call once, takes no more of an answer than the call allows, and hands on only what
    scheduler.net.answer has bounded."""

    def __init__(self, call: Call) -> None:
        super().__init__(max_retries=0)
        self.call = call
        self._pools: set[Any] = set()

    def get_connection_with_tls_context(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(request, *args, **kwargs)
        plain = urlsplit(request.url).scheme == "http"
        proxied = bool(select_proxy(request.url, kwargs.get("proxies")))
        self._pools.add(pool)
        pool.ConnectionCls = _guard(type(pool).ConnectionCls, self.call, plain=plain, proxied=proxied)
        return pool

    def close(self) -> None:
        """Its pools too: they wait for nobody to need them, but their connections know the call, and the call its
        answer, which knows its pool. A socket of each call would stay open for ever."""
        for pool in self._pools:
            pool.close()
        super().close()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.call.status = self.call.response = None  # of the request before, if this call makes several
        kwargs.update(stream=True, timeout=self.call.timeout)
        response = super().send(request, *args, **kwargs)
        answer.bound_head(response)
        response._content = b""  # a refusal is one, whatever becomes of its body
        self.call.response = response
        content = bytearray()
        for part in response.iter_content(65_536):
            content += part
            if len(content) > self.call.largest:
                response.close()
                raise requests.exceptions.ContentDecodingError
        answer.bound(response, bytes(content))
        if 300 <= response.status_code < 400:  # a library might take one that leads nowhere for what it has asked for
            raise answer.UnexpectedResponse("a redirect")
        return response
