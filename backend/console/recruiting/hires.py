"""Hires: who was taken on, from what, and which were taken back."""

from __future__ import annotations

from collections.abc import Iterator
from types import EllipsisType
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from backend.console.frame import authorization, downloads, paging
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm
from backend.console.recruiting import fields as recruiting
from backend.console.recruiting import journey
from backend.console.recruiting.fields import NONE
from campaigns.hiring import reports, services
from campaigns.hiring.models import AttributionModel, Hire, HireState, Stage
from campaigns.hiring.models.hire import HireQuerySet
from campaigns.planning import organisation_clock
from campaigns.planning.models import Campaign, Channel, Team

SORTS = ("-accepted_on", "accepted_on")
COLUMNS = (
    *("state", "accepted_on", "started_on", "candidate__reference"),
    *("vacancy__title", "vacancy__reference", "vacancy__team__name"),
)
COUNTED = "counted"
ALWAYS = (organisation_clock.FIRST_DAY, organisation_clock.LAST_DAY)


class HireFilter(recruiting.FilterForm):
    period = ("from", "to")
    to = recruiting.day("To", required=False)
    order = ("from", "to", "state", "vacancy_reference", "team", "campaign", "channel", "model")

    def __init__(self, asked: Any, channels: dict[int, str]) -> None:
        super().__init__(asked)
        self.fields["from"] = recruiting.day("Accepted from", required=False)
        self.fields["state"] = recruiting.one_of("Status", [(COUNTED, "All except reversed"), *HireState.choices])
        self.fields["team"] = recruiting.one_of("Team", Team.objects.values_list("pk", "name"), without="No team")
        self.fields["campaign"] = recruiting.one_of(
            "Campaign", Campaign.objects.values_list("pk", "name"), without="No campaign"
        )
        self.fields["channel"] = recruiting.one_of("Source", channels.items(), without=reports.NOT_RECORDED)
        self.fields["model"] = forms.ChoiceField(label="Credit by", required=False, choices=AttributionModel.choices)
        self.order_fields(self.order)

    @property
    def credit(self) -> AttributionModel:
        return AttributionModel(self.cleaned_data.get("model") or AttributionModel.FIRST)

    def rows(self) -> HireQuerySet:
        """With a channel exactly the hires behind a report's figure; without one all, also the reversed."""
        if not self.is_valid():
            return Hire.objects.none()
        asked = self.cleaned_data
        start, end = (asked[name] or always for name, always in zip(self.period, ALWAYS, strict=True))
        if asked["channel"]:
            rows = reports.hires_of_figure(start=start, end=end, model=self.credit, channel=_key(asked["channel"]))
        else:
            rows = Hire.objects.accepted_between(start, end).credited(self.credit)
        if asked["state"] == COUNTED:
            rows = rows.counted()
        elif asked["state"]:
            rows = rows.filter(state=asked["state"])
        if asked["vacancy_reference"]:
            rows = rows.filter(vacancy=asked["vacancy_reference"])
        for name in ("team", "campaign"):
            if asked[name]:
                rows = rows.filter(**{f"vacancy__{name}": _key(asked[name])})
        return rows


def _key(asked: str) -> int | EllipsisType | None:
    return None if asked == NONE else int(asked)


@authorization.page_view("read hires")
def hires(request: Request) -> HttpResponseBase:
    channels = dict(Channel.objects.values_list("pk", "name"))
    form = HireFilter(request.GET, channels)
    rows = form.rows().select_related("candidate", "vacancy__team").only(*COLUMNS)
    sort = paging.sorting(request.GET, SORTS)
    if request.GET.get("format") == "csv":
        order = [sort, "-pk" if sort.startswith("-") else "pk"]
        head = ("Candidate", "Job", "Job reference", "Team", "Status", "Accepted", "Started")
        source = f"Source, {form.credit.label.lower()}"
        return downloads.csv_file(downloads.dated("hires"), (*head, source), _lines(rows.order_by(*order), channels))
    pages = paging.page(rows, request, sort=sort)
    told = [(row, _source(row, channels)) for row in pages.rows]
    accepted = paging.head("accepted_on", sort, first="-accepted_on")
    context = {"form": form, "pages": pages, "told": told, "accepted": accepted}
    return render(request, "console/recruiting/hires.html", context)


