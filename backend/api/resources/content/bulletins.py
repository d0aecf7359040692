"""Bulletins with their sections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.resources.content.content import ContentFields, ContentOut, shared_filters
from backend.api.rows import require_row
from backend.api.schemas import ApiRequest, Day, Id, In, Title, patch_of
from campaigns.bulletins import services
from campaigns.bulletins.errors import InvalidBulletin
from campaigns.bulletins.models import Bulletin, Section
from campaigns.planning.models import Audience, Campaign, ContentState, Team
from media.models import Picture

router = Router(tags=["bulletins"])


class SectionOut(Schema):
    kind: Section.Kind
    heading: str
    body: str
    team_id: int | None


class BulletinOut(ContentOut):
    period_start: date
    period_end: date
    sections: list[SectionOut] = Field(description="In reading order.")


class SectionIn(In):
    kind: Section.Kind = Section.Kind.TEXT
    heading: Title
    body: str = Field(..., min_length=1, max_length=50_000, description="Markdown.")
    team_id: Id | None = Field(None, description="The team in the spotlight; only for a spotlight.")


class BulletinFields(ContentFields):
    audience: Audience = Audience.STAFF
    period_start: Day
    period_end: Day
    sections: list[SectionIn] = Field(
        [], max_length=services.SECTIONS_AT_MOST, description="In order; if given, they replace all the sections."
    )


class BulletinIn(BulletinFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "News in October",
                    "summary": "What the board decided, and a team to meet.",
                    "campaign_id": 1,
                    "period_start": "2030-10-01",
                    "period_end": "2030-10-31",
                    "sections": [
                        {"heading": "From the board", "body": "The board met on the first Monday of the month."},
                        {
                            "kind": "spotlight",
                            "heading": "Team in the spotlight",
                            "body": "Who they are, and what they would like you to know.",
                            "team_id": 1,
                        },
                    ],
                }
            ]
        }
    )


class BulletinPatch(patch_of(BulletinFields)):  # type: ignore[misc]  # a class made when this is read
    keep_approval: bool = Field(False, description="For the person who approved it: correct it and keep the approval.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"sections": [{"heading": "Learning forum", "body": "It meets again on Thursday."}]}]
        }
    )


class BulletinQuery(PageQuery):
    campaign_id: Id | None = None
    state: ContentState | None = None
    audience: Audience | None = None
    q: str | None = Field(None, max_length=100, description="Search titles.")
    sort: Literal["-id", "id", "period_start", "-period_start"] = "-id"


@router.get("", response=Page[BulletinOut], summary="List bulletins")
def list_bulletins(request: ApiRequest, query: Query[BulletinQuery]) -> Any:
    rows = shared_filters(Bulletin.objects.prefetch_related("sections"), query)
    return page(rows, query, sort=query.sort)


@router.post("", response={201: BulletinOut}, summary="Plan a bulletin")
def create_bulletin(request: ApiRequest, payload: BulletinIn) -> Any:
    with _names_of_the_api():
        return Status(201, services.plan_bulletin(by=request.principal, **_rows(payload.model_dump())))


@router.get("/{bulletin_id}", response=BulletinOut, summary="Read a bulletin")
def get_bulletin(request: ApiRequest, bulletin_id: Id) -> Bulletin:
    return get_object_or_404(Bulletin, pk=bulletin_id)


@router.patch("/{bulletin_id}", response=BulletinOut, summary="Change the given fields")
@atomic
def change_bulletin(request: ApiRequest, bulletin_id: Id, payload: BulletinPatch) -> Bulletin:
    """A change to approved content sends it back to review."""
    row = get_object_or_404(Bulletin.objects.select_for_update(), pk=bulletin_id)
    preconditions.check(request, BulletinOut, row)
    with _names_of_the_api():
        return services.change_bulletin(
            bulletin=row,
            changes=_rows(payload.submitted_fields(without={"keep_approval"})),
            by=request.principal,
            keep_approval=payload.keep_approval,
        )


def _rows(given: dict[str, Any]) -> dict[str, Any]:
    """The rows that the ids of a body name. Raises ProblemError (422) where there is none."""
    for name, model in (("campaign", Campaign), ("picture", Picture)):
        if f"{name}_id" in given:
            pk = given.pop(f"{name}_id")
            given[name] = None if pk is None else require_row(model, pk, field=f"{name}_id")
    for number, section in enumerate(given.get("sections", [])):
        pk = section.pop("team_id", None)
        section["team"] = None if pk is None else require_row(Team, pk, field=f"sections.{number}.team_id")
    return given


@contextmanager
def _names_of_the_api() -> Iterator[None]:
    """The room speaks of a section's team, the API of its id."""
    try:
        yield
    except InvalidBulletin as error:
        if error.field and error.field.endswith(".team"):
            error.field += "_id"
        raise
