"""Publications: one content on one channel at one time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, model_validator

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.rows import require_row
from backend.api.schemas import ApiRequest, Id, In, Moment, WallTime, Zone
from campaigns.planning import organisation_clock
from campaigns.planning.models import (
    Channel,
    Content,
    LateRule,
    Publication,
    PublicationPicture,
    PublicationState,
    Reason,
)
from campaigns.planning.services import held_publications
from campaigns.planning.services import publications as services
from campaigns.planning.services.timing import slots
from media.models import Picture
from scheduler.channels import contract
from scheduler.engine.models import Attempt
from scheduler.posts import drafts, manual_publishing

router = Router(tags=["publications"])
MINUTES_AT_MOST = 60 * 24 * 30
PictureIds = Annotated[list[Id], Field(max_length=services.PICTURES_AT_MOST)]


class PublicationOut(Schema):
    id: int
    content_id: int
    channel_id: int
    wording: str = Field(description="This channel's own text; empty means title and summary.")
    picture_ids: list[int] = Field(description="This channel's own pictures; none means the content's.")
    publish_at: datetime
    zone: str
    late_rule: LateRule
    late_after_minutes: int
    recurrence_id: int | None = Field(description="The recurrence that made it.")
    state: PublicationState
    reason_code: Reason | Literal[""] = Field(description="Why it is in this state; see docs/publishing.md.")
    reason: str = Field(description="The same in words.")
    channel_code: str = Field(description="The code from the channel's adapter, if any.")
    deferred_until: datetime | None = Field(description="The end of its channel's quiet hours.")
    needs_person: bool = Field(description="Nothing happens until someone acts.")
    tries: int
    sent_at: datetime | None
    remote_id: str
    remote_url: str
    created_at: datetime
    created_by_id: int | None

    @staticmethod
    def resolve_remote_id(row: Publication) -> str:
        return row.sent_post.remote_id if row.sent_at else ""

    @staticmethod
    def resolve_remote_url(row: Publication) -> str:
        return row.sent_post.url if row.sent_at else ""

    @staticmethod
    def resolve_picture_ids(row: Publication) -> list[int]:
        return [placed.picture_id for placed in row.placed_pictures.all()]


class AttemptOut(Schema):
    id: int
    started_at: datetime
    finished_at: datetime | None
    outcome: Attempt.Outcome | Literal[""] = Field(description="Empty while it runs.")
    code: str
    message: str
    remote_id: str
    remote_url: str
    worker: str


class Attempts(Schema):
    items: list[AttemptOut]


class PreviewPicture(Schema):
    media_type: str
    alt_text: str
    width: int = Field(description="In pixels, as it will be sent.")
    height: int
    bytes: int

    @staticmethod
    def resolve_bytes(picture: contract.Picture) -> int:
        return len(picture.data)


class PreviewOut(Schema):
    text: str = Field(description="As it will appear.")
    length: int = Field(description="Counted as the channel counts.")
    limit: int | None
    warnings: list[str] = Field(description="What could be better, each with a remedy.")
    pictures: list[PreviewPicture]
    price: int = Field(description="What the channel charges for it, in thousandths of a US dollar.")


class PublicationIn(In):
    content_id: Id
    channel_id: Id
    publish_at: WallTime | None = None
    next_free_slot: bool = Field(False, description="At the channel's next free slot, instead of `publish_at`.")
    zone: str = Field(
        default_factory=organisation_clock.organisation_zone_name,
        max_length=64,
        description="The organisation's if left out. Not used with `next_free_slot`.",
    )
    wording: str = Field("", max_length=50_000)
    picture_ids: PictureIds = []
    late_rule: LateRule = LateRule.PUBLISH
    late_after_minutes: int = Field(60, ge=0, le=MINUTES_AT_MOST)
    allow_past: bool = Field(False, description="Allow a time in the past, to record what was done.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "content_id": 1,
                    "channel_id": 1,
                    "publish_at": "2030-09-03T08:30:00",
                    "zone": "Europe/London",
                    "late_rule": "hold",
                    "late_after_minutes": 120,
                },
                {"content_id": 1, "channel_id": 1, "next_free_slot": True},
            ]
        }
    )

    @model_validator(mode="after")
    def _one_time(self) -> PublicationIn:
        if (self.publish_at is None) is not self.next_free_slot:
            raise ValueError("Give publish_at, or say next_free_slot: exactly one of the two.")
        return self


class PublicationDraft(In):
    content_id: Id
    channel_id: Id
    wording: str = Field("", max_length=50_000)
    picture_ids: PictureIds = []

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"content_id": 1, "channel_id": 1, "wording": "Join us."}]}
    )


class PublicationPatch(In):
    wording: str = Field("", max_length=50_000)
    picture_ids: PictureIds = []
    late_rule: LateRule = LateRule.PUBLISH
    late_after_minutes: int = Field(60, ge=0, le=MINUTES_AT_MOST)

    model_config = ConfigDict(json_schema_extra={"examples": [{"late_rule": "cancel"}]})


class RescheduleIn(In):
    publish_at: WallTime
    zone: Zone
    allow_past: bool = False

    model_config = ConfigDict(json_schema_extra={"examples": [{"publish_at": "2030-09-04T08:30:00"}]})


class ReasonIn(In):
    reason: str = Field("", max_length=2000, examples=["The ward asked us to wait."])


class ReleaseHeldIn(In):
    channel_id: Id
    reason_code: Reason = Field(description="The reason on the publications on hold, for example late.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"channel_id": 1, "reason_code": "late"}]})


class CancelHeldIn(ReleaseHeldIn):
    reason: str = Field("", max_length=2000, description="The reason, kept with the publication.")


class MovedCountOut(Schema):
    moved: int = Field(description="Up to 500 at a time: if it is 500, repeat the request.")


class MarkPublishedIn(In):
    at: Moment
    url: str = Field("", max_length=1000, description="Where it can be seen, if anywhere.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"at": "2018-09-17T09:00:00+01:00"}]})


class PublicationQuery(PageQuery):
    state: PublicationState | None = None
    content_id: Id | None = None
    channel_id: Id | None = None
    campaign_id: Id | None = None
    needs_person: bool | None = None
    reason_code: Reason | None = None
    from_: Moment | None = Field(None, alias="from", description="publish_at at or after this.")
    to: Moment | None = Field(None, description="publish_at before this.")
    sort: Literal["-publish_at", "publish_at", "-id", "id"] = "-publish_at"


@router.get("", response=Page[PublicationOut], summary="List publications")
def list_publications(request: ApiRequest, query: Query[PublicationQuery]) -> Any:
    wanted = {
        "state": query.state,
        "content_id": query.content_id,
        "channel_id": query.channel_id,
        "content__campaign_id": query.campaign_id,
        "reason_code": query.reason_code,
        "publish_at__gte": query.from_,
        "publish_at__lt": query.to,
    }
    rows = Publication.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if query.needs_person is not None:
        rows = rows.needs_attention(query.needs_person)
    in_order = PublicationPicture.objects.order_by("publication_id", "position")  # as their index stands
    rows = rows.select_related("sent_post").prefetch_related(Prefetch("placed_pictures", in_order))
    return page(rows, query, sort=query.sort)


@router.post("", response={201: PublicationOut}, summary="Schedule")
def create_publication(request: ApiRequest, payload: PublicationIn) -> Any:
    """It goes out only once the content is approved. Wording of its own sends approved content back to review."""
    fields = payload.model_dump(exclude={"content_id", "channel_id", "picture_ids", "next_free_slot"})
    fields["pictures"] = _pictures(payload.picture_ids)
    if payload.next_free_slot:
        content = require_row(Content, payload.content_id, field="content_id")
        channel = require_row(Channel, payload.channel_id, field="channel_id")
        slotted = slots.schedule_in_next_slot(content=content, channel=channel, by=request.principal, **fields)
        return Status(201, slotted)
    with transaction.atomic():
        content = require_row(Content, payload.content_id, field="content_id", locked=True)
        channel = require_row(Channel, payload.channel_id, field="channel_id")
        planned = services.schedule_publication(
            content=content, channel=channel, by=request.principal, locked=True, **fields
        )
    return Status(201, planned)


@router.post("/preview", response=PreviewOut, summary="Preview before anything is scheduled")
def preview_draft(request: ApiRequest, payload: PublicationDraft) -> Any:
    """Changes nothing."""
    content = require_row(Content, payload.content_id, field="content_id")
    channel = require_row(Channel, payload.channel_id, field="channel_id")
    publication = Publication(content=content, channel=channel, wording=payload.wording)
    return drafts.preview(publication, pictures=_pictures(payload.picture_ids))


@router.post(
    "/held/release", response=MovedCountOut, summary="Release everything on hold on one channel for one reason"
)
@atomic
def release_held(request: ApiRequest, payload: ReleaseHeldIn) -> Any:
    """Each goes out at its time, or at once if that has passed."""
    channel = require_row(Channel, payload.channel_id, field="channel_id")
    moved = held_publications.release_held(channel=channel, reason_code=payload.reason_code, by=request.principal)
    return {"moved": moved}


@router.post("/held/cancel", response=MovedCountOut, summary="Cancel everything on hold on one channel for one reason")
@atomic
def cancel_held(request: ApiRequest, payload: CancelHeldIn) -> Any:
    fields = payload.model_dump(exclude={"channel_id"})
    channel = require_row(Channel, payload.channel_id, field="channel_id")
    return {"moved": held_publications.cancel_held(channel=channel, by=request.principal, **fields)}


@router.get("/{publication_id}", response=PublicationOut, summary="Read a publication")
def get_publication(request: ApiRequest, publication_id: Id) -> Publication:
    return get_object_or_404(Publication, pk=publication_id)


@router.patch("/{publication_id}", response=PublicationOut, summary="Change text, pictures or rule for being late")
@atomic
def change_publication(request: ApiRequest, publication_id: Id, payload: PublicationPatch) -> Publication:
    """While it waits, or after it failed and before it is tried again. New wording or pictures send approved content
    back to review."""
    row, given = _locked_with_content(request, publication_id), payload.submitted_fields()
    if "picture_ids" in given:
        given["pictures"] = _pictures(given.pop("picture_ids"))
    return services.change_publication(publication=row, by=request.principal, locked=True, **given)


@router.get("/{publication_id}/attempts", response=Attempts, summary="List attempts")
def list_attempts(request: ApiRequest, publication_id: Id) -> Any:
    return {"items": get_object_or_404(Publication, pk=publication_id).attempts.all()}


@router.get("/{publication_id}/preview", response=PreviewOut, summary="See exactly what will be sent")
def preview_publication(request: ApiRequest, publication_id: Id) -> Any:
    return drafts.preview(get_object_or_404(Publication.objects.with_content(), pk=publication_id))


@router.get("/{publication_id}/preview/pictures/{position}", summary="See one of its pictures as it will be sent")
def get_preview_picture(request: ApiRequest, publication_id: Id, position: int) -> HttpResponse:
    """`position` counts from 0, as in the preview. For posting by hand, this is the file to post."""
    payload = drafts.preview(get_object_or_404(Publication.objects.with_content(), pk=publication_id))
    if not 0 <= position < len(payload.pictures):
        raise Http404
    picture = payload.pictures[position]
    return HttpResponse(picture.data, content_type=picture.media_type)


@router.post("/{publication_id}/cancel", response=PublicationOut, summary="Cancel")
@atomic
def cancel_publication(request: ApiRequest, publication_id: Id, payload: ReasonIn) -> Publication:
    row = _locked(request, publication_id)
    return services.cancel_publication(publication=row, by=request.principal, reason=payload.reason)


@router.post("/{publication_id}/hold", response=PublicationOut, summary="Hold until someone releases it")
@atomic
def hold_publication(request: ApiRequest, publication_id: Id, payload: ReasonIn) -> Publication:
    row = _locked(request, publication_id)
    return services.hold_publication(publication=row, by=request.principal, reason=payload.reason)


@router.post("/{publication_id}/release", response=PublicationOut, summary="Release from hold")
@atomic
def release_publication(request: ApiRequest, publication_id: Id) -> Publication:
    """It goes out at its time, or at once if that has passed."""
    return services.release_publication(publication=_locked(request, publication_id), by=request.principal)


@router.post("/{publication_id}/retry", response=PublicationOut, summary="Try a failed one again")
@atomic
def retry_publication(request: ApiRequest, publication_id: Id) -> Publication:
    """Also for an unknown one, once somebody has seen that it is not live."""
    return services.retry_publication(publication=_locked(request, publication_id), by=request.principal)


@router.post("/{publication_id}/reschedule", response=PublicationOut, summary="Move to another time")
@atomic
def reschedule_publication(request: ApiRequest, publication_id: Id, payload: RescheduleIn) -> Publication:
    row = _locked(request, publication_id)
    return services.reschedule_publication(publication=row, by=request.principal, **payload.model_dump())


@router.post("/{publication_id}/mark-published", response=PublicationOut, summary="Mark as published")
@atomic
def mark_published(request: ApiRequest, publication_id: Id, payload: MarkPublishedIn) -> Publication:
    """For channels that people post to by hand (a stall, a poster), and for an unknown one that was found live."""
    row = _locked_with_content(request, publication_id)
    return manual_publishing.mark_published(publication=row, by=request.principal, at=payload.at, url=payload.url)


@router.post("/{publication_id}/mark-taken-down", response=PublicationOut, summary="Mark as taken down")
@atomic
def mark_taken_down(request: ApiRequest, publication_id: Id) -> Publication:
    """For what was withdrawn while it was live where Promenade cannot remove it."""
    return services.mark_taken_down(publication=_locked(request, publication_id), by=request.principal)


def _pictures(ids: list[int]) -> list[Picture]:
    return [require_row(Picture, each, field="picture_ids") for each in ids]


def _locked(request: ApiRequest, publication_id: int) -> Publication:
    row = get_object_or_404(Publication.objects.select_for_update(), pk=publication_id)
    preconditions.check(request, PublicationOut, row)
    return row


def _locked_with_content(request: ApiRequest, publication_id: int) -> Publication:
    try:
        row = services.lock_publication(publication_id)
    except Content.DoesNotExist:
        raise Http404 from None
    preconditions.check(request, PublicationOut, row)
    return row
