"""What every address that is only read has in common: GET and HEAD, conditional, compressed, never a cookie."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def reads(view: View) -> View:
    """GET and HEAD only. Exempt from the check of forms, which would answer a POST with 403 before it became 405."""
    return csrf_exempt(require_safe(view))


@dataclass(frozen=True)
class Document:
    """Bytes to send. `changed_at` None: the ETag alone tells whether a copy is current."""

    body: bytes
    media_type: str
    changed_at: datetime | None = None

    @cached_property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()[:32]

    @cached_property
    def zipped(self) -> bytes:
        # Without the time of day in its header, so that the same body always gives the same bytes.
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    def etag(self, *, zipped: bool) -> str:
        """Strong, one for each encoding. Django's GZipMiddleware would weaken it, and a weak one does not promise the
        same bytes."""
        return f'"{self.digest}-gzip"' if zipped else f'"{self.digest}"'

    @cached_property
    def last_modified(self) -> str | None:
        return http_date(self.changed_at.timestamp()) if self.changed_at else None


def answer(request: HttpRequest, document: Document, *, cache_control: str) -> HttpResponse:
    zipped = _takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponseNotModified() if _is_current(request, document) else HttpResponse()
    if response.status_code == 200:
        response.content = document.zipped if zipped else document.body
        response.headers["Content-Type"] = document.media_type
        response.headers["Content-Length"] = str(len(response.content))
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = document.etag(zipped=zipped)
    response.headers["Cache-Control"] = cache_control
    if document.last_modified:
        response.headers["Last-Modified"] = document.last_modified
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _is_current(request: HttpRequest, document: Document) -> bool:
    """If-None-Match first; If-Modified-Since counts only without it (RFC 9110, 13.2.2). A copy in the other encoding
    is current as well."""
    given = request.headers.get("If-None-Match")
    if given is not None:
        ours = {document.etag(zipped=True), document.etag(zipped=False)}
        return given.strip() == "*" or any(etag.removeprefix("W/") in ours for etag in parse_etags(given))
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return document.changed_at is not None and since is not None and int(document.changed_at.timestamp()) <= since


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
