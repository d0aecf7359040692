"""Teams: whom vacancies and spotlights belong to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.content.lists import GONE
from backend.console.frame import authorization, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form
from campaigns.bulletins.models import Section
from campaigns.planning.models import Team, Vacancy
from campaigns.planning.services import organisation as organisation_services

FIELDS = ("name", "location")
SPOTLIGHTS_SHOWN = 30


@dataclass(frozen=True)
class Vacancies:
    number: int = 0
    open: int = 0


@dataclass(frozen=True)
class Spotlights:
    number: int = 0
    last: date | None = None
    """First day of the bulletin in which the team stood last."""


@authorization.page_view("read teams")
def teams(request: Request) -> HttpResponse:
    words = parameters.words(request)
    rows = Team.objects.filter(name__icontains=words) if words else Team.objects.all()
    pages = paging.page(rows, request, sort="name")
    ids = [row.pk for row in pages.rows]
    vacancies, spotlights = _vacancies(ids, timezone.now()), _spotlights(ids)
    context: dict[str, Any] = {
        "lines": [
            (row, vacancies.get(row.pk, Vacancies()), spotlights.get(row.pk, Spotlights())) for row in pages.rows
        ],
        "pages": pages,
        "words": words,
        **_opened(request.GET.get("spotlights", "")),
    }
    return render(request, "console/administration/teams.html", context)


def _vacancies(team_ids: Collection[int], now: datetime) -> dict[int, Vacancies]:
    there = ~Q(state__in=GONE)
    still_open = Count("pk", filter=there & ~Vacancy.ended_by(now))
    rows = Vacancy.objects.filter(team_id__in=team_ids).order_by().values_list("team_id")
    return {pk: Vacancies(number, open_) for pk, number, open_ in rows.annotate(number=Count("pk"), open=still_open)}


def _spotlights(team_ids: Collection[int]) -> dict[int, Spotlights]:
    rows = Section.objects.filter(team_id__in=team_ids).order_by().values_list("team_id")
    found = rows.annotate(number=Count("pk"), last=Max("bulletin__period_start"))
    return {pk: Spotlights(number, last) for pk, number, last in found}


def _opened(wanted: str) -> dict[str, Any]:
    """The spotlights of one team, newest first."""
    team_id = parameters.number(wanted)
    if team_id is None:
        return {}
    sections = Section.objects.filter(team_id=team_id).select_related("bulletin", "team")
    found = list(sections.order_by("-bulletin__period_start", "-pk")[: SPOTLIGHTS_SHOWN + 1])
    return {"sections": found[:SPOTLIGHTS_SHOWN], "older": len(found) > SPOTLIGHTS_SHOWN}


class TeamForm(Form):
    name = forms.CharField(label="Name", max_length=200, help_text="The name staff use, for example Jade ward.")
    location = forms.CharField(label="Location", max_length=200, required=False, help_text="For example Crawley.")


class TeamEditForm(EditForm, TeamForm):
    pass


@authorization.form_view("add team")
def new_team(request: Request) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if row := form.perform(lambda: organisation_services.add_team(**form.cleaned_data)):
        messages.success(request, f"{row.name} was added.")
        return redirect("console:teams")
    return _page(request, form)


@authorization.form_view("change team")
def change_team(request: Request, team_id: int) -> HttpResponse:
    row = parameters.row(request, Team.objects, team_id)
    form = TeamEditForm(request.POST or None, values={name: getattr(row, name) for name in FIELDS})
    if changed := form.perform(lambda: organisation_services.change_team(team=row, changes=form.cleaned_data)):
        messages.success(request, f"{changed.name} was changed.")
        return redirect("console:teams")
    return _page(request, form, row)


def _page(request: Request, form: Form, row: Team | None = None) -> HttpResponse:
    return form_pages.render_form(
        request,
        form,
        heading=f"Change {row.name}" if row else "Add a team",
        way=[form_pages.step("Teams", "teams")],
        button="Save" if row else "Add team",
        help_text=(
            "Each team needs a unique name. If you rename a team, its jobs, events and spotlights show the new name."
        ),
    )


urlpatterns = [
    path("teams", teams, name="teams"),
    path("teams/new", new_team, name="new_team"),
    path("teams/<int:team_id>/change", change_team, name="change_team"),
]
