"""Lists by keyset: a page starts where the last one ended, right however many rows were added meanwhile, and as quick
on the hundredth page as on the first. The faces hand the cursor out, the API in its answer, the pages in a link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
SALT = "promenade.cursor"


class BadCursor(Exception):
    """A cursor that is not ours, or is one of another order. Says so in a sentence."""


@dataclass(frozen=True)
class Position:
    """Of a row in a sorted list: its value in the column, and its id."""

    value: Any
    pk: Any


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: str | None
    """The cursor of the next page; none on the last."""


def read_page(rows: QuerySet[Row], *, sort: str, limit: int, after: Position | None) -> Page[Row]:
    """One page of rows sorted by a column (`-` before it: falling; `details__…`: by a key of a JSON column) and then by
    id, which makes the order total. Costs one query that an index on the column bounds, however long the table is."""
    found = list(_rows_after(rows, sort, after)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(rows=found, next=_cursor(sort, _position_of(found[-1], sort)) if more else None)


def read_batches(rows: QuerySet[Row], *, sort: str, limit: int, after: Position | None) -> Iterator[list[Row]]:
    """All rows from the position on, some at a time: nothing is held open between, however slowly they are read."""
    while found := list(_rows_after(rows, sort, after)[:limit]):
        yield found
        after = _position_of(found[-1], sort)


def read_cursor(cursor: str, *, sort: str) -> Position | None:
    """Where the list is to go on; without a cursor at its beginning. Raises BadCursor."""
    if not cursor:
        return None
    of, *position = decode_cursor(cursor)
    if of != sort:
        raise BadCursor("This cursor belongs to another order of the list.")
    return Position(*position)


def encode_cursor(values: list[Any]) -> str:
    """A cursor that nobody else can make, so that what it holds needs no second check. It carries no time of its own:
    the same page has the same cursor, and so the same ETag."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return signing.Signer(salt=SALT).sign_object(plain)


def decode_cursor(cursor: str) -> list[Any]:
    """Raises BadCursor for one that is not ours."""
    try:
        values: list[Any] = signing.Signer(salt=SALT).unsign_object(cursor)
    except signing.BadSignature:
        raise BadCursor("This cursor is not one of ours. Start again without it.") from None
    return values


def _cursor(sort: str, position: Position) -> str:
    return encode_cursor([sort, position.value, position.pk])


def _position_of(row: Model, sort: str) -> Position:
    column, _, key = sort.lstrip("-").partition("__")
    value = getattr(row, column)
    return Position(value[key] if key else value, row.pk)


def _rows_after(rows: QuerySet[Row], sort: str, after: Position | None) -> QuerySet[Row]:
    falling, column = sort.startswith("-"), sort.lstrip("-")
    by_id = column in ("id", "pk")
    ordered = rows.order_by(*([sort] if by_id else [sort, "-pk" if falling else "pk"]))
    if after is None:
        return ordered
    beyond = "lt" if falling else "gt"
    if by_id:
        return ordered.filter(**{f"pk__{beyond}": after.pk})
    # The first condition lets the database walk an index; the second is the exact position.
    return ordered.filter(
        Q(**{f"{column}__{beyond}e": after.value})
        & (Q(**{f"{column}__{beyond}": after.value}) | Q(**{column: after.value, f"pk__{beyond}": after.pk}))
    )
