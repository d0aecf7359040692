"""Source of hire: which channel, team or campaign hires came from, down to the rows. Whoever may not open the rows
sees what campaigns.hiring.disclosure_control tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse

from backend.console.frame import authorization, downloads, paging
from backend.console.frame.authorization import Request
from backend.console.frame.forms import DayField, Form
from campaigns.figures import periods
from campaigns.figures.periods import Period
from campaigns.hiring import disclosure_control, reports
from campaigns.hiring.models import AttributionModel, Hire
from campaigns.planning import organisation_clock
from campaigns.planning.models import Campaign, Channel, Team

YEARS = 10
"""How many financial years a reader may choose from."""
PERIODS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "months": ("Last 12 months", periods.twelve_months_to),
    "quarter": ("This quarter", periods.quarter_of),
    "last_quarter": ("Last quarter", periods.quarter_before),
    "year": ("This financial year", lambda day: periods.financial_year(periods.financial_year_of(day))),
    "last_year": ("Last financial year", lambda day: periods.financial_year(periods.financial_year_of(day) - 1)),
}
ROWS = "read hires"
"""Who may do this sees exact figures, and opens them."""


class CustomPeriodForm(Form):
    """The two days of a period of one's own, from the address."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["from"] = DayField(label="From")
        self.fields["to"] = DayField(label="To")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("from"), cleaned.get("to")
        if start and end and end < start:
            self.add_error("to", "The end date is before the start date. Choose a later end date.")
        return cleaned


@dataclass(frozen=True)
class ReportQuery:
    """What the address asks for. `value` is the choice of period or year, `dates` the form of own dates."""

    period: Period
    value: str
    model: AttributionModel
    by: reports.Grouping
    exact: bool
    dates: CustomPeriodForm

    @property
    def choices(self) -> list[tuple[str, str]]:
        if self.exact:
            own = [("own", "Custom dates")] if self.value == "own" else []
            return [(value, label) for value, (label, _) in PERIODS.items()] + own
        latest = disclosure_control.latest(organisation_clock.today())
        return [(str(year), periods.format_financial_year(year)) for year in range(latest, latest - YEARS, -1)]

    @property
    def places(self) -> int:
        """Of a share, as floatformat takes them: one where it is not 0, or none."""
        return -1 if self.exact else 0

    @property
    def address(self) -> str:
        """Of the report on these days."""
        query = {"period": "own", "from": self.period.start, "to": self.period.end, "model": self.model.value}
        return f"{reverse('console:source_of_hire')}?{urlencode(query)}"

    def report(self, model: AttributionModel, by: reports.Grouping) -> reports.SourceOfHire:
        asked = reports.source_of_hire if self.exact else disclosure_control.source_of_hire
        return asked(start=self.period.start, end=self.period.end, model=model, by=by)

    def rows(self, model: AttributionModel | None = None, **chosen: Any) -> str:
        """The address of the hires behind a figure; none for whoever may not open them."""
        if not self.exact:
            return ""
        common = {"from": self.period.start, "to": self.period.end, "model": (model or self.model).value}
        return f"{reverse('console:source_of_hire_rows')}?{urlencode(common | chosen)}"


@dataclass(frozen=True)
class ReportFigure:
    """A number (None: too small to be told) with the address of its rows, and its share."""

    name: str
    hires: int | None
    address: str = ""
    percent: float = 0
    parts: tuple[ReportFigure, ...] = ()


@authorization.page_view("read reports")
def source_of_hire(request: Request) -> HttpResponseBase:
    asked = _asked(request)
    if asked.dates.is_bound and not asked.dates.is_valid():
        return render(request, "console/reports/source_of_hire.html", _choices(asked), status=422)
    report = asked.report(asked.model, asked.by)
    if request.GET.get("format") == "csv":
        return _file(asked, report)
    context = _choices(asked) | {
        "report": report,
        "figures": _figures(asked, report.rows),
        "total": ReportFigure("Hires", report.total, asked.rows()),
        "recorded": ReportFigure("With a source", report.recorded, asked.rows(recorded="true")),
        "not_recorded": ReportFigure("Not recorded", report.not_recorded, asked.rows(recorded="false")),
        "compared": _compared(asked, report) if asked.by is reports.Grouping.CHANNEL and report.rows else [],
        "part_of_year": not asked.exact and report.period != asked.period,
        "smallest": disclosure_control.SMALLEST,
        "earlier": _earlier(asked) if not report.total else "",
    }
    return render(request, "console/reports/source_of_hire.html", context)


def _asked(request: Request) -> ReportQuery:
    given = request.GET
    exact = authorization.has_permission(request.user, ROWS)
    dates = CustomPeriodForm()
    if not exact:
        value, period = _year(given.get("period", ""))
    elif given.get("period") == "own" or (given.get("from") and not given.get("period")):
        dates = CustomPeriodForm(given)
        value, period = "own", periods.twelve_months_to(organisation_clock.today())
        if dates.is_valid():
            period = Period(dates.cleaned_data["from"], dates.cleaned_data["to"])
    else:
        value = given.get("period") if given.get("period") in PERIODS else "months"  # type: ignore[assignment]
        period = PERIODS[value][1](organisation_clock.today())
    if not dates.is_bound:
        dates = CustomPeriodForm(initial={"from": period.start, "to": period.end})
    return ReportQuery(period, value, _model(given), _by(given), exact, dates)


def _year(given: str) -> tuple[str, Period]:
    latest = disclosure_control.latest(organisation_clock.today())
    year = int(given) if given.isdecimal() and len(given) == 4 else latest
    year = year if latest - YEARS < year <= latest else latest
    return str(year), periods.financial_year(year)


