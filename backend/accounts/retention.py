"""Deletes what is over: sessions that ended and old failed sign-ins, which hold addresses and names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db.models import QuerySet

from backend.accounts.models import Session

BATCH = 500
ATTEMPTS_KEPT = timedelta(days=1)
"""Longer than any lockout."""


def clear_old_sign_ins(*, now: datetime) -> None:
    delete_in_batches(Session.objects.filter(expire_date__lt=now))
    delete_in_batches(AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT))


def delete_in_batches(rows: QuerySet[Any]) -> None:
    """Each batch in a transaction of its own, so that nobody who writes waits for long. When several workers do it at
    one moment, each row goes once, and all take them in one order."""
    while found := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=found).delete()
