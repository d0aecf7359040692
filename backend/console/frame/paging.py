"""Lists page by page, as people ask for them: by `after` in the address, and sorted by the columns' heads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from backend import paging

Row = TypeVar("Row", bound=Model)
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

    @property
    def symbol(self) -> str:
        return {"ascending": "arrow-up", "descending": "arrow-down"}.get(self.now, "arrow-up-down")


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
    """The page of rows that the address asks for: see backend.paging."""
    after = _after(request, sort)
    found = paging.read_page(rows, sort=sort, limit=limit, after=after)
    return Page(rows=found.rows, next=found.next, first=after is None)


def remaining_batches(
    rows: QuerySet[Row], request: HttpRequest, *, sort: str = "-pk", at_once: int = ROWS_AT_ONCE
) -> Iterator[list[Row]]:
    """All rows from the page on that the request stands at, some at a time."""
    return paging.read_batches(rows, sort=sort, limit=at_once, after=_after(request, sort))


def _after(request: HttpRequest, sort: str) -> paging.Position | None:
    """A cursor that is not ours starts the list anew: an address that was kept too long still shows something."""
    try:
        return paging.read_cursor(request.GET.get("after", ""), sort=sort)
    except paging.BadCursor:
        return None
