"""Hires, and the rows behind a report's figures."""

from __future__ import annotations

from datetime import date, datetime
from types import EllipsisType
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.problems import ProblemError
from backend.api.rows import optional_row, require_row
from backend.api.schemas import ApiRequest, Day, Id, In
from campaigns.hiring import reports, services
from campaigns.hiring.models import AttributionModel, Candidate, Hire, HireState, Stage
from campaigns.hiring.models.hire import HireQuerySet
from campaigns.planning.models import Vacancy

router = Router(tags=["hires"])


class HireOut(Schema):
    id: int
    candidate_id: int
    vacancy_id: int
    state: HireState
    accepted_on: date
    started_on: date | None
    created_at: datetime
    recorded_by_id: int | None


class ListedHireOut(HireOut):
    credited_channel_id: int | None = Field(
        None, description="With `model`: the channel that gets the credit under it; null where it is not recorded."
    )


class HireIn(In):
    candidate_id: Id
    vacancy_id: Id | None = Field(None, description="The job that was filled. Left out: the one applied for.")
    accepted_on: Day = Field(description="When the offer was accepted; not in the future.")
    started_on: Day | None = Field(None, description="If the person has already started.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"candidate_id": 1, "vacancy_id": 1, "accepted_on": "2018-09-14"}]}
    )


class StartIn(In):
    started_on: Day = Field(description="Not before the acceptance, and not in the future.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"started_on": "2018-10-15"}]})


class ReverseIn(In):
    stage: Literal[Stage.WITHDRAWN, Stage.REJECTED, Stage.OFFERED] = Field(
        Stage.WITHDRAWN,
        description=(
            "The candidate's stage after that: they withdrew, we withdrew the offer, or it was recorded by mistake."
        ),
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"stage": "withdrawn"}]})


class HireQuery(PageQuery):
    from_: Day | None = Field(None, alias="from", description="accepted_on this day or later.")
    to: Day | None = Field(None, description="accepted_on this day or earlier.")
    vacancy_id: Id | None = None
    team_id: Id | Literal["none"] | None = Field(None, description="The vacancy's team; `none`: it has none.")
    campaign_id: Id | Literal["none"] | None = Field(None, description="The vacancy's campaign; `none`: it has none.")
    state: HireState | None = None
    model: AttributionModel | None = Field(
        None, description="Shows whom each hire is credited to, and leaves out reversed ones. Needs `from` and `to`."
    )
    channel_id: Id | None = Field(None, description="Credited to this channel; needs `model`.")
    recorded: bool | None = Field(None, description="Whether a source is recorded; needs `model`.")
    sort: Literal["-id", "id", "-accepted_on", "accepted_on"] = "-id"


@router.get("", response=Page[ListedHireOut], summary="List hires")
def list_hires(request: ApiRequest, query: Query[HireQuery]) -> Any:
    """A report's figures link here: with `model`, exactly the hires behind a figure."""
    return page(_selected(query), query, sort=query.sort)


@router.post("", response={201: HireOut}, summary="Record a hire")
@atomic
def create_hire(request: ApiRequest, payload: HireIn) -> Any:
    """The candidate moves to accepted, and with `started_on` to started."""
    hire = services.record_hire(
        candidate=require_row(Candidate, payload.candidate_id, field="candidate_id"),
        vacancy=optional_row(Vacancy, payload.vacancy_id, field="vacancy_id"),
        accepted_on=payload.accepted_on,
        started_on=payload.started_on,
        by=request.principal,
    )
    return Status(201, hire)


@router.get("/{hire_id}", response=HireOut, summary="Read a hire")
def get_hire(request: ApiRequest, hire_id: Id) -> Hire:
    return get_object_or_404(Hire, pk=hire_id)


@router.post("/{hire_id}/start", response=HireOut, summary="Record that the person has started")
@atomic
def start_hire(request: ApiRequest, hire_id: Id, payload: StartIn) -> Hire:
    row = _locked(request, hire_id)
    return services.start_hire(hire=row, started_on=payload.started_on, by=request.principal)


@router.post("/{hire_id}/reverse", response=HireOut, summary="Reverse a hire")
@atomic
def reverse_hire(request: ApiRequest, hire_id: Id, payload: ReverseIn) -> Hire:
    """It leaves every figure, and its channel gives the credit back."""
    row = _locked(request, hire_id)
    return services.reverse_hire(hire=row, stage=Stage(payload.stage), by=request.principal)


def check_period(start: date | None, end: date | None) -> None:
    """Raises ProblemError (422) for a period that ends before it starts."""
    if start and end and end < start:
        raise ProblemError(422, "bad_period", "The end date is before the start date.", field="to")


def _selected(query: HireQuery) -> HireQuerySet:
    check_period(query.from_, query.to)
    rows = _behind(query, query.model) if query.model else _plain(query)
    wanted = {"vacancy_id": query.vacancy_id, "state": query.state}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _behind(query: HireQuery, model: AttributionModel) -> HireQuerySet:
    return reports.hires_of_figure(
        start=_needed("from", query.from_),
        end=_needed("to", query.to),
        model=model,
        channel=query.channel_id or ...,
        team=_key(query.team_id),
        campaign=_key(query.campaign_id),
        recorded=query.recorded,
    )


def _needed(name: str, day: date | None) -> date:
    if day is None:
        raise ProblemError(422, "required", f"With `model`, `{name}` is needed too.", field=name)
    return day


def _plain(query: HireQuery) -> HireQuerySet:
    for name in ("channel_id", "recorded"):
        if getattr(query, name) is not None:
            raise ProblemError(422, "required", f"Say with `model` whose credit `{name}` is about.", field="model")
    wanted: dict[str, Any] = {"accepted_on__gte": query.from_, "accepted_on__lte": query.to}
    rows = Hire.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    for column, asked in (("vacancy__team", query.team_id), ("vacancy__campaign", query.campaign_id)):
        if asked is not None:
            rows = rows.filter(**{f"{column}__isnull": True} if asked == "none" else {column: asked})
    return rows


def _key(asked: int | Literal["none"] | None) -> int | EllipsisType | None:
    """A report row's key: an id, None for the row without one, and `...` where all are meant."""
    if asked is None:
        return ...
    return None if asked == "none" else asked


def _locked(request: ApiRequest, hire_id: int) -> Hire:
    row = get_object_or_404(Hire.objects.select_for_update(no_key=True), pk=hire_id)
    preconditions.check(request, HireOut, row)
    return row
