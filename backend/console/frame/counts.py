"""Numbers beside names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from backend.accounts.models import User


class _CountSubquery(Subquery):
    """How many rows there are, as a column."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def count_together(user: User, rows: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each of these has, in one query, which is about the row of whoever asks."""
    plain = {name: some if some.query.is_sliced else some.order_by() for name, some in rows.items()}
    columns = {name: _CountSubquery(some.values("pk")) for name, some in plain.items()}
    counted: dict[str, int] = User.objects.filter(pk=user.pk).annotate(**columns).values(*columns).get()
    return counted
