"""Holding everything: all publishing, one campaign's or one channel's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.rows import optional_row
from backend.api.schemas import ApiRequest, Id, In
from campaigns.planning.models import Campaign, Channel, Pause
from campaigns.planning.services.timing import pauses as services

router = Router(tags=["pauses"])


class PauseOut(Schema):
    id: int
    scope: str = Field(description="What is on hold, in words.")
    campaign_id: int | None
    channel_id: int | None
    reason: str
    started_at: datetime
    started_by_id: int | None
    ended_at: datetime | None
    ended_by_id: int | None


class EndedPauseOut(PauseOut):
    moved: int = Field(description="Publications that were released or cancelled.")


class PauseIn(In):
    reason: str = Field(..., max_length=2000)
    campaign_id: Id | None = Field(None, description="Hold only this campaign. Neither: everything.")
    channel_id: Id | None = Field(None, description="Hold only this channel. Neither: everything.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "A colleague has died."}]})


class PauseEnd(In):
    held: services.PauseEnding = Field(description="What to do with posts that became due.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"held": "release"}]})


class PauseQuery(PageQuery):
    active: bool | None = None
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[PauseOut], summary="List holds")
def list_pauses(request: ApiRequest, query: Query[PauseQuery]) -> Any:
    rows = Pause.objects.select_related("campaign", "channel")
    return page(rows if query.active is None else rows.filter(ended_at__isnull=query.active), query, sort=query.sort)


@router.post("", response={201: PauseOut}, summary="Hold everything")
def start_pause(request: ApiRequest, payload: PauseIn) -> Any:
    """Publishing stops at once; what is being sent this moment finishes. What falls due is held and shown."""
    pause = services.start_pause(
        reason=payload.reason,
        campaign=optional_row(Campaign, payload.campaign_id, field="campaign_id"),
        channel=optional_row(Channel, payload.channel_id, field="channel_id"),
        by=request.principal,
    )
    return Status(201, pause)


@router.get("/{pause_id}", response=PauseOut, summary="Read a hold")
def get_pause(request: ApiRequest, pause_id: Id) -> Pause:
    return get_object_or_404(Pause, pk=pause_id)


@router.post("/{pause_id}/end", response=EndedPauseOut, summary="End a hold")
@atomic
def end_pause(request: ApiRequest, pause_id: Id, payload: PauseEnd) -> Any:
    """What fell due meanwhile is released (each under its own lateness rule), cancelled, or kept for a person."""
    row = get_object_or_404(Pause.objects.select_for_update(of=("self",)), pk=pause_id)
    preconditions.check(request, PauseOut, row)
    moved = services.end_pause(pause=row, held=payload.held, by=request.principal)
    row.refresh_from_db()
    row.moved = moved  # type: ignore[attr-defined]  # shown with the row, kept nowhere
    return row
