"""Lists by cursor, as programs ask for them: see backend.paging."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

from backend import paging
from backend.api.problems import ProblemError

Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")


class Page(Schema, Generic[Shown]):
    items: list[Shown]
    next: str | None = Field(description="Give this as `cursor` to get the next page; null on the last page.")
    count: int | None = Field(None, description="All rows that match; only with `count=true`, because it costs.")


class PageQuery(Schema):
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=200)
    count: bool = Field(False, description="Also count all matching rows.")


def page(rows: QuerySet[Row], query: PageQuery, *, sort: str) -> dict[str, Any]:
    """One page of rows: see backend.paging. One query, and one more where a count is asked. Raises ProblemError (422)
    for a cursor that is not ours or belongs to another order."""
    try:
        after = paging.read_cursor(query.cursor or "", sort=sort)
    except paging.BadCursor as error:
        raise bad_cursor(error) from None
    found = paging.read_page(rows, sort=sort, limit=query.limit, after=after)
    return {"items": found.rows, "next": found.next, "count": rows.count() if query.count else None}


def bad_cursor(error: paging.BadCursor) -> ProblemError:
    return ProblemError(422, "bad_cursor", str(error), field="cursor")
