"""Numbers beside names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import IntegerField, Model, QuerySet, Subquery

from backend.accounts.models import User

M = TypeVar("M", bound=Model)


class _CountSubquery(Subquery):
    """How many rows there are, as a column."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def count_together(user: User, rows: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each of these has, in one query, which is about the row of whoever asks."""
    counted: dict[str, int] = with_counts(User.objects.filter(pk=user.pk), rows).values(*rows).get()
    return counted


def with_counts(asked: QuerySet[M], rows: Mapping[str, QuerySet[Any]]) -> QuerySet[M]:
    """What is asked anyhow, with how many rows each of these has as a column."""
    plain = {name: some if some.query.is_sliced else some.order_by() for name, some in rows.items()}
    counted: QuerySet[M] = asked.annotate(**{name: _CountSubquery(some.values("pk")) for name, some in plain.items()})
    return counted
