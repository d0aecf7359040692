from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.engine import chores
from scheduler.engine.dispatcher import Dispatcher


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """What is registered in the test is gone after it."""
    monkeypatch.setattr(chores, "_registered", dict(chores._registered))


def test_work_is_done_at_the_start_and_then_every_so_often(register: None) -> None:
    done = []
    chores.register("rooms.hourly", every=chores.HOURLY, work=lambda: done.append(1))
    dispatcher = Dispatcher(stop=threading.Event(), threads=2)

    dispatcher._run_chores()
    dispatcher._run_chores()

    assert done == [1]


def test_one_chore_in_trouble_keeps_no_other_from_being_done(register: None) -> None:
    done = []

    def crash() -> None:
        raise RuntimeError

    chores.register("rooms.crash", every=chores.HOURLY, work=crash)
    chores.register("rooms.after", every=chores.HOURLY, work=lambda: done.append(1))

    Dispatcher(stop=threading.Event(), threads=2)._run_chores()

    assert done == [1]


def test_every_room_has_its_chores() -> None:
    rooms = {chore.name.split(".")[0] for chore in chores.registered()}

    assert rooms == {"accounts", "api", "engine", "hiring", "mail", "mailing", "notifications", "planning", "webhooks"}


def test_sqlite_looks_at_its_tables_again(db: None) -> None:
    [refresh] = [chore for chore in chores.registered() if chore.name == "engine.refresh_statistics"]
    with CaptureQueriesContext(connection) as queries:
        refresh.work()

    looked = any("PRAGMA optimize" in query["sql"] for query in queries)
    assert looked == (connection.vendor == "sqlite")
