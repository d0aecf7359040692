from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from backend.accounts import retention
from backend.accounts.limits import rules
from backend.accounts.limits.rules import Origin
from backend.accounts.models import AttemptCount, Session

HOUR = timedelta(hours=1)


def sessions(count: int, *, ends_in: timedelta) -> None:
    at = timezone.now() + ends_in
    first = Session.objects.count()
    Session.objects.bulk_create(
        Session(hashed=f"{first + number:032}", session_data="", expire_date=at) for number in range(count)
    )


def test_sessions_that_ended_go_and_the_others_stay(db: None) -> None:
    sessions(2, ends_in=-HOUR)
    sessions(3, ends_in=HOUR)

    retention.clear_old_sessions(now=timezone.now())

    assert Session.objects.count() == 3


def test_counts_go_once_they_have_ended(db: None, clock: Any) -> None:
    for account in ("first", "second"):
        rules.take_password(account=account, origin=Origin("203.0.113.9"))
        clock.shift(timedelta(minutes=10))
    assert AttemptCount.objects.count() == 5  # the address, and for each account by itself and with the address

    clock.shift(timedelta(minutes=4))
    retention.clear_old_counts(now=timezone.now())
    assert AttemptCount.objects.count() == 3

    clock.shift(HOUR)
    retention.clear_old_counts(now=timezone.now())
    assert not AttemptCount.objects.exists()


def test_many_rows_go_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test.utils import CaptureQueriesContext

    monkeypatch.setattr(retention, "BATCH", 2)
    sessions(5, ends_in=-HOUR)

    with CaptureQueriesContext(connection) as queries:
        retention.delete_in_batches(Session.objects.all())

    assert not Session.objects.exists()
    assert sum("DELETE" in query["sql"] for query in queries) == 3


@pytest.mark.django_db(transaction=True)
def test_several_workers_may_do_it_at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 20)
    sessions(200, ends_in=-HOUR)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            retention.clear_old_sessions(now=timezone.now())
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert errors == []
    assert not Session.objects.exists()
