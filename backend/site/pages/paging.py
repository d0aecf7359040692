"""Pages of a list by position: right while items are added, and as quick on the hundredth page as on the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from campaigns.website.models import Item, ItemQuerySet

PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(\d{1,16})-(\d{1,18})")


@dataclass(frozen=True)
class Order:
    """By one column (`details__…` for a detail), then by id. `text`: the moment is kept as ISO 8601 text in UTC."""

    column: str
    newest_first: bool = True
    text: bool = False


@dataclass(frozen=True)
class Page:
    items: list[Item]
    after: str
    """Where the next page starts; empty on the last one."""


def page(items: ItemQuerySet, *, order: Order, after: str) -> Page:
    """The page after a position. A position that nobody handed out starts from the beginning."""
    sign = "-" if order.newest_first else ""
    rows = items.filter(_beyond(order, after)).order_by(f"{sign}{order.column}", f"{sign}pk")[: PAGE + 1]
    found = list(rows.select_related("picture"))
    return Page(items=found[:PAGE], after=_cursor(found[PAGE - 1], order) if len(found) > PAGE else "")


def _beyond(order: Order, after: str) -> Q:
    parsed = _CURSOR.fullmatch(after)
    if not parsed:
        return Q()
    at = _EPOCH + timedelta(microseconds=int(parsed[1]))
    value: datetime | str = at.isoformat() if order.text else at
    then = "lt" if order.newest_first else "gt"
    return Q(**{f"{order.column}__{then}": value}) | Q(**{order.column: value, f"pk__{then}": int(parsed[2])})


def _cursor(item: Item, order: Order) -> str:
    column, _, key = order.column.partition("__")
    value = getattr(item, column)
    at = datetime.fromisoformat(value[key]) if key else value
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{item.pk}"
