"""Where somebody is told what needs them, of what, and when."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, patch_of
from backend.notifications import destinations
from backend.notifications.causes import Cause, Timing
from backend.notifications.models import Destination
from campaigns.planning.models import Channel

router = Router(tags=["notifications"])
Way = Literal["email", "teams", "slack"]
OwnClockTime = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Hours and minutes on the person's own clock."),
]


class DestinationOut(Schema):
    id: int
    kind: Way
    name: str
    shared: bool = Field(description="Of the whole organisation, not of one person.")
    channel_id: int | None = Field(description="Whose app posts in Slack.")
    active: bool
    timings: dict[Cause, Timing] = Field(description="When I am told of each cause.")
    quiet_from: OwnClockTime | None
    quiet_until: OwnClockTime | None
    quiet_weekends: bool
    summary_at: OwnClockTime
    failures: int = Field(description="Attempts since the last success.")
    message: str = Field(description="What went wrong with the latest attempt.")
    reached_at: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_quiet_from(row: Any) -> str | None:
        return _clock(row.quiet_from)

    @staticmethod
    def resolve_quiet_until(row: Any) -> str | None:
        return _clock(row.quiet_until)

    @staticmethod
    def resolve_summary_at(row: Any) -> str | None:
        return _clock(row.summary_at)

    @staticmethod
    def resolve_shared(row: Any) -> bool:
        return row.person_id is None

    @staticmethod
    def resolve_timings(row: Any) -> dict[Cause, Timing]:
        return {cause: row.timing(cause) for cause in destinations.causes_for(row)}


class DestinationFields(In):
    name: str = Field("", max_length=100)
    address: str | None = Field(
        None,
        max_length=2000,
        description="A shared mailbox, the address of a workflow in Teams, or the ID of a Slack channel. Never shown.",
    )
    channel_id: Id | None = Field(None, description="For Slack: the channel whose app posts there.")
    active: bool = True
    timings: dict[Cause, Timing] = Field(default_factory=dict, description="Causes that are left out stay as they are.")
    quiet_from: OwnClockTime | None = "20:00"
    quiet_until: OwnClockTime | None = "07:00"
    quiet_weekends: bool = False
    summary_at: OwnClockTime = "08:30"


class DestinationIn(DestinationFields):
    kind: Way
    shared: bool = False

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "teams",
                    "name": "Communications",
                    "address": "https://teams.example.org/workflows/1",
                    "timings": {"review": "never", "post_failed": "at_once"},
                }
            ]
        }
    )


class DestinationPatch(patch_of(DestinationFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"timings": {"post_held": "summary"}}]})


class DestinationQuery(PageQuery):
    kind: Way | None = None
    shared: bool | None = None
    sort: Literal["id", "-id"] = "id"


@router.get("", response=Page[DestinationOut], summary="List where I am notified")
def list_destinations(request: ApiRequest, query: Query[DestinationQuery]) -> Any:
    """My own, and for administrators the shared ones."""
    rows = destinations.visible_to(request.principal).select_related("person")
    if query.kind is not None:
        rows = rows.filter(kind=query.kind)
    if query.shared is not None:
        rows = rows.filter(person__isnull=query.shared)
    return page(rows, query, sort=query.sort)


@router.post("", response={201: DestinationOut}, summary="Add a place where I am notified")
@atomic
def create_destination(request: ApiRequest, payload: DestinationIn) -> Any:
    fields = payload.model_dump()
    shared, kind = fields.pop("shared"), fields.pop("kind")
    row = destinations.add_destination(by=request.principal, kind=kind, shared=shared, **_read(fields))
    return Status(201, row)


@router.get("/{destination_id}", response=DestinationOut, summary="Read a place where I am notified")
def get_destination(request: ApiRequest, destination_id: Id) -> Destination:
    return get_object_or_404(destinations.visible_to(request.principal), pk=destination_id)


@router.patch("/{destination_id}", response=DestinationOut, summary="Change the given fields")
@atomic
def change_destination(request: ApiRequest, destination_id: Id, payload: DestinationPatch) -> Destination:
    row = _locked(request, destination_id)
    changes = _read(payload.submitted_fields())
    if "timings" in changes:
        changes["timings"] = row.timings | changes["timings"]
    return destinations.change_destination(destination=row, changes=changes)


@router.delete("/{destination_id}", response={204: None}, summary="Remove a place where I am notified")
@atomic
def delete_destination(request: ApiRequest, destination_id: Id) -> Any:
    destinations.remove_destination(destination=_locked(request, destination_id))
    return HttpResponse(status=204)


@router.post("/{destination_id}/test", response={204: None}, summary="Send a test notification")
def send_test(request: ApiRequest, destination_id: Id) -> Any:
    """Sent while you wait; a 409 says why it was not."""
    row = get_object_or_404(destinations.visible_to(request.principal), pk=destination_id)
    preconditions.check(request, DestinationOut, row)
    destinations.send_test(destination=row)
    return HttpResponse(status=204)


def _clock(at: time | None) -> str | None:
    return at.strftime("%H:%M") if at is not None else None


def _read(fields: dict[str, Any]) -> dict[str, Any]:
    """As the service takes them."""
    if "channel_id" in fields:
        pk = fields.pop("channel_id")
        fields["channel"] = get_object_or_404(Channel, pk=pk) if pk is not None else None
    for name in ("quiet_from", "quiet_until", "summary_at"):
        if fields.get(name) is not None:
            fields[name] = time.fromisoformat(fields[name])
    if "timings" in fields:
        fields["timings"] = {str(cause): str(timing) for cause, timing in fields["timings"].items()}
    return fields


def _locked(request: ApiRequest, destination_id: int) -> Destination:
    own = destinations.visible_to(request.principal)
    row = get_object_or_404(own.select_for_update(of=("self",)), pk=destination_id)
    preconditions.check(request, DestinationOut, row)
    return row
