"""Vacancies: which are open and until when, writing and changing one, and ending it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from backend.console.content import editor
from backend.console.content import forms as content_forms
from backend.console.content.content_status import STAYS, Question, confirm_action
from backend.console.content.forms import AllowsPast, ContentEditForm, ContentForm, at
from backend.console.content.lists import Listing
from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import LongTextField, PoundsField, WallTimeField
from campaigns.planning.models import (
    ContentKind,
    ContractType,
    SalaryUnit,
    StaffGroup,
    Vacancy,
    VacancyQuerySet,
    VacancyStatus,
    WorkingPattern,
)
from campaigns.planning.services import vacancies as services

WHICHES = [("open", "Open"), ("closed", "Closed"), ("all", "All")]


class VacancyForm(AllowsPast, ContentForm):
    GROUPS: ClassVar[list[tuple[str, list[str]]]] = [
        ("Job details", ["title", "reference", "staff_group", "team", "headcount", "location", "postcode"]),
        ("How to apply", ["opens_at", "closes_at", "allow_past", "apply_url"]),
        ("Pay and hours", ["pay_band", "salary_min_pence", "salary_max_pence", "salary_unit", "contract_type"]),
        ("", ["working_pattern", "hours_per_week", "childcare_offered"]),
        ("Text", ["summary", "body", "values_statement", "picture"]),
        ("Organise", ["campaign", "audience", "tags", "slug", "keep_approval"]),
    ]

    title = content_forms.title("For example: Staff nurse, Coral ward.")
    reference = forms.CharField(
        label="Reference", max_length=60, help_text="The number in your recruitment system, for example 354-NUR-2031."
    )
    staff_group = forms.ChoiceField(
        label="Staff group",
        choices=[("", "Choose"), *StaffGroup.choices],
        help_text="Use the Electronic Staff Record group.",
    )
    team = content_forms.team("Team")
    headcount = forms.IntegerField(label="Number of jobs", min_value=1, max_value=10_000, initial=1)
    location = forms.CharField(
        label="Location", max_length=200, help_text="For example: Langley Green Hospital, Crawley."
    )
    postcode = forms.CharField(
        label="Postcode", required=False, max_length=10, help_text="For example RH11 7EJ. Job search pages use this."
    )
    opens_at = WallTimeField(label="Applications from", help_text="In your time zone.")
    closes_at = WallTimeField(
        label="Closes",
        help_text="In your time zone, for example 30 November 2026, 23:59. Posts still scheduled then are cancelled.",
    )
    apply_url = forms.URLField(
        label="Where to apply",
        max_length=1000,
        assume_scheme="https",
        help_text="The web address of the application page, for example https://jobs.example.org/354-NUR-2031.",
    )
    pay_band = forms.CharField(label="Pay band", required=False, max_length=40, help_text="For example: Band 5.")
    salary_min_pence = PoundsField(
        label="Lowest salary", required=False, help_text="In pounds, for example 29,969.", widget=forms.TextInput
    )
    salary_max_pence = PoundsField(
        label="Highest salary",
        required=False,
        help_text="In pounds, for example 36,483. Leave empty if there is only one salary.",
        widget=forms.TextInput,
    )
    salary_unit = forms.ChoiceField(label="The salary is", choices=SalaryUnit.choices, widget=forms.RadioSelect)
    contract_type = forms.ChoiceField(label="Contract", choices=ContractType.choices)
    working_pattern = forms.ChoiceField(label="Working pattern", choices=WorkingPattern.choices)
    hours_per_week = forms.DecimalField(
        label="Hours a week",
        required=False,
        min_value=0,
        max_value=80,
        max_digits=4,
        decimal_places=2,
        help_text="For example: 37.5.",
    )
    childcare_offered = forms.BooleanField(label="Childcare is offered", required=False)
    body = LongTextField(label="Text", required=False, max_length=50_000, rows=12)
    values_statement = LongTextField(
        label="Our values",
        required=False,
        max_length=5000,
        rows=3,
        help_text="What you look for in people. For example: kindness and curiosity count as much as experience.",
    )


class ChangeVacancyForm(ContentEditForm, VacancyForm):
    pass


@authorization.page_view("read content")
def vacancies(request: Request) -> HttpResponse:
    listing = Listing(request, ContentKind.VACANCY, whiches=WHICHES, by="closes_at")
    rows = _open_or_closed(Vacancy.objects.all(), listing.which)
    return listing.show(listing.narrowed(rows, team="team_id"), "team", teams=True)


def _open_or_closed(rows: VacancyQuerySet, which: str) -> VacancyQuerySet:
    now = timezone.now()
    if which == "open":
        return rows.not_ended(now)
    return rows.ended(now) if which == "closed" else rows


@authorization.form_view("add vacancy")
def new_vacancy(request: Request) -> HttpResponse:
    form = VacancyForm(editor.submitted_data(request), initial=_begun(request))
    return editor.begin(request, ContentKind.VACANCY, form, services.plan_vacancy)


def _begun(request: Request) -> dict[str, Any]:
    day, today = content_forms.requested_day(request), timezone.localdate()
    dates = {"opens_at": at(today, 9), "closes_at": at(day, 23, 59) if day else None}
    return {**content_forms.requested_values(request), **dates, "salary_unit": SalaryUnit.YEAR}


@authorization.form_view("change vacancy")
def change_vacancy(request: Request, vacancy_id: int) -> HttpResponse:
    row = editor.lock_row(request, Vacancy, vacancy_id)
    form = ChangeVacancyForm(editor.submitted_data(request), row=row, by=request.user)
    return editor.change(request, row, form, partial(services.change_vacancy, vacancy=row))


@authorization.form_view("fill vacancy")
def fill_vacancy(request: Request, vacancy_id: int) -> HttpResponse:
    return _end(request, vacancy_id, VacancyStatus.FILLED, "Mark as filled", "Its page will say it has been filled")


@authorization.form_view("close vacancy")
def withdraw_vacancy(request: Request, vacancy_id: int) -> HttpResponse:
    return _end(request, vacancy_id, VacancyStatus.WITHDRAWN, "Close early", "Its page will say it has closed")


def _end(request: Request, vacancy_id: int, status: VacancyStatus, label: str, page_says: str) -> HttpResponse:
    row = parameters.row(request, Vacancy.objects, vacancy_id)

    def act() -> str:
        services.end_vacancy(vacancy=row, status=status, by=request.user)
        return f"{page_says}, and no more posts will be published."

    return confirm_action(request, row, Question(label, f"{page_says} and people can no longer apply.", out=STAYS), act)


urlpatterns = [
    path("vacancies", vacancies, name="vacancies"),
    path("vacancies/new", new_vacancy, name="new_vacancy"),
    path("vacancies/<int:vacancy_id>/change", change_vacancy, name="change_vacancy"),
    path("vacancies/<int:vacancy_id>/fill", fill_vacancy, name="fill_vacancy"),
    path("vacancies/<int:vacancy_id>/withdraw", withdraw_vacancy, name="withdraw_vacancy"),
]
