"""Lists page by page: a page starts where the last one ended, so that its cost does not grow with the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)
SALT = "promenade.console.page"
ROWS = 30
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: str | None
    """Give this as `after` to get the next page; none on the last."""
    first: bool


@dataclass(frozen=True)
class Head:
    """A column's head that sorts: how the list is sorted by it now, and what a press on it asks for."""

    now: str
    """ascending | descending, or nothing"""
    next: str


def sorting(asked: Mapping[str, str], known: Iterable[str]) -> str:
    """The order that the address asks for, or the first that is known."""
    orders = list(known)
    return asked["sort"] if asked.get("sort") in orders else orders[0]


def head(column: str, sort: str, *, first: str) -> Head:
    """Of a column of the list that is sorted so now; `first` is the order that a first press asks for."""
    other = column if first.startswith("-") else f"-{column}"
    now = {column: "ascending", f"-{column}": "descending"}.get(sort, "")
    return Head(now=now, next=other if sort == first else first)


def page(rows: QuerySet[Row], request: HttpRequest, *, sort: str = "-pk", limit: int = ROWS) -> Page[Row]:
    """One page of rows sorted by a column (`-` before it: falling) and then by id. A place that is not ours starts the
    list anew: an address that was kept too long still shows something."""
    last = _place(request.GET.get("after", ""), sort)
    found = list(_from(rows, sort, last)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    after = _seal(sort, *_place_of(found[-1], sort)) if more else None
    return Page(rows=found, next=after, first=last is None)


def onwards(
    rows: QuerySet[Row], request: HttpRequest, *, sort: str = "-pk", at_once: int = ROWS_AT_ONCE
) -> Iterator[list[Row]]:
    """All rows from the page on that the request stands at, some at a time: nothing is held open between them, however
    slowly they are read."""
    last = _place(request.GET.get("after", ""), sort)
    while found := list(_from(rows, sort, last)[:at_once]):
        yield found
        last = _place_of(found[-1], sort)


def _from(rows: QuerySet[Row], sort: str, last: tuple[Any, Any] | None) -> QuerySet[Row]:
    """Sorted, and after the place `last`."""
    falling = sort.startswith("-")
    column = sort.lstrip("-")
    selected = rows.order_by(*([sort] if column == "pk" else [sort, "-pk" if falling else "pk"]))
    return selected if last is None else selected.filter(_beyond(column, falling, *last))


def _place_of(row: Model, sort: str) -> tuple[Any, Any]:
    return getattr(row, sort.lstrip("-")), row.pk


def _seal(sort: str, value: Any, pk: Any) -> str:
    plain = value.isoformat() if hasattr(value, "isoformat") else value
    return signing.Signer(salt=SALT).sign_object([sort, plain, pk])


def _place(cursor: str, sort: str) -> tuple[Any, Any] | None:
    try:
        kept, value, pk = signing.Signer(salt=SALT).unsign_object(cursor) if cursor else (None, None, None)
    except signing.BadSignature:
        return None
    return (value, pk) if kept == sort else None


def _beyond(column: str, falling: bool, value: Any, pk: Any) -> Q:
    beyond = "lt" if falling else "gt"
    if column == "pk":
        return Q(**{f"pk__{beyond}": pk})
    # The first condition lets the database walk an index; the second is the exact place.
    return Q(**{f"{column}__{beyond}e": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"pk__{beyond}": pk})
    )
