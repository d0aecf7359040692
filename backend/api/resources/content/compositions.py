"""What is being composed for one content before it is scheduled, and who has it open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Path, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.problems import response as problem
from backend.api.resources.publishing.publications import MINUTES_AT_MOST, PictureIds, PreviewOut, PublicationOut
from backend.api.rows import require_row
from backend.api.schemas import ApiRequest, Id, In, WallTime, Zone
from campaigns.planning.errors import ChangedMeanwhile
from campaigns.planning.models import Channel, Composition, Content, LateRule, Presence, ScheduleMode
from campaigns.planning.services import compositions as services
from campaigns.planning.services import presence
from media.models import Picture
from scheduler.posts import previews

router = Router(tags=["content"])
presence_router = Router(tags=["content"])
Times = Annotated[list[WallTime], Field(max_length=services.TIMES_AT_MOST)]


class ComposedChannelIn(In):
    channel_id: Id
    wording: str = Field("", max_length=50_000, description="Its own text; empty means title and summary.")
    picture_ids: PictureIds = Field([], description="Its own pictures; none means the content's.")


class ComposedChannelOut(Schema):
    channel_id: int
    wording: str
    picture_ids: list[int]


class UnusedTextIn(In):
    channel_id: Id
    wording: str = Field(..., max_length=50_000)


class UnusedTextOut(Schema):
    channel_id: int
    wording: str


class CompositionOut(Schema):
    content_id: int
    version: int = Field(description="Goes up with every change; 0 if nothing has been composed.")
    channels: list[ComposedChannelOut]
    unused_texts: list[UnusedTextOut] = Field(description="Own texts of channels that are no longer chosen.")
    when: ScheduleMode
    times: list[str] = Field(description="In the time zone `zone`.")
    zone: str
    late_rule: LateRule
    late_after_minutes: int
    edited_at: datetime
    edited_by_id: int | None

    @staticmethod
    def resolve_channels(row: Composition) -> list[Any]:
        return list(row.chosen.all()) if row.pk else []

    @staticmethod
    def resolve_unused_texts(row: Composition) -> list[Any]:
        return [{"channel_id": int(pk), "wording": wording} for pk, wording in row.unused_texts.items()]


class CompositionIn(In):
    version: int = Field(..., ge=0, le=2**31 - 1, description="The version that was read.")
    channels: list[ComposedChannelIn] = Field([], max_length=services.CHANNELS_AT_MOST)
    unused_texts: list[UnusedTextIn] | None = Field(
        None,
        max_length=services.CHANNELS_AT_MOST,
        description="Own texts of channels that are not chosen, kept until it is scheduled. Null: no change.",
    )
    when: ScheduleMode = ScheduleMode.TIMES
    times: Times = []
    zone: Zone
    late_rule: LateRule = LateRule.PUBLISH
    late_after_minutes: int = Field(60, ge=0, le=MINUTES_AT_MOST)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 0,
                    "channels": [{"channel_id": 1, "wording": "Join us."}],
                    "times": ["2030-09-03T08:30:00"],
                    "zone": "Europe/London",
                }
            ]
        }
    )


class ScheduleIn(In):
    version: int = Field(..., ge=0, le=2**31 - 1, examples=[1])
    submit: bool = Field(False, description="Also ask for approval, if not already asked.", examples=[True])
    comment: str = Field("", max_length=2000, description="Note to approver.", examples=["For Tuesday."])


class ScheduledPublications(Schema):
    items: list[PublicationOut]


class ChannelPreviewOut(Schema):
    channel_id: int
    preview: PreviewOut | None = Field(None, validation_alias="payload", description="Null if there is none.")
    refusal: str = Field("", validation_alias="trouble", description="Why there is no preview.")
    fits: bool = Field(description="If false, it cannot be scheduled.")

    @staticmethod
    def resolve_channel_id(row: previews.ChannelPreview) -> int:
        return row.channel.pk


class ChannelPreviewList(Schema):
    items: list[ChannelPreviewOut]


class PresenceOut(Schema):
    person_id: int
    name: str
    seen_at: datetime

    @staticmethod
    def resolve_name(row: Presence) -> str:
        return str(row.person.name)


class PresenceList(Schema):
    items: list[PresenceOut]


@router.get("", response=CompositionOut, summary="Read a composition")
def get_composition(request: ApiRequest, content_id: Path[Id]) -> Composition:
    return services.composition_of(get_object_or_404(Content, pk=content_id))


@router.put("", response=CompositionOut, summary="Save a composition")
def save_composition(request: ApiRequest, content_id: Path[Id], payload: CompositionIn) -> Any:
    """Finished or not. Where another version was saved since, nothing is: the 409 carries both, as `kept` and
    `given`."""
    try:
        return _save(request, content_id, payload)
    except ChangedMeanwhile as refusal:
        return _both(request, refusal, payload)


@atomic
def _save(request: ApiRequest, content_id: int, payload: CompositionIn) -> Composition:
    content = _checked(request, content_id)
    fields = payload.model_dump(exclude={"channels", "unused_texts"})
    if payload.unused_texts is not None:
        aside = {
            require_row(Channel, each.channel_id, field="unused_texts").pk: each.wording
            for each in payload.unused_texts
        }
        fields["unused_texts"] = aside
    chosen = [_chosen(each) for each in payload.channels]
    return services.save_composition(content=content, chosen=chosen, by=request.principal, **fields)


def _checked(request: ApiRequest, content_id: int) -> Content:
    content = get_object_or_404(Content.objects.select_for_update(), pk=content_id)
    preconditions.check(request, CompositionOut, services.composition_of(content))
    return content


def _chosen(given: ComposedChannelIn) -> services.ChannelText:
    channel = require_row(Channel, given.channel_id, field="channels")
    pictures = [require_row(Picture, each, field="picture_ids") for each in given.picture_ids]
    return services.ChannelText(channel, given.wording, pictures)


def _both(request: ApiRequest, refusal: ChangedMeanwhile, payload: CompositionIn) -> HttpResponse:
    kept = CompositionOut.model_validate(refusal.kept, from_attributes=True)
    return problem(
        request,
        status=409,
        code=refusal.code,
        detail=str(refusal),
        kept=kept.model_dump(mode="json"),
        given=payload.model_dump(mode="json"),
    )


@router.get("/preview", response=ChannelPreviewList, summary="Preview a composition on each channel")
def preview_composition(request: ApiRequest, content_id: Path[Id]) -> Any:
    content = get_object_or_404(Content.objects.select_related("campaign", "picture"), pk=content_id)
    return {"items": previews.preview_content(content, services.channel_texts(services.composition_of(content)))}


@router.post("/schedule", response={201: ScheduledPublications}, summary="Schedule a composition")
@atomic
def schedule_composition(request: ApiRequest, content_id: Path[Id], payload: ScheduleIn) -> Any:
    """Each channel at each time, all of it or nothing; the composition is empty then."""
    content = _checked(request, content_id)
    made = previews.schedule_composition(content=content, by=request.principal, **payload.model_dump())
    return Status(201, {"items": made})


@presence_router.post("", response=PresenceList, summary="Say that you have it open, and see who else does")
def note_presence(request: ApiRequest, content_id: Path[Id]) -> Any:
    """Repeat it every 15 seconds; who was not seen for 45 is gone."""
    content = get_object_or_404(Content, pk=content_id)
    return {"items": presence.record_heartbeat(content=content, by=request.principal)}
