"""All kinds of content in one list, and their way from draft to approved and on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, Slug, Title
from campaigns.planning.models import Audience, Content, ContentKind, ContentState
from campaigns.planning.services import approved_versions
from campaigns.planning.services import content as services

router = Router(tags=["content"])


class ContentOut(Schema):
    """What all kinds of content share."""

    id: int
    kind: ContentKind
    guid: UUID
    title: str
    slug: str
    summary: str
    campaign_id: int | None
    audience: Audience
    tags: list[str]
    picture_id: int | None
    state: ContentState
    created_at: datetime
    created_by_id: int | None
    edited_at: datetime
    edited_by_id: int | None
    approved_at: datetime | None
    approved_by_id: int | None


class MoveOut(Schema):
    id: int
    from_state: ContentState
    to_state: ContentState
    comment: str
    at: datetime
    by_id: int | None


class History(Schema):
    items: list[MoveOut]


class PieceOut(Schema):
    how: Literal["same", "removed", "added"]
    text: str


class ChangeOut(Schema):
    name: str = Field(description="A field of the content, or channel.<id>.<number> for a text on a channel.")
    label: str
    how: Literal["changed", "removed", "added"]
    pieces: list[PieceOut]


class Changes(Schema):
    """What differs from what was approved last, word by word."""

    seen: str = Field(description="Identifies the current version; send it back when you approve.")
    approved_at: datetime | None = Field(description="Null if it was never approved: there is nothing to compare.")
    approved_by_id: int | None
    items: list[ChangeOut]


class ContentQuery(PageQuery):
    kind: ContentKind | None = None
    state: ContentState | None = None
    audience: Audience | None = None
    campaign_id: Id | None = None
    q: str | None = Field(None, max_length=100, description="Search titles.")
    sort: Literal["-id", "id"] = "-id"


class ContentFields(In):
    """What every kind takes."""

    title: Title
    slug: Slug = Field("", description="Created from the title if left out.")
    summary: str = Field("", max_length=2000)
    campaign_id: Id | None = None
    audience: Audience = Audience.PUBLIC
    tags: list[str] = Field([], max_length=20)
    picture_id: Id | None = None


class Comment(In):
    comment: str = Field("", max_length=2000, examples=["Reads well."])


class Approval(Comment):
    seen: str = Field(
        "",
        max_length=64,
        description="The version from `changes`: if it has changed since, it is not approved.",
    )


class RequiredComment(In):
    comment: str = Field(..., max_length=2000, examples=["Please name the ward in the first sentence."])


def shared_filters(rows: Any, query: Any) -> Any:
    """The filters that every list of content offers."""
    for name in ("kind", "state", "audience", "campaign_id"):
        value = getattr(query, name, None)
        if value is not None:
            rows = rows.filter(**{name: value})
    return rows.filter(title__icontains=query.q) if query.q else rows


@router.get("", response=Page[ContentOut], summary="List content of all kinds")
def list_content(request: ApiRequest, query: Query[ContentQuery]) -> Any:
    return page(shared_filters(Content.objects.all(), query), query, sort=query.sort)


@router.get("/{content_id}", response=ContentOut, summary="Read content of any kind")
def get_content(request: ApiRequest, content_id: Id) -> Content:
    return get_object_or_404(Content, pk=content_id)


@router.get("/{content_id}/history", response=History, summary="Read the history of content")
def get_history(request: ApiRequest, content_id: Id) -> Any:
    return {"items": get_object_or_404(Content, pk=content_id).moves.all()}


@router.get("/{content_id}/changes", response=Changes, summary="Read changes since it was approved")
def get_changes(request: ApiRequest, content_id: Id) -> Any:
    """Its own fields, and what waits for each channel."""
    row = get_object_or_404(Content.objects.select_related("campaign"), pk=content_id)
    parts, last = approved_versions.parts_of(row), approved_versions.last_version(row)
    return {
        "seen": approved_versions.digest_of(parts),
        "approved_at": last and last.at,
        "approved_by_id": last and last.by_id,
        "items": approved_versions.changes_since(last, parts),
    }


def _locked(request: ApiRequest, content_id: int) -> Content:
    row = get_object_or_404(Content.objects.select_for_update(), pk=content_id)
    preconditions.check(request, ContentOut, row)
    return row


@router.post("/{content_id}/submit", response=ContentOut, summary="Ask for approval")
@atomic
def submit_content(request: ApiRequest, content_id: Id, payload: Comment) -> Content:
    row = _locked(request, content_id)
    return services.submit_content(content=row, by=request.principal, comment=payload.comment)


@router.post("/{content_id}/approve", response=ContentOut, summary="Approve")
@atomic
def approve_content(request: ApiRequest, content_id: Id, payload: Approval) -> Content:
    """Nobody approves what they last edited, unless the organisation allows it."""
    row = _locked(request, content_id)
    return services.approve_content(content=row, by=request.principal, locked=True, **payload.model_dump())


@router.post("/{content_id}/return", response=ContentOut, summary="Return with a comment")
@atomic
def return_content(request: ApiRequest, content_id: Id, payload: RequiredComment) -> Content:
    row = _locked(request, content_id)
    return services.return_content(content=row, by=request.principal, comment=payload.comment)


@router.post("/{content_id}/withdraw", response=ContentOut, summary="Withdraw")
@atomic
def withdraw_content(request: ApiRequest, content_id: Id, payload: Comment) -> Content:
    """Waiting publications are cancelled; the house's own pages and feeds drop it at once."""
    row = _locked(request, content_id)
    return services.withdraw_content(content=row, by=request.principal, comment=payload.comment)


@router.post("/{content_id}/archive", response=ContentOut, summary="Archive")
@atomic
def archive_content(request: ApiRequest, content_id: Id, payload: Comment) -> Content:
    row = _locked(request, content_id)
    return services.archive_content(content=row, by=request.principal, comment=payload.comment)
