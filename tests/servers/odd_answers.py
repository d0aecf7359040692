"""A server that gives one answer, letter for letter, to whatever it is asked; and odd answers that channels have given
or could give: each a status beside one odd thing, in the headers or in the body."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

STATUSES = (200, 302, 403, 429)
VALUES: dict[str, Any] = {
    "a lone surrogate": "Jo\ud800",
    "a NUL": "Jo\x00",
    "a long text": "J" * 2_000,
    "nothing": None,
    "an empty text": "",
    "true": True,
    "a list": [["Jo"], None],
    "an object": {"a": {"b": None}},
    "a large number": 10**30,
    "a negative number": -1,
    "a fraction": 1.5,
    "no address": "http://[::1/",
    "a script": "javascript:alert(1)",
    "a time beyond all": 10**18,
}
NAMES = (
    *("id", "name", "username", "url", "uri", "link", "slug", "status", "capabilities", "scopes", "scope", "active"),
    *("is_valid", "expires_at", "data_access_expires_at", "localizedName", "elements", "messages", "has_more", "ts"),
    *("user", "team", "file_id", "upload_url", "did", "handle", "accessJwt", "refreshJwt", "cid", "message", "detail"),
    *("access_token", "refresh_token", "client_id", "client_secret", "created_at", "createdAt", "content", "text"),
    *("errors", "title", "configuration", "image", "uploadUrl", "success", "acct", "response_metadata"),
)
"""What any channel calls anything that we read."""


def shaped(value: Any, *, error: bool) -> dict[str, Any]:
    """An object in which every name that any channel uses stands, with this value."""
    inner = dict.fromkeys(NAMES, value)
    wrong = {"error": {**inner, "code": value, "error_subcode": value}} if error else {"ok": True}
    return {**inner, "data": inner, "meta": {"result_count": value, "next_token": value}, "value": inner, **wrong}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"<html>\x00\xff</html>",
    "a bare text": b'"Jo"',
    "null": b"null",
    "a list of nothing": b"[null]",
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"error":' * 50_000 + b"1" + b"}" * 50_000,
    "no number": b'{"error": NaN, "id": Infinity, "data": {"id": -Infinity}}',
    "a number without end": b'{"id": ' + b"9" * 5_000 + b', "error": 1e400}',
    "more than we read": b'{"id": "' + b"a" * 1_100_000 + b'"}',
    **{f"{name} in an error": _json(shaped(value, error=True)) for name, value in VALUES.items()},
}
ACCEPTING = {
    **{f"{name} everywhere": _json(shaped(value, error=False)) for name, value in VALUES.items()},
    **{f"{name} in a list": _json([shaped(value, error=False)]) for name, value in VALUES.items()},
    "a token of a list": _json([{"code": 200, "body": json.dumps({"data": {"is_valid": True, "scopes": 7}})}]),
}
"""Besides, of what looks like success."""

LONG = "9" * 400
HEADS: dict[str, str] = {
    "an address that is none": "Location: http://[::1/",
    "an address of nothing": "Location: ",
    "an address with odd letters": "Location: http://\xff\xfe\x00/",
    "rates of 400 digits": "\r\n".join(
        f"{name}: {LONG}"
        for name in ("X-RateLimit-Reset", "x-rate-limit-reset", "RateLimit-Reset", "Retry-After", "x-app-usage")
    ),
    "rates of 5,000 digits": f"X-RateLimit-Reset: {LONG * 13}\r\nx-rate-limit-reset: {LONG * 13}\r\n"
    f"RateLimit-Reset: {LONG * 13}",
    "rates that are no numbers": "X-RateLimit-Remaining: x\r\nX-RateLimit-Reset: -\r\nRateLimit-Reset: 1e400",
    "a wait below zero": "Retry-After: -5",
    "a wait until no day": "Retry-After: Mon, 99 Foo 99999 99:99:99 GMT",
    "a wait until a day without a zone": "Retry-After: Mon, 30 Nov 2099 10:00:00 -0000",
    "a wait of a fraction": "Retry-After: 1.5e3",
    "usage in deep JSON": f"x-business-use-case-usage: {'[' * 3_000}\r\nx-app-usage: {'[' * 3_000}",
    "usage in odd JSON": 'x-business-use-case-usage: {"1": [{"estimated_time_to_regain_access": Infinity}]}\r\n'
    'x-app-usage: {"a": NaN, "b": "c"}',
    "an unknown charset": "Content-Type: application/json; charset=klingon",
    "a charset that decodes no text": "Content-Type: application/json; charset=idna",
    "a charset of nothing": "Content-Type: text/plain; charset=\x00",
    "a packing that is none": "Content-Encoding: gzip",
    "a body that ends too soon": "Content-Length: 5000",
    "chunks that are none": "Transfer-Encoding: chunked",
    "too many headers": "\r\n".join(f"X-{number}: 1" for number in range(150)),
    "a header that is too long": f"X-Long: {'a' * 70_000}",
}


@dataclass(frozen=True)
class OddAnswer:
    name: str
    status: int
    raw: bytes


def written(status: int, head: str, body: bytes) -> bytes:
    """An answer as it goes over the line."""
    names = {line.partition(":")[0].lower() for line in head.split("\r\n")}
    lines = [f"HTTP/1.1 {status} Odd", "Connection: close", *([head] if head else [])]
    if "content-type" not in names:
        lines.append("Content-Type: application/json")
    if not {"content-length", "transfer-encoding"} & names:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def odd_answers(*statuses: int) -> Iterator[OddAnswer]:
    for status in statuses or STATUSES:
        for name, body in (BODIES | (ACCEPTING if status == 200 else {})).items():
            yield OddAnswer(f"{status} with {name}", status, written(status, "", body))
        for name, head in HEADS.items():
            yield OddAnswer(f"{status} with {name}", status, written(status, head, b'{"error": "no", "id": "7"}'))


class _Handler(socketserver.StreamRequestHandler):
    server: OddServer

    def handle(self) -> None:
        length = 0
        try:
            while (line := self.rfile.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            self.rfile.read(length)
            self.wfile.write(self.server.says)
        except OSError:  # the client gave up
            return


class OddServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50
    says = b""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[OddServer]:
    with OddServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()
