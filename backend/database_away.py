"""A database that is away for a moment, or takes no writes: whoever asks is told to try again, and every session with
it is opened anew at once, since the next one may lead to another server."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.signals import request_started
from django.db import DataError, IntegrityError, ProgrammingError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from scheduler.errors import ANY_DATABASE_ERROR

RETRY_AFTER = 5
"""Seconds, for whoever asks."""
OF_THE_STATEMENT = (DataError, IntegrityError, ProgrammingError)
"""Errors of what was asked, by a database that is well."""
SECRET = ("password", "secret", "token", "code", "key")
"""Parts of names of fields whose values are never written into a page."""
TYPED_AT_MOST = 100_000
"""Characters that are kept in the page; more is kept by the browser's own way back."""

log = structlog.get_logger("promenade.database")
_losses = itertools.count(1)
_lost = 0
_seen = threading.local()


def is_away(error: BaseException | None) -> bool:
    """Whether the database is at fault, and not what was asked of it."""
    return isinstance(error, ANY_DATABASE_ERROR) and not isinstance(error, OF_THE_STATEMENT)


def drop_sessions(error: BaseException) -> None:
    """This thread's at once, those of other threads before their next request."""
    global _lost
    _lost = next(_losses)
    log.warning("the database cannot be used", error=type(error).__name__)
    if not connection.in_atomic_block:
        connection.close()
        _seen.loss = _lost


def leave_lost_session(**_: Any) -> None:
    """A thread that has had no request yet has no session from before."""
    if getattr(_seen, "loss", _lost) < _lost and not connection.in_atomic_block:
        connection.close()
    _seen.loss = _lost


def watch() -> None:
    request_started.connect(leave_lost_session, dispatch_uid="backend.database_away")


def on_uncaught(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 503 where it is the database, and a page that keeps what was typed."""
    error = sys.exc_info()[1]
    if error is None or not is_away(error):
        return HttpResponse(render_to_string("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)
    drop_sessions(error)
    answer = HttpResponse(
        render_to_string("503.html", {"path": request.get_full_path(), "typed": _typed(request)}),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
    )
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _typed(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The fields of a form, to send them again; none where there are none, where one of them is secret, or too long."""
    if request.method != "POST":
        return None
    try:
        fields: Mapping[str, Any] = request.POST
        found = [(name, value) for name in fields for value in request.POST.getlist(name)]
    except Exception:
        return None
    secret = any(part in name for name, _ in found for part in SECRET if name != "csrfmiddlewaretoken")
    return None if secret or sum(len(value) for _, value in found) > TYPED_AT_MOST else found
