"""The web server's way in, as it speaks (RSGI). What a request brings is read here, in the server's own loop, within a
time and a size, and what it is answered is sent from here: a thread works only in between, so that however slowly a
stranger sends or reads, nobody else waits for a thread.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any, Protocol

IN_MEMORY = 65_536
"""Bytes of a body that are kept in memory; what is longer waits in a file."""
CHUNK = 65_536
READ_WITHIN = 60.0
"""Seconds within which a client takes the next chunk of an answer."""
AT_ONCE = 600
"""Requests whose bodies are being read. More are turned away: each of them holds memory."""


@dataclass(frozen=True)
class BodyLimit:
    size: int
    """In bytes."""
    seconds: float


FORM = BodyLimit(size=2_000_000, seconds=10)
"""Above Django's own limit, whose answer is the better one."""
UPLOAD = BodyLimit(size=32_000_000, seconds=120)
"""A phone on a bad line sends 10 MB in less. What is too large for a picture is said by the media room."""
PASSWORD_FORMS = ("/console/sign-in", "/console/account/confirm")
PASSWORD_THREADS = 2
"""As many passwords as are looked at at once: see backend.accounts.password_hashing."""
PASSWORDS_WAITING = 60
"""Those that come meanwhile wait here without a thread, two seconds at most; more are told to try again."""
UPLOADS = ("/api/v1/pictures", "/console/pictures/new", "/console/settings")

WSGIApplication = Callable[[dict[str, Any], Any], Any]


