"""Channels, and the connections that make them publishable."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.problems import ProblemError
from backend.api.schemas import ApiRequest, Id, In, Slug, Title, patch_of
from campaigns.planning.models import Audience, Channel
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services.timing import slots
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import publication_claims
from scheduler.posts import spending

router = Router(tags=["channels"])


class ChannelOut(Schema):
    id: int
    name: str
    slug: str
    category: Channel.Category
    audience: Audience
    active: bool
    created_at: datetime


class ChannelFields(In):
    name: Title
    slug: Slug = Field("", max_length=100, description="Created from the name if left out.")
    category: Channel.Category
    audience: Audience = Field(
        Audience.PUBLIC, description="The audience. Content for staff is only published to staff channels."
    )
    active: bool = True


class ChannelIn(ChannelFields):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Pop-up by the sea", "category": "event", "audience": "public"}]}
    )


class ChannelPatch(patch_of(ChannelFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Pop-up stalls by the sea"}]})


class ChannelQuery(PageQuery):
    category: Channel.Category | None = None
    audience: Audience | None = None
    active: bool | None = None
    q: str | None = Field(None, max_length=100, description="Search names.")
    sort: Literal["-id", "id", "name", "-name"] = "-id"


class ConnectionOut(Schema):
    kind: str
    settings: dict[str, Any]
    secrets: list[str] = Field(description="The names of the stored secrets. Their values are never shown.")
    status: Connection.Status
    account: str = Field(description="Our account on the channel, as the channel names it.")
    message: str
    checked_at: datetime | None
    expires_at: datetime | None = Field(description="When access expires, as the channel says.")
    rate_per_minute: int | None
    burst: int
    monthly_cap: int | None

    @staticmethod
    def resolve_secrets(row: Connection) -> list[str]:
        return connections.secret_names(connection=row)


class RateLimitOut(Schema):
    """How the engine treats this connection right now."""

    in_flight: int = Field(description="Publications that are claimed or being sent.")
    waiting: int = Field(description="Publications that are due and have not started; counted up to 1,000.")
    failures: int = Field(description="Attempts in a row without a usable reply; five open the breaker.")
    paused_until: datetime | None = Field(description="Nothing is sent before this.")
    pause_reason: str


class SpendingOut(Schema):
    """This calendar month (UTC), in thousandths of a US dollar."""

    spent: int
    planned: int = Field(description="Cost of what is scheduled for the rest of the month, with its current text.")
    cap: int | None
    exceeds_cap: bool = Field(description="Posts over it are put on hold.")


class FreeSlotOut(Schema):
    at: datetime
    zone: str = Field(description="The zone that the slot was chosen in.")
    slot_id: int


class ConnectionIn(In):
    kind: str = Field(..., max_length=20, description="The adapter, such as x, blog or bulletin.")
    settings: dict[str, Any] = {}
    secrets: dict[str, Any] | None = Field(
        None, description="Left out or null: the stored ones stay; so does each one that is null."
    )
    rate_per_minute: int | None = Field(None, ge=1, le=6000, description="Null: as fast as the channel allows.")
    burst: int = Field(1, ge=1, le=1000, description="How many can be sent at once after a quiet time.")
    monthly_cap: int | None = Field(
        None,
        ge=0,
        le=100_000_000,
        description="The monthly price cap, in thousandths of a US dollar. Null: no cap.",
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "blog", "settings": {}}]})


@router.get("", response=Page[ChannelOut], summary="List channels")
def list_channels(request: ApiRequest, query: Query[ChannelQuery]) -> Any:
    wanted = {"category": query.category, "audience": query.audience, "active": query.active}
    rows = Channel.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if query.q:
        rows = rows.filter(name__icontains=query.q)
    return page(rows, query, sort=query.sort)


@router.post("", response={201: ChannelOut}, summary="Add a channel")
def create_channel(request: ApiRequest, payload: ChannelIn) -> Any:
    return Status(201, channels_services.add_channel(**payload.model_dump()))


@router.get("/{channel_id}", response=ChannelOut, summary="Read a channel")
def get_channel(request: ApiRequest, channel_id: Id) -> Channel:
    return get_object_or_404(Channel, pk=channel_id)


@router.patch("/{channel_id}", response=ChannelOut, summary="Change the given fields")
@atomic
def change_channel(request: ApiRequest, channel_id: Id, payload: ChannelPatch) -> Channel:
    row = get_object_or_404(Channel.objects.select_for_update(), pk=channel_id)
    preconditions.check(request, ChannelOut, row)
    return channels_services.change_channel(channel=row, changes=payload.submitted_fields())


@router.get("/{channel_id}/connection", response=ConnectionOut, summary="Read how a channel is connected")
def get_connection(request: ApiRequest, channel_id: Id) -> Connection:
    return _connection(get_object_or_404(Channel, pk=channel_id))


@router.put("/{channel_id}/connection", response=ConnectionOut, summary="Connect a channel")
@atomic
def put_connection(request: ApiRequest, channel_id: Id, payload: ConnectionIn) -> Connection:
    """What was held for want of a connection is scheduled again, each under its own lateness rule."""
    channel = get_object_or_404(Channel.objects.select_for_update(), pk=channel_id)
    preconditions.check(request, ConnectionOut, Connection.objects.filter(channel=channel).first())
    return connections.connect_channel(channel=channel, by=request.principal, **payload.model_dump())


@router.delete("/{channel_id}/connection", response={204: None}, summary="Disconnect a channel and delete its secrets")
@atomic
def delete_connection(request: ApiRequest, channel_id: Id) -> Any:
    """What waits for this channel is held when it falls due."""
    channel = get_object_or_404(Channel.objects.select_for_update(), pk=channel_id)
    preconditions.check(request, ConnectionOut, _connection(channel))
    connections.disconnect_channel(channel=channel)
    return Status(204, None)


@router.get("/{channel_id}/connection/rate-limit", response=RateLimitOut, summary="Read the rate limit now")
def get_rate_limit(request: ApiRequest, channel_id: Id) -> Any:
    """Token bucket and circuit breaker, as every worker sees them."""
    return publication_claims.rate_limit_of(_connection(get_object_or_404(Channel, pk=channel_id)), timezone.now())


@router.get("/{channel_id}/connection/spending", response=SpendingOut, summary="Read what its posts cost this month")
def get_spending(request: ApiRequest, channel_id: Id) -> Any:
    return spending.of(_connection(get_object_or_404(Channel, pk=channel_id)), timezone.now())


@router.post("/{channel_id}/connection/check", response=ConnectionOut, summary="Check the connection")
def check_connection(request: ApiRequest, channel_id: Id) -> Connection:
    """Takes up to ten seconds. No answer leaves the status as it was and says so in `message`."""
    row = _connection(get_object_or_404(Channel, pk=channel_id))
    preconditions.check(request, ConnectionOut, row)
    return connections.check_connection(connection=row)


@router.get("/{channel_id}/next-free-slot", response=FreeSlotOut, summary="Find the next free slot")
def get_next_free_slot(request: ApiRequest, channel_id: Id) -> Any:
    """The next time of the channel's slots at which nothing waits and nothing went out. 422 when there is none."""
    channel = get_object_or_404(Channel, pk=channel_id)
    at, slot = slots.next_free_slot(channel=channel, after=timezone.now())
    return {"at": at, "zone": slot.zone, "slot_id": slot.pk}


def _connection(channel: Channel) -> Connection:
    row = Connection.objects.filter(channel=channel).first()
    if row is None:
        raise ProblemError(404, "not_connected", "This channel is not connected.")
    return row
