"""Campaigns: named efforts with a purpose, dates, a target and a budget."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Day, Id, In, Pence, Slug, Title, patch_of
from campaigns.planning.models import Campaign
from campaigns.planning.services import campaigns as campaigns_services

router = Router(tags=["campaigns"])


class CampaignOut(Schema):
    id: int
    name: str
    slug: str
    purpose: Campaign.Purpose
    summary: str
    starts_on: date
    ends_on: date | None
    target_hires: int | None
    budget_pence: int | None
    rhythm_days: int | None = Field(description="The calendar shows a hint for longer gaps.")
    hashtags: list[str]
    created_at: datetime


class CampaignFields(In):
    name: Title
    slug: Slug = Field("", max_length=100, description="Created from the name if left out.")
    purpose: Campaign.Purpose
    summary: str = Field("", max_length=5000)
    starts_on: Day
    ends_on: Day | None = None
    target_hires: int | None = Field(None, ge=0, le=1_000_000)
    budget_pence: Pence | None = None
    rhythm_days: int | None = Field(None, ge=1, le=366, description="Publish something at least every this many days.")
    hashtags: list[str] = Field([], max_length=20, description="With or without their #.")


class CampaignIn(CampaignFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Nurses for Langley Green, autumn 2030",
                    "purpose": "recruitment",
                    "summary": "Vacancies told openly on social media and on the hospital's blog.",
                    "starts_on": "2030-09-01",
                    "ends_on": "2030-10-31",
                    "target_hires": 13,
                    "budget_pence": 250000,
                    "rhythm_days": 7,
                    "hashtags": ["NHSJobs", "MentalHealthNursing"],
                }
            ]
        }
    )


class CampaignPatch(patch_of(CampaignFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"target_hires": 15, "ends_on": "2030-11-30"}]})


class CampaignQuery(PageQuery):
    purpose: Campaign.Purpose | None = None
    q: str | None = Field(None, max_length=100, description="Search names.")
    sort: Literal["-id", "id", "starts_on", "-starts_on"] = "-id"


@router.get("", response=Page[CampaignOut], summary="List campaigns")
def list_campaigns(request: ApiRequest, query: Query[CampaignQuery]) -> Any:
    rows = Campaign.objects.all()
    if query.purpose is not None:
        rows = rows.filter(purpose=query.purpose)
    if query.q:
        rows = rows.filter(name__icontains=query.q)
    return page(rows, query, sort=query.sort)


@router.post("", response={201: CampaignOut}, summary="Plan a campaign")
def create_campaign(request: ApiRequest, payload: CampaignIn) -> Any:
    return Status(201, campaigns_services.add_campaign(**payload.model_dump()))


@router.get("/{campaign_id}", response=CampaignOut, summary="Read a campaign")
def get_campaign(request: ApiRequest, campaign_id: Id) -> Campaign:
    return get_object_or_404(Campaign, pk=campaign_id)


@router.patch("/{campaign_id}", response=CampaignOut, summary="Change the given fields")
@atomic
def change_campaign(request: ApiRequest, campaign_id: Id, payload: CampaignPatch) -> Campaign:
    row = get_object_or_404(Campaign.objects.select_for_update(), pk=campaign_id)
    preconditions.check(request, CampaignOut, row)
    return campaigns_services.change_campaign(campaign=row, changes=payload.submitted_fields())
