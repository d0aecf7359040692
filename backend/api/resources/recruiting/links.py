"""Tracked links: short addresses that tell which channel somebody came through."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api.paging import Page, PageQuery, page
from backend.api.rows import require_row
from backend.api.schemas import ApiRequest, Id, In
from campaigns.hiring import links, visits
from campaigns.hiring.models import NotCounted, TrackedLink
from campaigns.planning import organisation_clock
from campaigns.planning.models import Channel, Content
from campaigns.website import addresses

router = Router(tags=["links"])


class LinkOut(Schema):
    id: int
    code: str
    url: str = Field(description="What to print, post or turn into a QR code.")
    target: str = Field(description="Where it leads.")
    channel_id: int
    content_id: int
    publication_id: int | None = Field(description="The publication it was created for; null for one created manually.")
    created_at: datetime

    @staticmethod
    def resolve_url(link: Any) -> str:
        return addresses.link_url(link.code)


DAYS = 30


class DailyVisitsOut(Schema):
    day: date
    visits: int


class LinkVisitsOut(LinkOut):
    visits: int = Field(description="Visits counted as people.")
    visits_by_day: list[DailyVisitsOut] = Field(description="The last 30 days of the organisation, today the last.")
    not_counted: dict[str, int] = Field(
        description=(
            "Visits counted separately, by reason: head, prefetch, crawler, repeat (the same visitor within an hour)."
        )
    )

    @staticmethod
    def resolve_visits(link: Any) -> int:
        return int(link.openings[NotCounted.COUNTED])

    @staticmethod
    def resolve_visits_by_day(link: Any) -> list[dict[str, Any]]:
        today = organisation_clock.today()
        days = visits.by_day(link, start=today - timedelta(days=DAYS - 1), end=today)
        return [{"day": day, "visits": number} for day, number in days]

    @staticmethod
    def resolve_not_counted(link: Any) -> dict[str, int]:
        return {reason: number for reason, number in link.openings.items() if reason}


class LinkIn(In):
    channel_id: Id
    content_id: Id
    target: str | None = Field(
        None,
        max_length=1000,
        description="http or https. Left out: a vacancy's application address, or the content's own page.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel_id": 1,
                    "content_id": 1,
                    "target": "https://jobs.example.org/354-NUR-2031?utm_source=hospital-radio",
                }
            ]
        }
    )


class LinkQuery(PageQuery):
    channel_id: Id | None = None
    content_id: Id | None = None
    campaign_id: Id | None = Field(None, description="The campaign of its content.")
    publication_id: Id | None = None
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[LinkOut], summary="List tracked links")
def list_links(request: ApiRequest, query: Query[LinkQuery]) -> Any:
    wanted = {name: getattr(query, name) for name in ("channel_id", "content_id", "publication_id")}
    wanted["content__campaign_id"] = query.campaign_id
    rows = TrackedLink.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return page(rows, query, sort=query.sort)


@router.post("", response={201: LinkOut}, summary="Create a tracked link for a channel without publications")
def create_link(request: ApiRequest, payload: LinkIn) -> Any:
    """For a poster, a stall, a leaflet. Publications get theirs by themselves."""
    content = require_row(Content, payload.content_id, field="content_id")
    channel = require_row(Channel, payload.channel_id, field="channel_id")
    page_url = addresses.page_of(content)
    return Status(201, links.make_link(channel=channel, content=content, target=payload.target, page_url=page_url))


@router.get("/{link_id}", response=LinkVisitsOut, summary="Read a tracked link with its visits")
def get_link(request: ApiRequest, link_id: Id) -> Any:
    link: Any = get_object_or_404(TrackedLink, pk=link_id)
    link.openings = visits.by_reason(link)
    return link
