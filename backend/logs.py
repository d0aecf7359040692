"""Structured logs that carry a request id and never a secret, a query string or personal data."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

REQUEST_ID_HEADER = "X-Request-ID"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECRET_NAMES = re.compile(r"(?i)(password|secret|token|authorization|cookie|api_?key|email|address)")


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Last line of defence: a field whose name tells of a secret or a person is never written out."""
    for name in event:
        if _SECRET_NAMES.search(name):
            event[name] = "***"
    return event


def configure(*, level: str, form: str) -> None:
    """Send structlog and the standard library's records through one formatter to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # These name addresses, bodies or every single task at INFO.
    for noisy in ("axes", "tweepy", "urllib3", "requests_oauthlib", "huey", "oauthlib", "slack_sdk"):
        logging.getLogger(noisy).setLevel("WARNING")
    # When the queue is away every thread says so many times a second; the dispatcher says it once a turn.
    logging.getLogger("huey.consumer").setLevel("CRITICAL")
    logging.getLogger("django.security.DisallowedHost").setLevel("CRITICAL")
    # Our own line a request says the status already; only tracebacks are news.
    logging.getLogger("django.request").addFilter(lambda record: record.exc_info is not None)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestIdMiddleware:
    """Gives each request an id (taken over from a proxy when well-formed) and writes one line when it ends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = structlog.get_logger("promenade.request")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["promenade.request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response.headers[REQUEST_ID_HEADER] = request_id
        route = request.resolver_match.route if request.resolver_match else "(no route)"
        # The route, not the path: a path may hold a code, a slug or a name.
        self.log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return response
