"""Answers public feeds without Django. They are asked for more than everything else together, so what Django answered
is kept whole and given again, for as long as one query says that nothing has changed. Everything that is decided about
a request (its host, https, a condition, the encoding) is so decided by Django, once for each way of asking.

Many who ask at once share that query. It is begun after the last of them has asked, so that nobody is told what was no
longer so: while one is under way, whoever comes gets the next one.

Only public feeds: what is for one person goes through Django each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections
from structlog.contextvars import clear_contextvars

from backend import database_away, request_log
from backend.gateway import Answer, Scope
from backend.site.feeds import views as feeds
from scheduler.errors import ANY_DATABASE_ERROR

# All that an answer to a public feed depends on, beside the feed and the scheme.
ASKED = ("host", "x-forwarded-proto", "accept-encoding", "if-none-match", "if-modified-since")
ASKED_LENGTH = 1_000  # characters
ANSWERS_AT_MOST = 1_000
"""Of one feed. Whoever asks in ever new ways gains nothing but the longer way through Django."""
LOOK_WITHIN = 0.05
"""Seconds for which the next look waits for the one under way: a database that hangs holds up no more than one."""
REQUEST_ID = request_log.HEADER.lower()

Asked = tuple[str, ...]


@dataclass
class Question:
    """A request for a public feed, and what the look that it waited for has found."""

    kind: feeds.Kind
    asked: Asked
    request: request_log.OpenRequest
    feed: feeds.CachedFeed | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class _Look:
    questions: list[Question]
    task: asyncio.Task[None]


class ResponseCache:
    """Lives in the server's loop, all but its looks into the database, for which it borrows a thread."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._next: _Look | None = None
        self._running: asyncio.Task[Any] | None = None

    async def find(self, scope: Scope, fields: Mapping[str, str]) -> Question | None:
        """None where the request is not for a public feed; without an answer where Django has to give one, which is
        then for `remember`."""
        kind = feeds.PUBLIC.get(scope.path)
        if kind is None or scope.method != "GET" or scope.query_string:
            return None
        asked = (scope.scheme, *[fields.get(name, "") for name in ASKED])
        question = Question(kind, asked, request_log.open_request(fields.get(REQUEST_ID, "")))
        if self._next is None:
            waiting: list[Question] = []
            self._next = _Look(waiting, asyncio.create_task(self._look(waiting)))
        look = self._next
        look.questions.append(question)
        await asyncio.shield(look.task)
        return question

    async def _look(self, questions: list[Question]) -> None:
        if self._running is not None:
            await asyncio.wait([self._running], timeout=LOOK_WITHIN)
        self._running, self._next = asyncio.current_task(), None  # from here on, whoever comes gets the next one
        await asyncio.get_running_loop().run_in_executor(self._threads, _answer, questions)

    def remember(self, question: Question, answer: Answer) -> None:
        """For all who ask the same from now on, until something changes."""
        known = question.feed.answers if question.feed else None
        if known is None or len(known) >= ANSWERS_AT_MOST or sum(map(len, question.asked)) > ASKED_LENGTH:
            return
        if _may_be_kept(answer):
            headers = [(name, value) for name, value in answer.headers if name != REQUEST_ID]
            known[question.asked] = Answer(answer.status, headers, answer.body)


def _answer(questions: list[Question]) -> None:
    """In a thread. Without the database nothing is answered: Django meets the same error and has a page for it."""
    clear_contextvars()
    try:
        database_away.leave_lost_session()
        close_old_connections()
        found = {kind.name: feeds.cached_feed(kind) for kind in {question.kind for question in questions}}
    except ANY_DATABASE_ERROR:
        return
    for question in questions:
        question.feed = feed = found[question.kind.name]
        known = feed.answers.get(question.asked) if feed else None
        if known is not None:
            headers = [*known.headers, (REQUEST_ID, question.request.request_id)]
            question.answer = Answer(known.status, headers, known.body)
            question.request.ended(method="GET", route=f"feeds/{question.kind.name}.rss", status=known.status)


def _may_be_kept(answer: Answer) -> bool:
    """Neither a refusal nor a crash, nothing that is meant for one browser, and no more than belongs into memory."""
    names = {name for name, _ in answer.headers}
    return answer.status in (200, 304) and answer.file is None and "set-cookie" not in names
