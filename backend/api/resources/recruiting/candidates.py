"""Candidates, their touches, and their way through the stages. For HR: the only place that shows names and contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.problems import ProblemError
from backend.api.rows import optional_row
from backend.api.schemas import ApiRequest, Day, Id, In, Moment, patch_of
from campaigns.hiring import services, touch_credit
from campaigns.hiring.models import AttributionModel, Candidate, Hire, Stage, Touch, TouchKind
from campaigns.planning.models import Channel, Event, Vacancy

router = Router(tags=["candidates"])


class CandidateOut(Schema):
    id: int
    reference: str
    vacancy_id: int | None
    stage: Stage
    stated_channel_id: int | None = Field(description="Where the candidate says they heard about us.")
    applied_at: datetime | None
    name: str | None
    email: str | None
    phone: str | None
    created_at: datetime
    created_by_id: int | None


class TouchOut(Schema):
    id: int
    channel_id: int
    kind: TouchKind
    link_id: int | None
    event_id: int | None
    at: datetime


class ListedTouchOut(TouchOut):
    credited_under: list[AttributionModel] = Field(
        description="Models under which this touch gets the credit; if not hired, as it would be today."
    )


class Touches(Schema):
    items: list[ListedTouchOut]


class StageMoveOut(Schema):
    id: int
    from_stage: Stage
    to_stage: Stage
    at: datetime
    by_id: int | None


class StageMoves(Schema):
    items: list[StageMoveOut]


class CandidateFields(In):
    reference: str = Field(
        ..., min_length=1, max_length=60, description=("The application reference. Each must be unique.")
    )
    vacancy_id: Id | None = None
    stated_channel_id: Id | None = Field(None, description="Where the candidate says they heard about us.")
    applied_at: Moment | None = None
    name: str | None = Field(None, max_length=200, description="Optional, kept encrypted.")
    email: str | None = Field(None, max_length=254, description="Optional, kept encrypted.")
    phone: str | None = Field(None, max_length=40, description="Optional, kept encrypted.")


class CandidateIn(CandidateFields):
    link_code: str | None = Field(
        None, max_length=16, description="Code of the tracked link that the application carries; it becomes a touch."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "AR-180824-0417",
                    "vacancy_id": 1,
                    "stated_channel_id": 1,
                    "applied_at": "2018-08-24T20:15:00+01:00",
                    "name": "Grace Adeyemi",
                    "email": "grace.adeyemi@example.org",
                    "phone": "01632 960417",
                }
            ]
        }
    )


class CandidatePatch(patch_of(CandidateFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"stated_channel_id": 1}]})


class TouchIn(In):
    channel_id: Id | None = Field(None, description="Where they heard about us. Give this or `link_code`.")
    link_code: str | None = Field(
        None, min_length=1, max_length=16, description="Of a tracked link: it knows its channel."
    )
    event_id: Id | None = Field(None, description="The event where they checked in.")
    at: Moment | None = Field(None, description="Left out: now.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"channel_id": 1, "at": "2018-08-18T11:30:00+01:00"}]})


class StageIn(In):
    stage: Stage = Field(description="Accepted and started come with a hire: see /hires.")
    at: Moment | None = Field(None, description="Left out: now.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stage": "interview", "at": "2018-09-05T14:00:00+01:00"}]}
    )


class CandidateQuery(PageQuery):
    stage: Stage | None = None
    vacancy_id: Id | None = None
    stated_channel_id: Id | None = None
    campaign_id: Id | None = Field(None, description="The vacancy's campaign.")
    applied_from: Day | None = Field(None, description="Applied on this day in London or later.")
    applied_to: Day | None = Field(None, description="Applied on this day in London or earlier.")
    reference: str | None = Field(None, max_length=60, description="Exactly this.")
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[CandidateOut], summary="List candidates")
def list_candidates(request: ApiRequest, query: Query[CandidateQuery]) -> Any:
    start, end = query.applied_from, query.applied_to
    if start and end and end < start:
        raise ProblemError(422, "bad_period", "The end date is before the start date.", field="applied_to")
    wanted = {name: getattr(query, name) for name in ("stage", "vacancy_id", "stated_channel_id", "reference")}
    wanted["vacancy__campaign_id"] = query.campaign_id
    rows = Candidate.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    rows = rows.applied_between(start, end)
    return page(rows, query, sort=query.sort)


@router.post("", response={201: CandidateOut}, summary="Record a candidate")
def create_candidate(request: ApiRequest, payload: CandidateIn) -> Any:
    return Status(201, services.add_candidate(by=request.principal, **_with_rows(payload.model_dump())))


@router.get("/{candidate_id}", response=CandidateOut, summary="Read a candidate")
def get_candidate(request: ApiRequest, candidate_id: Id) -> Candidate:
    return get_object_or_404(Candidate, pk=candidate_id)


@router.patch("/{candidate_id}", response=CandidateOut, summary="Change the given fields")
@atomic
def change_candidate(request: ApiRequest, candidate_id: Id, payload: CandidatePatch) -> Candidate:
    row = _locked(request, candidate_id)
    return services.change_candidate(candidate=row, changes=_with_rows(payload.submitted_fields()))


@router.get("/{candidate_id}/touches", response=Touches, summary="Read where a candidate heard about us")
def list_touches(request: ApiRequest, candidate_id: Id) -> Any:
    candidate = get_object_or_404(Candidate, pk=candidate_id)
    hire = Hire.objects.counted().filter(candidate=candidate).first()
    items = list(candidate.touches.all())
    credited = touch_credit.read_credit(hire) if hire else touch_credit.preview_credit(items)
    for touch in items:
        touch.credited_under = [model for model, shares in credited.items() if touch.pk in shares]  # type: ignore[attr-defined]
    return {"items": items}


@router.post("/{candidate_id}/touches", response={201: TouchOut}, summary="Record where a candidate heard about us")
@atomic
def create_touch(request: ApiRequest, candidate_id: Id, payload: TouchIn) -> Any:
    """The same touch twice is kept once."""
    touch = services.add_touch(
        candidate=_locked(request, candidate_id),
        channel=optional_row(Channel, payload.channel_id, field="channel_id"),
        event=optional_row(Event, payload.event_id, field="event_id"),
        link_code=payload.link_code,
        at=payload.at,
    )
    return Status(201, touch)


@router.delete("/{candidate_id}/touches/{touch_id}", response={204: None}, summary="Remove a wrong touch")
@atomic
def delete_touch(request: ApiRequest, candidate_id: Path[Id], touch_id: Id) -> Any:
    """The credit that it gave goes with it."""
    row = get_object_or_404(Touch.objects.select_for_update(), pk=touch_id, candidate_id=candidate_id)
    preconditions.check(request, TouchOut, row)
    services.remove_touch(touch=row)
    return Status(204, None)


@router.get("/{candidate_id}/moves", response=StageMoves, summary="Read a candidate's stages")
def list_moves(request: ApiRequest, candidate_id: Id) -> Any:
    return {"items": get_object_or_404(Candidate, pk=candidate_id).stage_moves.all()}


@router.post("/{candidate_id}/stage", response=CandidateOut, summary="Move to another stage")
@atomic
def move_candidate(request: ApiRequest, candidate_id: Id, payload: StageIn) -> Candidate:
    row = _locked(request, candidate_id)
    return services.move_candidate(candidate=row, stage=payload.stage, at=payload.at, by=request.principal)


def _with_rows(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields with the rows that their ids name."""
    models: dict[str, type[Vacancy] | type[Channel]] = {"vacancy": Vacancy, "stated_channel": Channel}
    for name, model in models.items():
        if f"{name}_id" in fields:
            fields[name] = optional_row(model, fields.pop(f"{name}_id"), field=f"{name}_id")
    return fields


def _locked(request: ApiRequest, candidate_id: int) -> Candidate:
    row = get_object_or_404(Candidate.objects.select_for_update(), pk=candidate_id)
    preconditions.check(request, CandidateOut, row)
    return row
