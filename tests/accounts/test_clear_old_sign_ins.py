from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.utils import timezone

from backend.accounts import retention
from backend.accounts.models import Session

HOUR = timedelta(hours=1)


def sessions(count: int, *, ends_in: timedelta) -> None:
    at = timezone.now() + ends_in
    first = Session.objects.count()
    Session.objects.bulk_create(
        Session(session_key=f"{first + number:032}", session_data="", expire_date=at) for number in range(count)
    )


def test_sessions_that_ended_go_and_the_others_stay(db: None) -> None:
    sessions(2, ends_in=-HOUR)
    sessions(3, ends_in=HOUR)

    retention.clear_old_sign_ins(now=timezone.now())

    assert Session.objects.count() == 3


def test_failed_sign_ins_go_after_a_day(db: None) -> None:
    for number, age in enumerate((23 * HOUR, 25 * HOUR)):
        row = AccessAttempt.objects.create(username=f"person-{number}", failures_since_start=1)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - age)

    retention.clear_old_sign_ins(now=timezone.now())

    assert [row.username for row in AccessAttempt.objects.all()] == ["person-0"]


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
            retention.clear_old_sign_ins(now=timezone.now())
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
