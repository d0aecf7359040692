"""Reports. Every figure links to the hires behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from ninja import Field, Query, Router, Schema

from backend.accounts import roles
from backend.api.problems import ProblemError
from backend.api.resources.recruiting.hires import check_period
from backend.api.schemas import ApiRequest, Day
from campaigns.hiring import disclosure_control, reports
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import AttributionModel

router = Router(tags=["reports"])
HIRES_URL = Field(description="The hires behind this figure; null if your role cannot see them.")
TOTAL = Field(description="Null: too small for your role to be told.")


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
    period: ReportPeriod = Field(description="The days that were counted.")
    model: AttributionModel
    by: reports.Grouping
    exact: bool = Field(description="False: rounded, and without figures of fewer than 8, for your role.")
    total: int | None = TOTAL
    recorded: int | None = TOTAL
    not_recorded: int | None = TOTAL
    share_not_recorded: float | None = Field(description="Rounded to 4 places; null where the figure is.")
    hires_url: str | None = HIRES_URL
    recorded_hires_url: str | None = HIRES_URL
    not_recorded_hires_url: str | None = HIRES_URL
    rows: list[GroupedFigureOut] = Field(description="The most hires first; the row without a key last.")


class SourceOfHireQuery(Schema):
    from_: Day = Field(alias="from", description="First day of acceptance.")
    to: Day = Field(description="Last day of acceptance, included.")
    model: AttributionModel = AttributionModel.FIRST
    by: reports.Grouping = reports.Grouping.CHANNEL


@router.get("/source-of-hire", response=SourceOfHireOut, by_alias=True, summary="Count hires by their source")
def get_source_of_hire(request: ApiRequest, query: Query[SourceOfHireQuery]) -> Any:
    """Tracked and stated sources are kept apart, and hires without a source are counted as such.

    Roles that may list hires get exact figures for any period. So that nobody can be singled out, all other roles ask
    for one financial year (`from` 1 April, `to` 31 March; anything else is refused with `small_numbers`), of which
    whole quarters that are over are counted. Their figures are rounded to 5; rows of fewer than 8 hires are left out,
    and so may be none; totals under 8 are null, and 0 only where there is no hire at all; rows have no `sources`.
    Such figures need not add up."""
    check_period(query.from_, query.to)
    may_open = roles.may(request.principal.role, "read hires")
    report = _report(query, exact=may_open)
    link = _linker(query, may_open=may_open)
    return {
        "definition": report.definition,
        "period": {"from": report.period.start, "to": report.period.end},
        "model": report.model,
        "by": report.by,
        "exact": report.exact,
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


def _report(query: SourceOfHireQuery, *, exact: bool) -> reports.SourceOfHire:
    asked = reports.source_of_hire if exact else disclosure_control.source_of_hire
    try:
        return asked(start=query.from_, end=query.to, model=query.model, by=query.by)
    except InvalidHiring as refusal:
        raise ProblemError(422, refusal.code, str(refusal), field="to") from refusal


def _linker(query: SourceOfHireQuery, *, may_open: bool) -> Link:
    common = {"from": query.from_, "to": query.to, "model": query.model.value}

    def link(chosen: dict[str, Any]) -> str | None:
        return f"{reverse('api:list_hires')}?{urlencode(common | chosen)}" if may_open else None

    return link


def _shown(row: reports.Row, by: reports.Grouping, link: Link) -> dict[str, Any]:
    chosen = (
        _channel(row) if by == reports.Grouping.CHANNEL else {f"{by.value}_id": "none" if row.key is None else row.key}
    )
    sources = [_line(source, link(chosen | _channel(source))) for source in row.sources]
    return _line(row, link(chosen)) | {"sources": sources}


def _channel(row: reports.Row) -> dict[str, Any]:
    return {"recorded": "false"} if row.key is None else {"channel_id": row.key}


def _line(row: reports.Row, hires_url: str | None) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "hires": row.hires, "share": row.share_rounded, "hires_url": hires_url}
