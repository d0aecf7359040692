"""Stands in front of Django. Public feeds are asked for more than everything else together, so what Django answered is
kept whole and given again, for as long as one query says that nothing has changed. Everything that is decided about a
request (its host, https, a condition, the encoding) is so decided by Django, once for each way of asking.

Only public feeds: what is for one person goes through Django each time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, close_old_connections

from backend import request_log
from backend.site.feeds import views as feeds

# All that an answer to a public feed depends on, beside the feed.
ASKED = (
    *("wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"),
)
ASKED_LENGTH = 1_000  # characters
ANSWERS_AT_MOST = 1_000
"""Of one feed. Whoever asks in ever new ways gains nothing but the longer way through Django."""


Asked = tuple[str, ...]
StartResponse = Callable[..., Any]
WSGIApplication = Callable[[dict[str, Any], StartResponse], Any]


@dataclass(frozen=True)
class CachedResponse:
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class ResponseCache:
    def __init__(self, django: WSGIApplication) -> None:
        self.django = django

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        kind = feeds.PUBLIC.get(environ["PATH_INFO"])
        if kind is None or environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return self.django(environ, start_response)
        begun = request_log.start_request(environ.get("HTTP_X_REQUEST_ID", ""))
        try:
            close_old_connections()
            kept = feeds.cached_feed(kind)
        except DatabaseError:
            kept = None
        if kept is None:  # Django composes the feed, or meets the same error and has a page for it
            return self.django(environ, start_response)
        asked = tuple([environ.get(name, "") for name in ASKED])
        answer = kept.answers.get(asked)
        if answer is None:
            return self._ask_django(environ, start_response, asked, kept.answers)
        start_response(answer.status, [*answer.headers, (request_log.HEADER, begun.request_id)])
        begun.ended(method="GET", route=environ["PATH_INFO"][1:], status=int(answer.status[:3]))
        return [answer.body]

    def _ask_django(
        self, environ: dict[str, Any], start_response: StartResponse, asked: Asked, answers: dict[Asked, CachedResponse]
    ) -> list[bytes]:
        told: list[Any] = []
        with closing(self.django(environ, lambda *given: told.extend(given))) as response:
            body = b"".join(response)
        status, headers = told
        start_response(status, headers)
        if _may_be_kept(status, headers) and len(answers) < ANSWERS_AT_MOST and sum(map(len, asked)) <= ASKED_LENGTH:
            kept = [(name, value) for name, value in headers if name != request_log.HEADER]
            answers[asked] = CachedResponse(status, kept, body)
        return [body]


def _may_be_kept(status: str, headers: list[tuple[str, str]]) -> bool:
    """Neither a refusal nor a crash, and nothing that is meant for one browser."""
    return status[:3] in ("200", "304") and all(name != "Set-Cookie" for name, _ in headers)
