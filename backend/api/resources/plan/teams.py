"""Teams that hire, host events and stand in the spotlight."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, Title, patch_of
from campaigns.planning.models import Team
from campaigns.planning.services import organisation as organisation_services

router = Router(tags=["teams"])


class TeamOut(Schema):
    id: int
    name: str
    location: str
    created_at: datetime


class TeamFields(In):
    name: Title
    location: str = Field("", max_length=200)


class TeamIn(TeamFields):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Jade ward", "location": "Crawley"}]})


class TeamPatch(patch_of(TeamFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"location": "Crawley, first floor"}]})


class TeamQuery(PageQuery):
    q: str | None = Field(None, max_length=100, description="Search names.")
    sort: Literal["-id", "id", "name", "-name"] = "-id"


@router.get("", response=Page[TeamOut], summary="List teams")
def list_teams(request: ApiRequest, query: Query[TeamQuery]) -> Any:
    rows = Team.objects.filter(name__icontains=query.q) if query.q else Team.objects.all()
    return page(rows, query, sort=query.sort)


@router.post("", response={201: TeamOut}, summary="Add a team")
def create_team(request: ApiRequest, payload: TeamIn) -> Any:
    return Status(201, organisation_services.add_team(**payload.model_dump()))


@router.get("/{team_id}", response=TeamOut, summary="Read a team")
def get_team(request: ApiRequest, team_id: Id) -> Team:
    return get_object_or_404(Team, pk=team_id)


@router.patch("/{team_id}", response=TeamOut, summary="Change the given fields")
@atomic
def change_team(request: ApiRequest, team_id: Id, payload: TeamPatch) -> Team:
    row = get_object_or_404(Team.objects.select_for_update(), pk=team_id)
    preconditions.check(request, TeamOut, row)
    return organisation_services.change_team(team=row, changes=payload.submitted_fields())
