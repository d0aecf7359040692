"""Deletes what is over: sessions and counts that have ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from backend.accounts.models import AttemptCount, Session

BATCH = 500


def clear_old_sessions(*, now: datetime) -> None:
    delete_in_batches(Session.objects.filter(expire_date__lt=now))


def clear_old_counts(*, now: datetime) -> None:
    delete_in_batches(AttemptCount.objects.filter(ends_at__lt=now))


def delete_in_batches(rows: QuerySet[Any]) -> None:
    """Each batch in a transaction of its own, so that nobody who writes waits for long. When several workers do it at
    one moment, each row goes once, and all take them in one order."""
    while found := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=found).delete()
