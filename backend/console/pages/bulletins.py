"""Bulletins: their sections, as staff will read them, and their history."""

from __future__ import annotations

from calendar import monthrange
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone

from backend.console import gate
from backend.console.forms import DayField, EditForm, Form
from backend.console.gate import Request
from backend.console.pages import sections, writing
from backend.console.pages.sections import Sections
from campaigns.bulletins import services
from campaigns.bulletins.errors import BulletinError
from campaigns.bulletins.models import Bulletin
from campaigns.planning.errors import PlanningError
from campaigns.planning.models import Audience, ContentKind

RENAMED = {"campaign_id": "campaign", "picture_id": "picture"}


class BulletinFields(writing.ContentFields):
    period_start = DayField(label="From", error_messages={"required": "Give its first day."})
    period_end = DayField(label="To", error_messages={"required": "Give its last day."})


class BulletinForm(EditForm, BulletinFields, writing.KeepApproval):
    theirs: list[sections.Typed] = []
    mine: list[sections.Typed] = []

    def _conflict(self) -> str:
        said = super()._conflict()
        if self.theirs != self.mine:
            return f"{said} Its sections differ too; there now: {sections.headings(self.theirs)}."
        return said


@gate.shows("bulletins.list_bulletins")
def bulletins(request: Request) -> HttpResponse:
    return render(request, "console/bulletins/bulletins.html", writing.listed(request, Bulletin.objects.all()))


@gate.edits("bulletins.create_bulletin")
def new_bulletin(request: Request) -> HttpResponse:
    form = BulletinFields(
        request.POST if writing.saves(request) else None, initial={**_this_month(), **writing.begin(request)}
    )
    typed = _sections(request, [sections.Typed()])
    if writing.retypes(request):
        writing.retype(form, request.POST)
    if writing.saves(request) and _valid(form, typed):
        try:
            row = services.plan_bulletin(by=request.user, sections=typed.given(), **form.cleaned_data)
        except (BulletinError, PlanningError) as error:
            _refuse(form, typed, error)
        else:
            messages.success(request, "Saved as a draft. Choose its channels when it is ready.")
            return writing.after_save(request, row, reverse("console:change_bulletin", args=[row.pk]))
    return _page(request, form, typed, None)


@gate.edits("bulletins.change_bulletin")
def change_bulletin(request: Request, bulletin_id: int) -> HttpResponse:
    rows = Bulletin.objects
    locked = rows.select_for_update() if request.method == "POST" else rows.select_related("campaign", "picture")
    row = get_object_or_404(locked, pk=bulletin_id)
    saves = writing.saves(request)
    kept = sections.kept(row)
    values = writing.values_of(row, "period_start", "period_end") | {"sections": kept}
    form = BulletinForm(request.POST if saves else None, values=values)
    typed = _sections(request, kept)
    form.theirs, form.mine = kept, typed.typed
    if not writing.may_keep_approval(row, request):
        del form.fields["keep_approval"]
    form.initial.update(writing.begin(request))
    if writing.retypes(request):
        writing.retype(form, request.POST)
    if saves and _valid(form, typed):
        changes, before = writing.changes_of(form), row.state
        keep = bool(form.cleaned_data.get("keep_approval"))
        if typed.typed != kept:
            changes["sections"] = typed.given()
        try:
            row = services.change_bulletin(bulletin=row, changes=changes, by=request.user, keep_approval=keep)
        except (BulletinError, PlanningError) as error:
            _refuse(form, typed, error)
        else:
            messages.success(request, writing.saved_words(row, before))
            return writing.after_save(request, row, reverse("console:change_bulletin", args=[row.pk]))
    return _page(request, form, typed, row)


def _this_month() -> dict[str, Any]:
    today = timezone.localdate()
    last = monthrange(today.year, today.month)[1]
    return {"audience": Audience.STAFF, "period_start": today.replace(day=1), "period_end": today.replace(day=last)}


def _sections(request: Request, kept: list[sections.Typed]) -> Sections:
    if request.method != "POST":
        return Sections(kept)
    typed = Sections(sections.read(request.POST), bound=writing.saves(request))
    typed.act(request.POST.get("do", ""))
    return typed


def _valid(form: Form, typed: Sections) -> bool:
    return all([form.is_valid(), typed.are_valid()])  # both, so that all that is wrong is said at once


def _refuse(form: Form, typed: Sections, error: Exception) -> None:
    if not typed.refuse(error):
        form.refuse(error, **RENAMED)


def _page(request: Request, form: Form, typed: Sections, row: Bulletin | None) -> HttpResponse:
    context = writing.shown(request, form, row, kind=ContentKind.BULLETIN, sections=typed, problems=typed.problems())
    return render(request, "console/bulletins/change.html", context)


urlpatterns = [
    path("bulletins", bulletins, name="bulletins"),
    path("bulletins/new", new_bulletin, name="new_bulletin"),
    path("bulletins/<int:bulletin_id>", change_bulletin, name="change_bulletin"),
]
