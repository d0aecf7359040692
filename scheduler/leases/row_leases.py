"""Rows that are due, taken by one worker at a time. Racing workers never take the same row: PostgreSQL skips what
another one has locked and looks again at what changed meanwhile, SQLite lets one writer in at a time.

There are two kinds. A claimed row has a fence, which every later write names, and a lease after which another worker
may take it. A reserved row needs no fence, because its work may be repeated: its time is put ahead, for as long as one
try may take.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet


def unclaimed(now: datetime) -> Q:
    """Rows that nobody has claimed, or whose lease is over."""
    return Q(lease_until=None) | Q(lease_until__lt=now)


def lock(rows: QuerySet[Any], *, limit: int) -> list[int]:
    """Ids of the first of these rows that no other worker has locked, at most `limit`. Call inside the transaction that
    claims them."""
    return list(rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:limit])


def claim(rows: QuerySet[Any], *, until: datetime) -> int:
    """Claim rows that this transaction has locked. Returns how many."""
    return rows.update(fence=F("fence") + 1, lease_until=until)


def release(rows: QuerySet[Any], *, pk: int, fence: int) -> None:
    """Give a claim back before its lease is over. One that somebody else has taken since stays theirs."""
    rows.filter(pk=pk, fence=fence).update(lease_until=None)


def reserve(rows: QuerySet[Any], *, column: str, now: datetime, lasting: timedelta, limit: int) -> list[int]:
    """Reserve rows whose moment in `column` has come, the longest due first, at most `limit`. Returns their ids. None
    due costs one read and no lock."""
    due = rows.filter(**{f"{column}__lte": now}).order_by(column)
    if not due.exists():
        return []
    with transaction.atomic():
        found = lock(due, limit=limit)
        rows.model._default_manager.filter(pk__in=found).update(**{column: now + lasting})
    return found
