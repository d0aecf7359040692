"""Recruitment and engagement events."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.resources.content.content import ContentFields, ContentOut, shared_filters
from backend.api.schemas import ApiRequest, Id, Moment, patch_of
from campaigns.planning.models import Audience, ContentState, Event, EventKind
from campaigns.planning.services import events as services

router = Router(tags=["events"])


class EventOut(ContentOut):
    event_kind: EventKind
    body: str
    place: str
    online_url: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    host_team_id: int | None
    childcare_offered: bool
    cancelled_at: datetime | None


class EventFields(ContentFields):
    event_kind: EventKind
    body: str = Field("", max_length=50_000, description="Markdown.")
    place: str = Field("", max_length=300, description="A place, an online address or both.")
    online_url: str = Field("", max_length=1000, description="http or https.")
    starts_at: Moment
    ends_at: Moment
    capacity: int | None = Field(None, ge=0, le=1_000_000)
    host_team_id: Id | None = None
    childcare_offered: bool = False


class EventIn(EventFields):
    allow_past: bool = Field(False, description="Allow a start time in the past, to record what was done.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Fish and chips by the sea",
                    "summary": "Meet the ward teams over fish and chips, and ask them anything.",
                    "campaign_id": 1,
                    "event_kind": "pop_up",
                    "place": "The seafront",
                    "starts_at": "2030-09-14T12:00:00+01:00",
                    "ends_at": "2030-09-14T15:00:00+01:00",
                    "capacity": 80,
                    "host_team_id": 1,
                    "childcare_offered": True,
                }
            ]
        }
    )


class EventPatch(patch_of(EventFields)):  # type: ignore[misc]  # a class made when this is read
    keep_approval: bool = Field(False, description="For the person who approved it: correct it and keep the approval.")
    allow_past: bool = False

    model_config = ConfigDict(json_schema_extra={"examples": [{"capacity": 100}]})


class EventQuery(PageQuery):
    event_kind: EventKind | None = None
    campaign_id: Id | None = None
    state: ContentState | None = None
    audience: Audience | None = None
    host_team_id: Id | None = None
    childcare_offered: bool | None = None
    from_: Moment | None = Field(None, alias="from", description="starts_at at or after this.")
    to: Moment | None = Field(None, description="starts_at before this.")
    q: str | None = Field(None, max_length=100, description="Search titles.")
    sort: Literal["-id", "id", "starts_at", "-starts_at"] = "-id"


@router.get("", response=Page[EventOut], summary="List events")
def list_events(request: ApiRequest, query: Query[EventQuery]) -> Any:
    wanted = {
        "event_kind": query.event_kind,
        "host_team_id": query.host_team_id,
        "childcare_offered": query.childcare_offered,
        "starts_at__gte": query.from_,
        "starts_at__lt": query.to,
    }
    rows = shared_filters(Event.objects.all(), query)
    return page(
        rows.filter(**{name: value for name, value in wanted.items() if value is not None}), query, sort=query.sort
    )


@router.post("", response={201: EventOut}, summary="Plan an event")
def create_event(request: ApiRequest, payload: EventIn) -> Any:
    fields = payload.model_dump(exclude={"allow_past"})
    return Status(201, services.plan_event(by=request.principal, allow_past=payload.allow_past, **fields))


@router.get("/{event_id}", response=EventOut, summary="Read an event")
def get_event(request: ApiRequest, event_id: Id) -> Event:
    return get_object_or_404(Event, pk=event_id)


@router.patch("/{event_id}", response=EventOut, summary="Change the given fields")
@atomic
def change_event(request: ApiRequest, event_id: Id, payload: EventPatch) -> Event:
    """A change to approved content sends it back to review."""
    return services.change_event(
        event=_locked(request, event_id),
        changes=payload.submitted_fields(without={"keep_approval", "allow_past"}),
        by=request.principal,
        allow_past=payload.allow_past,
        keep_approval=payload.keep_approval,
        locked=True,
    )


@router.post("/{event_id}/cancel", response=EventOut, summary="Cancel")
@atomic
def cancel_event(request: ApiRequest, event_id: Id) -> Event:
    """Waiting publications are cancelled and say so; the event's page and feeds say that it is cancelled."""
    return services.cancel_event(event=_locked(request, event_id), by=request.principal)


def _locked(request: ApiRequest, event_id: int) -> Event:
    row = get_object_or_404(Event.objects.select_for_update(), pk=event_id)
    preconditions.check(request, EventOut, row)
    return row
