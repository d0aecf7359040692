"""Recurrences: publications that come again by a rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.resources.publishing.publications import MINUTES_AT_MOST
from backend.api.rows import require_row
from backend.api.schemas import ApiRequest, Id, In, WallTime, Zone
from campaigns.planning.models import Channel, Content, LateRule, Recurrence
from campaigns.planning.services.timing import recurrences as services

router = Router(tags=["recurrences"])


class RecurrenceOut(Schema):
    id: int
    content_id: int
    channel_id: int
    wording: str
    rule: str
    starts_at: str = Field(description="In the time zone `zone`.")
    zone: str
    late_rule: LateRule
    late_after_minutes: int
    next_at: datetime | None = Field(
        description="The first time that is not in the schedule yet; null if there are no more."
    )
    created_at: datetime
    created_by_id: int | None
    ended_at: datetime | None
    ended_by_id: int | None
    ended_reason: str

    @staticmethod
    def resolve_starts_at(row: Recurrence) -> str:
        return row.starts_at.isoformat()


class EndedRecurrenceOut(RecurrenceOut):
    cancelled: int = Field(description="Scheduled publications that were cancelled.")


class RecurrenceIn(In):
    content_id: Id
    channel_id: Id
    rule: str = Field(
        ..., max_length=500, description="RFC 5545, RRULE without DTSTART; at most once an hour, COUNT at most 1000."
    )
    starts_at: WallTime = Field(..., description="The rule counts from here, in the time zone `zone`.")
    zone: Zone
    wording: str = Field("", max_length=50_000)
    late_rule: LateRule = LateRule.PUBLISH
    late_after_minutes: int = Field(60, ge=0, le=MINUTES_AT_MOST)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "content_id": 1,
                    "channel_id": 1,
                    "rule": "FREQ=WEEKLY;BYDAY=MO,TH",
                    "starts_at": "2030-09-02T08:30:00",
                    "zone": "Europe/London",
                }
            ]
        }
    )


class RecurrenceEnd(In):
    reason: str = Field(..., max_length=2000)

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Enough people have applied."}]})


class RecurrenceQuery(PageQuery):
    active: bool | None = None
    content_id: Id | None = None
    channel_id: Id | None = None
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[RecurrenceOut], summary="List recurrences")
def list_recurrences(request: ApiRequest, query: Query[RecurrenceQuery]) -> Any:
    wanted = {
        "ended_at__isnull": query.active,
        "content_id": query.content_id,
        "channel_id": query.channel_id,
    }
    rows = Recurrence.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return page(rows, query, sort=query.sort)


@router.post("", response={201: RecurrenceOut}, summary="Start a recurrence")
def start_recurrence(request: ApiRequest, payload: RecurrenceIn) -> Any:
    """The times of the next 35 days stand in the schedule at once, later ones follow. It stops by itself when the
    vacancy closes or is filled, the event is over or cancelled, or the content is withdrawn or archived."""
    fields = payload.model_dump(exclude={"content_id", "channel_id"})
    content = require_row(Content, payload.content_id, field="content_id")
    channel = require_row(Channel, payload.channel_id, field="channel_id")
    return Status(201, services.start_recurrence(content=content, channel=channel, by=request.principal, **fields))


@router.get("/{recurrence_id}", response=RecurrenceOut, summary="Read a recurrence")
def get_recurrence(request: ApiRequest, recurrence_id: Id) -> Recurrence:
    return get_object_or_404(Recurrence, pk=recurrence_id)


@router.post("/{recurrence_id}/end", response=EndedRecurrenceOut, summary="End a recurrence")
@atomic
def end_recurrence(request: ApiRequest, recurrence_id: Id, payload: RecurrenceEnd) -> Any:
    """What still waits of it is cancelled."""
    row = get_object_or_404(Recurrence.objects.select_for_update(of=("self",)), pk=recurrence_id)
    preconditions.check(request, RecurrenceOut, row)
    cancelled = services.end_recurrence(recurrence=row, by=request.principal, reason=payload.reason)
    row.refresh_from_db()
    row.cancelled = cancelled  # type: ignore[attr-defined]  # shown with the row, kept nowhere
    return row
