"""Candidates: where each stands, and where they heard of us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.frame import authorization, downloads, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form, WallTimeField
from backend.console.recruiting import fields as recruiting
from backend.console.recruiting import journey
from campaigns.hiring import services, states
from campaigns.hiring.models import Candidate, HireState, Stage, Touch
from campaigns.planning import organisation_clock
from campaigns.planning.models import Campaign, Channel, Event, Vacancy

SORTS = ("-pk", "pk", "reference", "-reference")
EVENTS = 200
"""Newest events that a check-in can be recorded for."""
COLUMNS = ("reference", "stage", "applied_at", "created_at", "vacancy__title", "vacancy__reference")
HEAD = ("Reference", "Stage", "Job", "Job reference", "Applied", "Recorded")


class CandidateFilter(recruiting.FilterForm):
    period = ("applied_from", "applied_to")
    reference = forms.CharField(label="Reference", required=False, max_length=60)
    applied_from = recruiting.day("Applied from", required=False)
    applied_to = recruiting.day("To", required=False)
    recorded_from = recruiting.day("Recorded from", required=False)
    field_order = ("reference", "stage", "vacancy_reference", "campaign", "applied_from", "applied_to", "recorded_from")

    def __init__(self, asked: Any) -> None:
        super().__init__(asked)
        self.fields["stage"] = recruiting.one_of("Stage", Stage.choices)
        self.fields["campaign"] = recruiting.one_of("Campaign", Campaign.objects.values_list("pk", "name"))
        self.order_fields(self.field_order)

    def rows(self) -> QuerySet[Candidate]:
        if not self.is_valid():
            return Candidate.objects.none()
        asked = self.cleaned_data
        rows = Candidate.objects.applied_between(asked["applied_from"], asked["applied_to"])
        if asked["reference"]:
            rows = rows.known_as(asked["reference"])
        if asked["recorded_from"]:
            rows = rows.recorded_since(asked["recorded_from"])
        columns = {"stage": "stage", "vacancy_reference": "vacancy", "campaign": "vacancy__campaign"}
        return rows.filter(**{column: asked[name] for name, column in columns.items() if asked[name]})


@authorization.page_view("read candidates")
def candidates(request: Request) -> HttpResponseBase:
    form = CandidateFilter(request.GET)
    rows = form.rows().select_related("vacancy")
    sort = paging.sorting(request.GET, SORTS)
    if request.GET.get("format") == "csv":
        order = [sort] if sort in ("pk", "-pk") else [sort, "pk"]
        return downloads.csv_file(downloads.dated("candidates"), HEAD, _lines(rows.only(*COLUMNS).order_by(*order)))
    pages = paging.page(rows.only(*COLUMNS, "name"), request, sort=sort)
    context = {
        "form": form,
        "pages": pages,
        "by_reference": paging.head("reference", sort, first="reference"),
        "by_age": paging.head("pk", sort, first="-pk"),
    }
    return render(request, "console/recruiting/candidates.html", context)


def _lines(rows: QuerySet[Candidate]) -> Iterator[list[object]]:
    """What the list shows, without names."""
    zone = timezone.get_current_timezone()

    def told(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""

    return (
        [
            row.reference,
            row.get_stage_display(),
            row.vacancy.title if row.vacancy else "",
            row.vacancy.reference if row.vacancy else "",
            told(row.applied_at),
            told(row.created_at),
        ]
        for row in rows.iterator(chunk_size=downloads.AT_ONCE)
    )


@authorization.page_view("read candidates")
def candidate(request: Request, candidate_id: int) -> HttpResponse:
    rows = Candidate.objects.select_related("vacancy__campaign", "stated_channel", "created_by", "hire__vacancy")
    row = get_object_or_404(rows, pk=candidate_id)
    hire = getattr(row, "hire", None)
    hired = hire is not None and hire.state != HireState.REVERSED
    context = {
        "row": row,
        "hire": hire,
        "hired": hired,
        "met": journey.journey_of(row, hire if hired else None),
        "stages": journey.stages(row),
        "open_to": states.allowed_stages(row),
        "can_be_hired": states.can_be_hired(row),
    }
    return render(request, "console/recruiting/candidate.html", context)


class CandidateFields(Form):
    reference = forms.CharField(
        label="Reference",
        max_length=60,
        help_text="The application reference, for example AR-180824-0417. Each must be unique.",
    )
    vacancy = recruiting.VacancyField(
        required=False, help_text=("Start typing the job reference, then choose from the list.")
    )
    applied_at = WallTimeField(label="Applied", required=False)
    stated_channel = forms.ModelChoiceField(
        Channel.objects.all(),
        label="Where did they hear about us?",
        required=False,
        empty_label="Not said",
        help_text="What the candidate told you. Kept separate from what we tracked.",
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        help_text="Name, email and phone are encrypted. Only HR and administrators can see them.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label="Phone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )


class NewCandidateForm(CandidateFields):
    RENAMED = {"at": "applied_at"}

    link_code = forms.CharField(
        label="Code of a tracked link",
        max_length=16,
        required=False,
        help_text="If the application includes one. We record it as where they heard about us.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class CandidateForm(EditForm, CandidateFields):
    pass


@authorization.form_view("add candidate")
def new_candidate(request: Request) -> HttpResponse:
    form = NewCandidateForm(request.POST or None, initial={"vacancy": _asked_vacancy(request)})

    def add() -> Candidate:
        applied_at = recruiting.moment(form.cleaned_data["applied_at"], "applied_at")
        return services.add_candidate(**{**form.cleaned_data, "applied_at": applied_at}, by=request.user)

    if row := form.perform(add):
        messages.success(request, f"{row.reference} was added.")
        return redirect("console:candidate", row.pk)
    return _page(request, form)


def _asked_vacancy(request: Request) -> Vacancy | None:
    row: Vacancy | None = parameters.named(Vacancy.objects, request.GET.get("vacancy", ""))
    return row


@authorization.form_view("change candidate")
def change_candidate(request: Request, candidate_id: int) -> HttpResponse:
    row = _row(request, candidate_id)
    values = {name: getattr(row, name) for name in CandidateFields.base_fields}
    values |= {name: values[name] or "" for name in ("name", "email", "phone")}
    # Two vacancies, or two channels, may be called alike.
    values |= {"vacancy_id": row.vacancy_id, "stated_channel_id": row.stated_channel_id}
    form = CandidateForm(request.POST or None, values=values)

    def change() -> Candidate:
        applied_at = recruiting.moment(form.cleaned_data["applied_at"], "applied_at", was=row.applied_at)
        changes = {**form.cleaned_data, "applied_at": applied_at}
        return services.change_candidate(candidate=row, changes=changes)

    if changed := form.perform(change):
        messages.success(request, f"{changed.reference} was changed.")
        return redirect("console:candidate", changed.pk)
    return _page(request, form, row)


def _page(request: Request, form: Form, row: Candidate | None = None) -> HttpResponse:
    way = [form_pages.step("Candidates", "candidates")]
    if row:
        way.append(form_pages.step(row.reference, "candidate", row.pk))
    return form_pages.render_form(
        request,
        form,
        heading=f"Change {row.reference}" if row else "Add a candidate",
        way=way,
        button="Save" if row else "Add candidate",
        help_text="Only the reference is required. Name, email and phone are optional.",
    )


class StageField(forms.ChoiceField):
    """Offers what is open from here; of any other stage the room says why not."""

    def valid_value(self, value: Any) -> bool:
        return value in Stage.values


class MoveForm(EditForm):
    stage = StageField(label="New stage", widget=forms.RadioSelect)
    at = WallTimeField(label="When", required=False, help_text="Leave empty for now.")

    def __init__(self, data: Any = None, *, row: Candidate) -> None:
        super().__init__(data, values={"stage": row.get_stage_display()})
        self.fields["stage"].choices = [(stage.value, stage.label) for stage in states.allowed_stages(row)]  # type: ignore[attr-defined]


@authorization.form_view("move candidate")
def move_candidate(request: Request, candidate_id: int) -> HttpResponse:
    row = _row(request, candidate_id)
    form = MoveForm(request.POST or None, row=row)

    def move() -> Candidate:
        at, stage = recruiting.moment(form.cleaned_data["at"], "at"), Stage(form.cleaned_data["stage"])
        return services.move_candidate(candidate=row, stage=stage, at=at, by=request.user)

    if moved := form.perform(move):
        messages.success(request, f"{moved.reference} is now at {moved.get_stage_display()}.")
        return redirect("console:candidate", moved.pk)
    context = {"row": row, "form": form, "open_to": states.allowed_stages(row), "hire": getattr(row, "hire", None)}
    return render(request, "console/recruiting/move_candidate.html", context)


class TouchForm(Form):
    channel = forms.ModelChoiceField(
        Channel.objects.all(),
        label="Channel",
        required=False,
        empty_label="Choose",
        help_text="Where they heard about us.",
    )
    link_code = forms.CharField(
        label="Or the code of a tracked link",
        max_length=16,
        required=False,
        help_text="The link identifies its channel and post.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    event = forms.ModelChoiceField(
        Event.objects.none(),
        label="Event where they checked in",
        required=False,
        empty_label="None",
        help_text="Use with the channel or the code.",
    )
    at = WallTimeField(label="When", required=False, help_text="Leave empty for now.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        past = Event.objects.filter(starts_at__lte=timezone.now()).order_by("-starts_at")
        field: Any = self.fields["event"]
        field.queryset = Event.objects.all() if data else past
        field.choices = [("", "None"), *((row.pk, _event(row)) for row in past[:EVENTS])]


def _event(row: Event) -> str:
    return f"{row.title}, {organisation_clock.format_day(organisation_clock.day_of(row.starts_at))}"


@authorization.form_view("add touch")
def add_touch(request: Request, candidate_id: int) -> HttpResponse:
    row = _row(request, candidate_id)
    form = TouchForm(request.POST if request.method == "POST" else None)

    def add() -> Touch:
        given = {**form.cleaned_data, "at": recruiting.moment(form.cleaned_data["at"], "at")}
        return services.add_touch(candidate=row, **given)

    if touch := form.perform(add):
        messages.success(request, f"Recorded: {row.reference} heard about us from {touch.channel.name}.")
        return redirect("console:candidate", row.pk)
    return render(request, "console/recruiting/touch.html", {"row": row, "form": form})


@authorization.post_action("remove touch")
def remove_touch(request: Request, candidate_id: int, touch_id: int) -> HttpResponse:
    rows = Touch.objects.select_related("candidate", "channel").select_for_update(of=("self",))
    touch = get_object_or_404(rows, pk=touch_id, candidate_id=candidate_id)
    services.remove_touch(touch=touch)
    messages.success(request, f"{touch.channel.name} and its credit have been removed.")
    return redirect("console:candidate", candidate_id)


class HireForm(Form):
    vacancy = recruiting.VacancyField(required=False, help_text="The job that was filled, by its reference.")
    accepted_on = recruiting.day("Offer accepted on", help_text="Reports count the hire on this day.")
    started_on = recruiting.day("Started on", required=False, help_text="Leave empty until the person has started.")


@authorization.form_view("record hire")
def record_hire(request: Request, candidate_id: int) -> HttpResponse:
    row = _row(request, candidate_id)
    first: dict[str, Vacancy | date | None] = {"vacancy": row.vacancy, "accepted_on": organisation_clock.today()}
    form = HireForm(request.POST or None, initial=first)
    if hire := form.perform(lambda: services.record_hire(candidate=row, **form.cleaned_data, by=request.user)):
        messages.success(request, f"The hire of {row.reference} is recorded.")
        return redirect("console:hire", hire.pk)
    context = {"row": row, "form": form, "can_be_hired": states.can_be_hired(row)}
    return render(request, "console/recruiting/record_hire.html", context)


def _row(request: Request, candidate_id: int) -> Candidate:
    rows = Candidate.objects.select_related("vacancy", "stated_channel", "hire")
    row: Candidate = parameters.row(request, rows, candidate_id, of=("self",))
    return row


urlpatterns = [
    path("candidates", candidates, name="candidates"),
    path("candidates/new", new_candidate, name="new_candidate"),
    path("candidates/<int:candidate_id>", candidate, name="candidate"),
    path("candidates/<int:candidate_id>/change", change_candidate, name="change_candidate"),
    path("candidates/<int:candidate_id>/move", move_candidate, name="move_candidate"),
    path("candidates/<int:candidate_id>/touches/add", add_touch, name="add_touch"),
    path("candidates/<int:candidate_id>/touches/<int:touch_id>/remove", remove_touch, name="remove_touch"),
    path("candidates/<int:candidate_id>/hire", record_hire, name="record_hire"),
]
