"""When a channel keeps still: quiet hours of the week, and blackouts."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, ClockTime, Id, In, WallTime, Zone
from campaigns.planning.models import Channel, QuietPeriod, Weekday
from campaigns.planning.services.timing import quiet_periods as services

router = Router(tags=["channels"])


class QuietPeriodOut(Schema):
    id: int
    channel_id: int
    kind: QuietPeriod.QuietKind
    weekdays: list[Weekday]
    from_time: str | None
    to_time: str | None
    zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    reason: str
    created_at: datetime
    created_by_id: int | None

    @staticmethod
    def resolve_from_time(row: QuietPeriod) -> str | None:
        return row.from_time.strftime("%H:%M") if row.from_time else None

    @staticmethod
    def resolve_to_time(row: QuietPeriod) -> str | None:
        return row.to_time.strftime("%H:%M") if row.to_time else None


class QuietPeriodIn(In):
    kind: QuietPeriod.QuietKind
    weekdays: list[Weekday] = Field([], max_length=7, description="Quiet hours: the days when they start.")
    from_time: ClockTime | None = None
    to_time: ClockTime | None = Field(None, description="On the next day if it is not after `from_time`.")
    zone: Zone
    starts_at: WallTime | None = Field(None, description="Blackout: its start.")
    ends_at: WallTime | None = None
    reason: str = Field("", max_length=2000)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "quiet", "weekdays": ["FR", "SA"], "from_time": "21:00", "to_time": "08:00"},
                {
                    "kind": "blackout",
                    "starts_at": "2030-04-01T00:00:00",
                    "ends_at": "2030-05-06T00:00:00",
                    "reason": "The weeks before the election.",
                },
            ]
        }
    )


class QuietPeriodQuery(PageQuery):
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[QuietPeriodOut], summary="List a channel's quiet hours and blackouts")
def list_quiet_periods(request: ApiRequest, channel_id: Path[Id], query: Query[QuietPeriodQuery]) -> Any:
    channel = get_object_or_404(Channel, pk=channel_id)
    return page(QuietPeriod.objects.filter(channel=channel), query, sort=query.sort)


@router.post("", response={201: QuietPeriodOut}, summary="Add quiet hours or a blackout")
def create_quiet_period(request: ApiRequest, channel_id: Path[Id], payload: QuietPeriodIn) -> Any:
    """What falls due inside is put off to the end, and is not late because of it."""
    channel = get_object_or_404(Channel, pk=channel_id)
    fields = payload.model_dump()
    for name in ("from_time", "to_time"):
        fields[name] = time.fromisoformat(fields[name]) if fields[name] else None
    return Status(201, services.add_quiet_period(channel=channel, by=request.principal, **fields))


@router.delete("/{period_id}", response={204: None}, summary="Remove quiet hours or a blackout")
@atomic
def delete_quiet_period(request: ApiRequest, channel_id: Path[Id], period_id: Id) -> Any:
    """What it put off is looked at again at once."""
    row = get_object_or_404(QuietPeriod.objects.select_for_update(), pk=period_id, channel_id=channel_id)
    preconditions.check(request, QuietPeriodOut, row)
    services.remove_quiet_period(period=row)
    return Status(204, None)
