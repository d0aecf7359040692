"""A channel's slots: the times of the week at which its queue moves on."""

from __future__ import annotations

from datetime import time
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, ClockTime, Id, In, Zone
from campaigns.planning.models import Channel, Slot, Weekday
from campaigns.planning.services.timing import slots as services

router = Router(tags=["channels"])


class SlotOut(Schema):
    id: int
    channel_id: int
    weekday: Weekday
    time: str
    zone: str

    @staticmethod
    def resolve_time(row: Slot) -> str:
        return row.time.strftime("%H:%M")


class SlotIn(In):
    weekday: Weekday
    time: ClockTime
    zone: Zone

    model_config = ConfigDict(json_schema_extra={"examples": [{"weekday": "TU", "time": "12:30"}]})


class SlotQuery(PageQuery):
    sort: Literal["-id", "id"] = "id"


@router.get("", response=Page[SlotOut], summary="List a channel's slots")
def list_slots(request: ApiRequest, channel_id: Path[Id], query: Query[SlotQuery]) -> Any:
    channel = get_object_or_404(Channel, pk=channel_id)
    return page(Slot.objects.filter(channel=channel), query, sort=query.sort)


@router.post("", response={201: SlotOut}, summary="Add a slot")
def create_slot(request: ApiRequest, channel_id: Path[Id], payload: SlotIn) -> Any:
    channel = get_object_or_404(Channel, pk=channel_id)
    at = time.fromisoformat(payload.time)
    return Status(201, services.add_slot(channel=channel, weekday=payload.weekday, time=at, zone=payload.zone))


@router.delete("/{slot_id}", response={204: None}, summary="Remove a slot")
@atomic
def delete_slot(request: ApiRequest, channel_id: Path[Id], slot_id: Id) -> Any:
    """What is scheduled at its times stays."""
    row = get_object_or_404(Slot.objects.select_for_update(), pk=slot_id, channel_id=channel_id)
    preconditions.check(request, SlotOut, row)
    services.remove_slot(slot=row)
    return Status(204, None)