def _source(row: Hire, channels: dict[int, str]) -> str:
    credited: int | None = row.credited_channel_id  # type: ignore[attr-defined]
    if row.state == HireState.REVERSED:
        return "None: reversed"
    return channels[credited] if credited is not None else reports.NOT_RECORDED


def _lines(rows: QuerySet[Hire], channels: dict[int, str]) -> Iterator[list[object]]:
    return (
        [
            row.candidate.reference,
            row.vacancy.title,
            row.vacancy.reference,
            row.vacancy.team.name if row.vacancy.team else "",
            row.get_state_display(),
            row.accepted_on,
            row.started_on,
            _source(row, channels),
        ]
        for row in rows.iterator(chunk_size=downloads.AT_ONCE)
    )


@authorization.page_view("read hires")
def hire(request: Request, hire_id: int) -> HttpResponse:
    row = get_object_or_404(_whole(), pk=hire_id)
    met = journey.journey_of(row.candidate, row)
    context = {
        "row": row,
        "met": met,
        "steps": journey.journey_steps(row, met),
        "line": journey.in_one_line(row, met),
        "definitions": [reports.DEFINITIONS[model] for model in AttributionModel],
    }
    return render(request, "console/recruiting/hire.html", context)


class StartForm(EditForm):
    started_on = recruiting.day(
        "Started on", help_text="On or after the day the offer was accepted, and not in the future."
    )


class ReverseForm(EditForm):
    stage = forms.ChoiceField(
        label="Why",
        choices=[
            (Stage.WITHDRAWN.value, "The candidate withdrew"),
            (Stage.REJECTED.value, "We withdrew the offer: rejected"),
            (Stage.OFFERED.value, "Recorded by mistake: back to offered"),
        ],
        widget=forms.RadioSelect,
    )


def _seen(row: Hire) -> dict[str, Any]:
    return {"state": row.get_state_display(), "accepted_on": row.accepted_on}


@authorization.form_view("start hire")
def start_hire(request: Request, hire_id: int) -> HttpResponse:
    row = _locked(request, hire_id)
    form = StartForm(request.POST or None, values=_seen(row))
    if form.perform(lambda: services.start_hire(hire=row, started_on=form.cleaned_data["started_on"], by=request.user)):
        messages.success(request, f"{row.candidate.reference} has started.")
        return redirect("console:hire", hire_id)
    return render(request, "console/recruiting/start_hire.html", {"row": row, "form": form})


@authorization.form_view("reverse hire")
def reverse_hire(request: Request, hire_id: int) -> HttpResponse:
    """Asks first, and says what becomes of the figures."""
    row = _locked(request, hire_id)
    form = ReverseForm(request.POST or None, values=_seen(row))
    if form.perform(lambda: services.reverse_hire(hire=row, stage=Stage(form.cleaned_data["stage"]), by=request.user)):
        messages.success(request, f"The hire of {row.candidate.reference} has been reversed and no longer counts.")
        return redirect("console:hire", hire_id)
    context = {"row": row, "form": form, "met": journey.journey_of(row.candidate, row)}
    return render(request, "console/recruiting/reverse_hire.html", context)


def _whole() -> QuerySet[Hire]:
    return Hire.objects.select_related(
        "candidate__stated_channel", "candidate__vacancy", "vacancy__team", "vacancy__campaign", "recorded_by"
    )


def _locked(request: Request, hire_id: int) -> Hire:
    """The hire and, because its services move the candidate too, nobody else at the same time."""
    rows = _whole().select_for_update(of=("self",), no_key=True) if request.method == "POST" else _whole()
    return get_object_or_404(rows, pk=hire_id)


urlpatterns = [
    path("hires", hires, name="hires"),
    path("hires/<int:hire_id>", hire, name="hire"),
    path("hires/<int:hire_id>/start", start_hire, name="start_hire"),
    path("hires/<int:hire_id>/reverse", reverse_hire, name="reverse_hire"),
]