class Headers(Protocol):
    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """Of https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md, what is read here."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: Headers


class Refused(Exception):
    """A request that does not reach a thread."""

    def __init__(self, status: HTTPStatus, detail: str, *, retry_after: int = 0) -> None:
        self.status, self.detail, self.retry_after = status, detail, retry_after
        super().__init__(detail)


PASSWORDS_BUSY = Refused(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many people are signing in right now. Try again in a few seconds.",
    retry_after=5,
)


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    file: IO[bytes] | None = None
    """What is too long to be kept in memory until its client has taken it."""


class Found(Protocol):
    answer: Answer | None


class Cache(Protocol):
    """What the application answered before, for requests that it need not see again."""

    async def find(self, scope: Scope, fields: Mapping[str, str]) -> Found | None: ...

    def remember(self, found: Any, answer: Answer) -> None: ...


class Gateway:
    def __init__(self, application: WSGIApplication, *, threads: Executor, cache: Cache) -> None:
        self._application = application
        self._threads = threads
        self._cache = cache
        self._password_threads = ThreadPoolExecutor(PASSWORD_THREADS, thread_name_prefix="password")
        self._reading = 0
        self._passwords = 0

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(HTTPStatus.NOT_FOUND)
            return
        fields = _fields(scope)
        try:
            body = await self._read(scope, protocol, fields)
        except Refused as refused:
            _refuse(scope, protocol, refused)
            return
        with body:
            if not _is_password(scope):
                answer = await self._answer(scope, fields, body)
            elif self._passwords >= PASSWORD_THREADS + PASSWORDS_WAITING:
                _refuse(scope, protocol, PASSWORDS_BUSY)
                return
            else:
                self._passwords += 1
                work = partial(self._work, _environ(scope, fields, body))
                try:
                    answer = await asyncio.get_running_loop().run_in_executor(self._password_threads, work)
                finally:
                    self._passwords -= 1
            await _send(protocol, answer)

    async def _answer(self, scope: Scope, fields: Mapping[str, str], body: IO[bytes]) -> Answer:
        found = await self._cache.find(scope, fields)
        if found is not None and found.answer is not None:
            return found.answer
        work = partial(self._work, _environ(scope, fields, body))
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        if found is not None:
            self._cache.remember(found, answer)
        return answer

    async def _read(self, scope: Scope, protocol: Any, fields: Mapping[str, str]) -> IO[bytes]:
        length = fields.get("content-length", "")
        if not length and "transfer-encoding" not in fields and scope.http_version.startswith("1"):
            return io.BytesIO()
        limit = UPLOAD if scope.path.rstrip("/") in UPLOADS else FORM
        too_large = Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"This is too large. Send at most {limit.size // 10**6} MB."
        )
        if length.isdigit() and int(length[:20]) > limit.size:
            raise too_large
        if self._reading >= AT_ONCE:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests at once. Try again soon.", retry_after=10)
        self._reading += 1
        body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - handed on
        try:
            async with asyncio.timeout(limit.seconds):
                async for part in protocol:
                    body.write(part)
                    if body.tell() > limit.size:
                        raise too_large
        except TimeoutError:
            body.close()
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive. Send it again.") from None
        except BaseException:
            body.close()
            raise
        finally:
            self._reading -= 1
        if length and body.tell() != int(length):
            body.close()
            raise Refused(HTTPStatus.BAD_REQUEST, "The request broke off. Send it again.")
        return body

    def _work(self, environ: dict[str, Any]) -> Answer:
        answer = Answer(0, [])

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            answer.status, answer.headers = int(status[:3]), [(name.lower(), value) for name, value in headers]

        result = self._application(environ, start_response)
        try:
            _collect(result, answer)
        finally:
            getattr(result, "close", lambda: None)()
        return answer


def _is_password(scope: Scope) -> bool:
    """A password is the slowest thing that a stranger can ask for. It gets threads of its own."""
    return scope.method == "POST" and scope.path in PASSWORD_FORMS


def _collect(parts: Iterable[bytes], answer: Answer) -> None:
    """In memory, or in a file where there is more."""
    kept: list[bytes] = []
    size = 0
    for part in parts:
        size += len(part)
        if answer.file is None and size > 1_000_000:
            answer.file = TemporaryFile()  # noqa: SIM115 - handed on
            answer.file.writelines(kept)
        if answer.file is not None:
            answer.file.write(part)
        else:
            kept.append(part)
    if answer.file is not None:
        answer.file.seek(0)
    else:
        answer.body = b"".join(kept)


async def _send(protocol: Any, answer: Answer) -> None:
    if answer.file is None:
        protocol.response_bytes(answer.status, answer.headers, answer.body)
        return
    with answer.file as file:
        transport = protocol.response_stream(answer.status, answer.headers)
        while part := file.read(CHUNK):
            async with asyncio.timeout(READ_WITHIN):
                await transport.send_bytes(part)


def _refuse(scope: Scope, protocol: Any, refused: Refused) -> None:
    headers = [("cache-control", "no-store"), ("connection", "close")]
    if refused.retry_after:
        headers.append(("retry-after", str(refused.retry_after)))
    if scope.path.startswith("/api/"):
        told = {"title": refused.status.phrase, "status": refused.status.value, "detail": refused.detail}
        headers.append(("content-type", "application/problem+json"))
        protocol.response_str(refused.status.value, headers, json.dumps(told))
    else:
        headers.append(("content-type", "text/plain; charset=utf-8"))
        protocol.response_str(refused.status.value, headers, f"{refused.detail}\n")


def _fields(scope: Scope) -> dict[str, str]:
    """Of the header, by their names in small letters; what is sent twice as one (RFC 9110, 5.3)."""
    items = scope.headers.items()
    fields = dict(items)
    if len(fields) < len(items):
        for name in fields.keys() - {"content-length"}:
            fields[name] = ("; " if name == "cookie" else ",").join(value for other, value in items if other == name)
    authority = getattr(scope, "authority", None)
    if authority and "host" not in fields:
        fields["host"] = authority
    return fields


def _environ(scope: Scope, fields: Mapping[str, str], body: IO[bytes]) -> dict[str, Any]:
    """As PEP 3333 has it."""
    size = body.tell()
    body.seek(0)
    name, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for field, value in fields.items():
        if "_" not in field and field != "content-length":  # another header could pass for it; the length is ours
            environ["CONTENT_TYPE" if field == "content-type" else f"HTTP_{field.upper().replace('-', '_')}"] = value
    return environ
