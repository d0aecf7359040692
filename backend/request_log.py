"""An id, one line in the log and one more in the count for every request, whoever answers it."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.http import HttpRequest, HttpResponse

from backend.metrics import requests

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = structlog.get_logger("promenade.request")


@dataclass(frozen=True)
class OpenRequest:
    request_id: str
    at: float

    def ended(self, *, method: str | None, route: str, status: int) -> None:
        """Write the line. The route, not the path: a path may hold a code, a slug or a name."""
        seconds = time.perf_counter() - self.at
        requests.count(method=method, route=route, status=status, seconds=seconds)
        ms = round(seconds * 1000, 1)
        log.info("request", request_id=self.request_id, method=method, route=route, status=status, ms=ms)


def open_request(given: str) -> OpenRequest:
    """With an id of its own: a proxy's when that is well-formed."""
    return OpenRequest(given if _GIVEN.fullmatch(given) else uuid.uuid4().hex, time.perf_counter())


def start_request(given: str) -> OpenRequest:
    """Open the request, and let all lines of this thread's log carry its id."""
    begun = open_request(given)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=begun.request_id)
    return begun


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = start_request(request.headers.get(HEADER, ""))
        request.META["promenade.request_id"] = begun.request_id
        response = self.get_response(request)
        response.headers[HEADER] = begun.request_id
        route = request.resolver_match.route if request.resolver_match else "(no route)"
        begun.ended(method=request.method, route=route, status=response.status_code)
        return response
