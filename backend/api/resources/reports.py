"""Reports. Every figure links to the hires behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from ninja import Field, Query, Router, Schema

from backend.accounts import roles
from backend.api.resources.hires import check_period
from backend.api.schemas import ApiRequest, Day
from campaigns.hiring import reports
from campaigns.hiring.models import AttributionModel

router = Router(tags=["reports"])
HIRES_URL = Field(description="The hires behind this figure; null for whoever may not open them.")


class ReportPeriod(Schema):
    from_: date = Field(alias="from")
    to: date


class FigureOut(Schema):
    key: int | None = Field(description="Id of the channel, team or campaign; null: not recorded, or without one.")
    name: str
    hires: int
    share: float = Field(description="Of all hires of the report, or of the row above; rounded to 4 places.")
    hires_url: str | None = HIRES_URL


class GroupedFigureOut(FigureOut):
    sources: list[FigureOut] = Field(description="By team or campaign: its hires by channel.")


class SourceOfHireOut(Schema):
    definition: str = Field(description="What the figures mean. Show it beside them.")
    period: ReportPeriod
    model: AttributionModel
    by: reports.By
    total: int
    recorded: int
    not_recorded: int
    share_not_recorded: float = Field(description="Rounded to 4 places.")
    hires_url: str | None = HIRES_URL
    recorded_hires_url: str | None = HIRES_URL
    not_recorded_hires_url: str | None = HIRES_URL
    rows: list[GroupedFigureOut] = Field(description="The most hires first; the row without a key last.")


class SourceOfHireQuery(Schema):
    from_: Day = Field(alias="from", description="First day of acceptance.")
    to: Day = Field(description="Last day of acceptance, included.")
    model: AttributionModel = AttributionModel.FIRST
    by: reports.By = reports.By.CHANNEL


@router.get("/source-of-hire", response=SourceOfHireOut, by_alias=True, summary="Count hires by their source")
def get_source_of_hire(request: ApiRequest, query: Query[SourceOfHireQuery]) -> Any:
    """Tracked and stated sources are kept apart, and hires without a source are counted as such."""
    check_period(query.from_, query.to)
    report = reports.source_of_hire(start=query.from_, end=query.to, model=query.model, by=query.by)
    link = _linker(request, query)
    return {
        "definition": report.definition,
        "period": {"from": report.period.start, "to": report.period.end},
        "model": report.model,
        "by": report.by,
        "total": report.total,
        "recorded": report.recorded,
        "not_recorded": report.not_recorded,
        "share_not_recorded": report.share_not_recorded_rounded,
        "hires_url": link({}),
        "recorded_hires_url": link({"recorded": "true"}),
        "not_recorded_hires_url": link({"recorded": "false"}),
        "rows": [_shown(row, report.by, link) for row in report.rows],
    }


Link = Callable[[dict[str, Any]], str | None]


def _linker(request: ApiRequest, query: SourceOfHireQuery) -> Link:
    may_open = request.principal.role in roles.OPERATIONS["hires.list_hires"]
    common = {"from": query.from_, "to": query.to, "model": query.model.value}

    def link(chosen: dict[str, Any]) -> str | None:
        return f"{reverse('api:list_hires')}?{urlencode(common | chosen)}" if may_open else None

    return link


def _shown(row: reports.Row, by: reports.By, link: Link) -> dict[str, Any]:
    chosen = _channel(row) if by == reports.By.CHANNEL else {f"{by.value}_id": "none" if row.key is None else row.key}
    sources = [_line(source, link(chosen | _channel(source))) for source in row.sources]
    return _line(row, link(chosen)) | {"sources": sources}


def _channel(row: reports.Row) -> dict[str, Any]:
    return {"recorded": "false"} if row.key is None else {"channel_id": row.key}


def _line(row: reports.Row, hires_url: str | None) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "hires": row.hires, "share": row.share_rounded, "hires_url": hires_url}
