"""Blog entries."""

from __future__ import annotations

from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.resources.content.content import ContentFields, ContentOut, shared_filters
from backend.api.schemas import ApiRequest, Id, patch_of
from campaigns.planning.models import Audience, BlogEntry, ContentState
from campaigns.planning.services import blog_entries as services

router = Router(tags=["blog entries"])


class BlogEntryOut(ContentOut):
    body: str
    author_line: str


class BlogEntryFields(ContentFields):
    body: str = Field(..., min_length=1, max_length=100_000, description="Markdown.")
    author_line: str = Field("", max_length=200, description="Shown under the title.")


class BlogEntryIn(BlogEntryFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Why I came back to the ward",
                    "summary": "A staff nurse on her first month.",
                    "campaign_id": 1,
                    "tags": ["nursing"],
                    "body": "The first morning began with *handover* and a cup of tea.",
                    "author_line": "Maya Lindqvist, staff nurse",
                }
            ]
        }
    )


class BlogEntryPatch(patch_of(BlogEntryFields)):  # type: ignore[misc]  # a class made when this is read
    keep_approval: bool = Field(False, description="For the person who approved it: correct it and keep the approval.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"summary": "A staff nurse on her first two months."}]})


class BlogEntryQuery(PageQuery):
    campaign_id: Id | None = None
    state: ContentState | None = None
    audience: Audience | None = None
    q: str | None = Field(None, max_length=100, description="Search titles.")
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[BlogEntryOut], summary="List blog entries")
def list_blog_entries(request: ApiRequest, query: Query[BlogEntryQuery]) -> Any:
    return page(shared_filters(BlogEntry.objects.all(), query), query, sort=query.sort)


@router.post("", response={201: BlogEntryOut}, summary="Plan a blog entry")
def create_blog_entry(request: ApiRequest, payload: BlogEntryIn) -> Any:
    return Status(201, services.plan_blog_entry(by=request.principal, **payload.model_dump()))


@router.get("/{entry_id}", response=BlogEntryOut, summary="Read a blog entry")
def get_blog_entry(request: ApiRequest, entry_id: Id) -> BlogEntry:
    return get_object_or_404(BlogEntry, pk=entry_id)


@router.patch("/{entry_id}", response=BlogEntryOut, summary="Change the given fields")
@atomic
def change_blog_entry(request: ApiRequest, entry_id: Id, payload: BlogEntryPatch) -> BlogEntry:
    """A change to approved content sends it back to review."""
    row = get_object_or_404(BlogEntry.objects.select_for_update(), pk=entry_id)
    preconditions.check(request, BlogEntryOut, row)
    return services.change_blog_entry(
        entry=row,
        changes=payload.submitted_fields(without={"keep_approval"}),
        by=request.principal,
        keep_approval=payload.keep_approval,
        locked=True,
    )
