"""One search over everything that the asker may read."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Query, Router, Schema

from backend import search
from backend.api.schemas import ApiRequest

router = Router(tags=["search"])

FoundKind = Literal["event", "vacancy", "blog_entry", "bulletin", "campaign", "channel", "team", "person", "candidate"]


class SearchHitOut(Schema):
    kind: FoundKind
    id: int
    title: str
    detail: str = Field(description="What distinguishes it from others with the same name.")


class SearchOut(Schema):
    items: list[SearchHitOut]


class SearchQuery(Schema):
    q: str = Field(..., max_length=search.LENGTH_AT_MOST, description="Words; the last can be the start of one.")
    limit: int = Field(8, ge=1, le=search.AT_MOST, description="Of each kind of row.")


@router.get("", response=SearchOut, summary="Search")
def find(request: ApiRequest, query: Query[SearchQuery]) -> Any:
    """Content by title, summary, tags, reference and place; campaigns, channels, teams and people by name; candidates
    by their whole reference. What the asker's role may not list is not looked for."""
    return {"items": search.find(query.q, by=request.principal, limit=query.limit)}