def _model(given: Any) -> AttributionModel:
    wanted = given.get("model", "")
    return AttributionModel(wanted) if wanted in AttributionModel.values else AttributionModel.FIRST


def _by(given: Any) -> reports.Grouping:
    wanted = given.get("by", "")
    return reports.Grouping(wanted) if wanted in reports.Grouping.values else reports.Grouping.CHANNEL


def _choices(asked: ReportQuery) -> dict[str, Any]:
    return {"asked": asked, "form": asked.dates, "models": AttributionModel.choices, "groups": reports.Grouping.choices}


def _figures(asked: ReportQuery, rows: tuple[reports.Row, ...]) -> list[ReportFigure]:
    return [
        ReportFigure(
            row.name,
            row.hires,
            asked.rows(**_key(asked.by, row)),
            _percent(row),
            tuple(
                ReportFigure(part.name, part.hires, asked.rows(**_key(asked.by, row), **_channel(part)))
                for part in row.sources
            ),
        )
        for row in rows
    ]


def _key(by: reports.Grouping, row: reports.Row) -> dict[str, Any]:
    return {by.value: "none" if row.key is None else row.key}


def _channel(row: reports.Row) -> dict[str, Any]:
    return _key(reports.Grouping.CHANNEL, row)


def _percent(row: reports.Row) -> float:
    return round(float(row.share * 100), 1)


def _compared(asked: ReportQuery, report: reports.SourceOfHire) -> list[tuple[str, list[ReportFigure]]]:
    """Each channel under all models, side by side."""
    told = {model: report if model is asked.model else asked.report(model, asked.by) for model in AttributionModel}
    names: dict[int | None, str] = {}
    for other in told.values():
        names |= {row.key: row.name for row in other.rows if row.key is not None}
    names |= {None: reports.NOT_RECORDED}
    found = {(model, row.key): row for model, other in told.items() for row in other.rows}
    lines = []
    for key, name in names.items():
        line = []
        for model in AttributionModel:
            row = found.get((model, key))
            address = asked.rows(model, **_channel(row)) if row else ""
            line.append(ReportFigure(name, row.hires if row else 0 if asked.exact else None, address))
        lines.append((name, line))
    return lines


def _earlier(asked: ReportQuery) -> str:
    """Where all hires stand, for whoever may know when the first one was."""
    first = Hire.objects.counted().order_by("accepted_on").first() if asked.exact else None
    if first is None or asked.period.start <= first.accepted_on:
        return ""
    span = {"period": "own", "from": first.accepted_on, "to": organisation_clock.today()}
    return "?" + urlencode(span | {"model": asked.model.value, "by": asked.by.value})


def _file(asked: ReportQuery, report: reports.SourceOfHire) -> StreamingHttpResponse:
    period = report.period
    told = [period.start, period.end, report.model.label, "exact" if report.exact else "rounded"]
    rows = (told + line for line in _lines(report))
    name = f"source-of-hire-by-{asked.by.value}-{period.start}-{period.end}"
    head = ["From", "To", "Credit", "Figures", asked.by.label, "Source", "Hires", "Share"]
    return downloads.csv_file(name, head, rows)


def _lines(report: reports.SourceOfHire) -> Iterator[list[Any]]:
    for row in report.rows:
        yield [row.name, "All", row.hires, row.share_rounded]
        for part in row.sources:
            yield [row.name, part.name, part.hires, part.share_rounded]
    yield ["All", "All", f"Fewer than {disclosure_control.SMALLEST}" if report.total is None else report.total, ""]


@authorization.page_view(ROWS)
def source_of_hire_rows(request: Request) -> HttpResponse:
    asked = _asked(request)
    if asked.dates.is_bound and not asked.dates.is_valid():
        raise Http404("No such period.")
    chosen, words = _chosen(request)
    hires = reports.hires_of_figure(start=asked.period.start, end=asked.period.end, model=asked.model, **chosen)
    pages = paging.page(hires.select_related("candidate", "vacancy"), request, sort="-accepted_on")
    credited: list[int | None] = [getattr(hire, "credited_channel_id") for hire in pages.rows]  # noqa: B009
    channels = Channel.objects.in_bulk([pk for pk in credited if pk])
    context = {
        "asked": asked,
        "words": words,
        "pages": pages,
        "rows": [
            (hire, channels[pk].name if pk else reports.NOT_RECORDED)
            for hire, pk in zip(pages.rows, credited, strict=True)
        ],
    }
    return render(request, "console/reports/source_of_hire_rows.html", context)


def _chosen(request: HttpRequest) -> tuple[dict[str, Any], list[str]]:
    """What hires_behind is asked for, and the same in words. Raises Http404 for what is not there."""
    chosen: dict[str, Any] = {}
    words = []
    kinds: dict[str, tuple[Any, str]] = {
        "channel": (Channel, "source not recorded"),
        "team": (Team, "no team"),
        "campaign": (Campaign, "no campaign"),
    }
    for name, (model, none) in kinds.items():
        given = request.GET.get(name, "")
        if given == "none":
            chosen[name] = None
            words.append(none)
        elif given:
            row = model.objects.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None
            if row is None:
                raise Http404(f"No such {name}.")
            chosen[name] = row.pk
            words.append(str(row))
    recorded = request.GET.get("recorded", "")
    if recorded in ("true", "false"):
        chosen["recorded"] = recorded == "true"
        words.append("with a source" if chosen["recorded"] else "source not recorded")
    return chosen, words


urlpatterns = [
    path("results/source-of-hire", source_of_hire, name="source_of_hire"),
    path("results/source-of-hire/hires", source_of_hire_rows, name="source_of_hire_rows"),
]
