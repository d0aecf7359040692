"""Structured logs that never carry a secret, a query string or personal data."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog

_SECRET_NAMES = re.compile(r"(?i)(password|secret|token|authorization|cookie|api_?key|email|address)")


@cache
def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAMES.search(name))


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Last line of defence: a field whose name tells of a secret or a person is never written out."""
    for name in event:
        if _is_secret(name):
            event[name] = "***"
    return event


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """A line for people, and a traceback below it. structlog's own renderer takes as long as all the rest of a line."""
    trace = "".join(f"\n{event.pop(name)}" for name in ("stack", "exception") if name in event)
    head = f"{event.pop('timestamp')} [{event.pop('level'):<9}] {event.pop('event')} [{event.pop('logger')}]"
    return " ".join([head, *(f"{name}={event[name]}" for name in sorted(event))]) + trace


def configure(*, level: str, form: str) -> None:
    """Send structlog and the standard library's records through one formatter to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else _line
    # Nothing that we write names them, and finding them out takes time with every line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
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
    for noisy in ("fido2", "tweepy", "urllib3", "requests_oauthlib", "huey", "oauthlib", "slack_sdk"):
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
