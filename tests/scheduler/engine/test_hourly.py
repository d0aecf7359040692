from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scheduler import signals
from scheduler.engine.dispatcher import Dispatcher


@pytest.fixture
def dispatcher(db: None) -> Dispatcher:
    return Dispatcher(stop=threading.Event(), threads=2)


def test_rooms_above_are_told_at_the_start_and_then_once_an_hour(dispatcher: Dispatcher) -> None:
    heard: list[datetime] = []

    def hear(now: datetime, **_: Any) -> None:
        heard.append(now)

    signals.hourly.connect(hear)
    try:
        dispatcher._keep_house()
        dispatcher._keep_house()
    finally:
        signals.hourly.disconnect(hear)

    assert len(heard) == 1
    assert heard[0].tzinfo


def test_one_room_in_trouble_keeps_no_other_from_its_chore(dispatcher: Dispatcher) -> None:
    heard = []

    def crash(**_: Any) -> None:
        raise RuntimeError

    def hear(**_: Any) -> None:
        heard.append(1)

    signals.hourly.connect(crash)
    signals.hourly.connect(hear)
    try:
        dispatcher._keep_house()
    finally:
        signals.hourly.disconnect(crash)
        signals.hourly.disconnect(hear)

    assert heard == [1]


def test_sqlite_looks_at_its_tables_again(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        signals.hourly.send(sender=None, now=timezone.now())

    looked = any("PRAGMA optimize" in query["sql"] for query in queries)
    assert looked == (connection.vendor == "sqlite")
