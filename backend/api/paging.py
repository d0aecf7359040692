"""Lists by cursor: a page starts where the last one ended, however many rows were added meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from ninja import Schema
from pydantic import Field

from backend.api.problems import ProblemError

Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")
SALT = "promenade.cursor"


class Page(Schema, Generic[Shown]):
    items: list[Shown]
    next: str | None = Field(description="Give this as `cursor` to get the next page; null on the last page.")
    count: int | None = Field(None, description="All rows that match; only with `count=true`, because it costs.")


class PageQuery(Schema):
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=200)
    count: bool = Field(False, description="Also count all matching rows.")


def seal(values: list[Any]) -> str:
    """A cursor that nobody else can make, so that what it holds needs no second check. It carries no time of its own:
    the same page has the same cursor, and so the same ETag."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return signing.Signer(salt=SALT).sign_object(plain)


def unseal(cursor: str) -> list[Any]:
    """Raises ProblemError (422) for a cursor that is not ours."""
    try:
        found: list[Any] = signing.Signer(salt=SALT).unsign_object(cursor)
    except signing.BadSignature:
        raise ProblemError(
            422, "bad_cursor", "This cursor is not one of ours. Start again without it.", field="cursor"
        ) from None
    return found


def page(rows: QuerySet[Row], query: PageQuery, *, sort: str) -> dict[str, Any]:
    """One page of rows sorted by a column (`-` before it: falling) and then by id, which makes the order total.

    Costs one query that an index on the column bounds, however long the table is, and one more where a count is asked.
    """
    falling = sort.startswith("-")
    column = sort.lstrip("-")
    order = [sort] if column in ("id", "pk") else [sort, "-pk" if falling else "pk"]
    selected = rows.order_by(*order)
    if query.cursor:
        kept_sort, last, last_id = (*unseal(query.cursor), None, None)[:3]
        if kept_sort != sort:
            raise ProblemError(422, "bad_cursor", "This cursor belongs to another order of the list.", field="cursor")
        selected = selected.filter(_after(column, falling, last, last_id))
    found = list(selected[: query.limit + 1])
    more = len(found) > query.limit
    found = found[: query.limit]
    return {
        "items": found,
        "next": seal([sort, getattr(found[-1], column), found[-1].pk]) if more else None,
        "count": rows.count() if query.count else None,
    }


def _after(column: str, falling: bool, last: Any, last_id: int) -> Q:
    beyond = "lt" if falling else "gt"
    if column in ("id", "pk"):
        return Q(**{f"pk__{beyond}": last_id})
    # The first condition lets the database walk an index; the second is the exact position.
    return Q(**{f"{column}__{beyond}e": last}) & (
        Q(**{f"{column}__{beyond}": last}) | Q(**{column: last, f"pk__{beyond}": last_id})
    )
