"""A database that is away for a moment: who asks is told to try again, and keeps what was typed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

from backend import database_away
from backend.site import health


@pytest.fixture
def client(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def away(client: Client) -> Iterator[None]:
    with refusing(lambda _: True):
        yield


@contextmanager
def refusing(refused: Callable[[str], bool]) -> Iterator[None]:
    """The database refuses these statements. Its session stays, since the test's own transaction stands on it."""
    execute = CursorWrapper.execute

    def run(self: Any, sql: str, params: Any = None) -> Any:
        if refused(sql):
            raise OperationalError("the database system is in recovery mode")
        return execute(self, sql, params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "close", lambda: None)
        patch.setattr(CursorWrapper, "execute", run)
        yield


def test_a_page_says_to_try_again(client: Client, away: None) -> None:
    answer = client.get("/vacancies?team=3")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Try again in a moment" in answer.content.decode()
    assert 'href="/vacancies?team=3"' in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_was_typed_is_kept_and_can_be_sent_again(client: Client, away: None) -> None:
    answer = client.post("/subscribe", {"email": "a@example.org", "note": "two\nlines <b>"})

    page = answer.content.decode()
    assert answer.status_code == 503
    assert '<textarea name="note" hidden>\ntwo\nlines &lt;b&gt;</textarea>' in page
    assert '<form method="post" action="/subscribe">' in page


def test_a_password_is_never_written_into_the_page(client: Client, away: None) -> None:
    answer = client.post("/console/sign-in", {"username": "a@example.org", "password": "correct horse"})

    assert answer.status_code == 503
    assert "correct horse" not in answer.content.decode()
    assert "<form" not in answer.content.decode()


def test_the_api_answers_with_a_problem(client: Client, away: None) -> None:
    answer = client.get("/api/v1/publications", headers={"Authorization": "Bearer pk_" + "a" * 40})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"


def test_an_error_of_the_statement_is_ours(client: Client) -> None:
    assert not database_away.is_away(DataError("value too long"))
    assert not database_away.is_away(ValueError())
    assert not database_away.is_away(None)


def test_ready_says_at_once_that_nothing_can_be_written(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "writes", health.WriteProbe())
    with refusing(lambda sql: sql.startswith("UPDATE")):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"ok": False, "writes": False}}


class Session:
    in_atomic_block = False

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_another_thread_leaves_its_session_before_its_next_request_and_only_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session()
    monkeypatch.setattr(database_away, "connection", session)
    monkeypatch.setattr(database_away, "_seen", threading.local())
    database_away.leave_lost_session()
    assert session.closed == 0
    monkeypatch.setattr(database_away, "_lost", database_away._lost + 1)  # as another thread has met it

    database_away.leave_lost_session()
    database_away.leave_lost_session()

    assert session.closed == 1
