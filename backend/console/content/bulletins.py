"""Bulletins: their sections, and the page as staff will read it beside them."""

from __future__ import annotations

from calendar import monthrange
from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path

from backend import page_drafts
from backend.console.content import bulletin_sections as sections
from backend.console.content import editor
from backend.console.content import forms as content_forms
from backend.console.content.bulletin_sections import Sections
from backend.console.content.forms import ContentEditForm, ContentForm
from backend.console.content.lists import IN_USE, Listing
from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import DayField
from backend.page_drafts import SectionDraft, read_sections
from campaigns.bulletins import services
from campaigns.bulletins.models import Bulletin
from campaigns.planning import organisation_clock
from campaigns.planning.models import Audience, ContentKind


class BulletinForm(ContentForm):
    """With its sections, which are checked and refused together with its fields."""

    GROUPS: ClassVar[list[tuple[str, list[str]]]] = [
        ("", ["picture"]),
        ("Organise", ["campaign", "audience", "tags", "slug", "keep_approval"]),
    ]

    field_order = ["title", "period_start", "period_end", "summary"]

    title = content_forms.title("For example: News in October.")
    period_start = DayField(label="From", error_messages={"required": "Enter the first day."})
    period_end = DayField(label="To", error_messages={"required": "Enter the last day."})
    sections: Sections

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.sections.are_valid()])  # both, so that all that is wrong is said at once

    def submitted_fields(self) -> dict[str, Any]:
        return {**super().submitted_fields(), "sections": self.sections.submitted_sections()}

    def refuse(self, refusal: Exception, **renamed: str) -> None:
        if not self.sections.refuse(refusal):
            super().refuse(refusal, **renamed)


page_drafts.register_form(ContentKind.BULLETIN, BulletinForm)


class ChangeBulletinForm(ContentEditForm, BulletinForm):
    def submitted_fields(self) -> dict[str, Any]:
        found = super().submitted_fields()
        if self.sections.typed != self.values["sections"]:
            found["sections"] = self.sections.submitted_sections()
        return found

    def _conflict(self) -> str:
        said, theirs = super()._conflict(), self.values["sections"]
        if theirs != self.sections.typed:
            return f"{said} Their sections are also different: {sections.headings(theirs)}."
        return said


@authorization.page_view("read content")
def bulletins(request: Request) -> HttpResponse:
    listing = Listing(request, ContentKind.BULLETIN, whiches=IN_USE, by="pk")
    return listing.show(listing.narrowed(Bulletin.objects.all()))


@authorization.form_view("add bulletin")
def new_bulletin(request: Request) -> HttpResponse:
    initial = content_forms.requested_values(request, audience=Audience.STAFF) | _this_month()
    form = BulletinForm(editor.submitted_data(request), initial=initial)
    form.sections = _sections(request, [SectionDraft()])
    return editor.begin(request, ContentKind.BULLETIN, form, services.plan_bulletin)


@authorization.form_view("change bulletin")
def change_bulletin(request: Request, bulletin_id: int) -> HttpResponse:
    row = editor.lock_row(request, Bulletin, bulletin_id)
    kept = sections.from_rows(row)
    form = ChangeBulletinForm(editor.submitted_data(request), row=row, by=request.user, also={"sections": kept})
    form.sections = _sections(request, kept)
    return editor.change(request, row, form, partial(services.change_bulletin, bulletin=row))


def _this_month() -> dict[str, Any]:
    today = organisation_clock.today()
    last = monthrange(today.year, today.month)[1]
    return {"period_start": today.replace(day=1), "period_end": today.replace(day=last)}


def _sections(request: Request, kept: list[SectionDraft]) -> Sections:
    if request.method != "POST":
        return Sections(kept)
    typed = Sections(read_sections(request.POST), bound=editor.is_save(request))
    typed.act(request.POST.get("do", ""))
    return typed


urlpatterns = [
    path("bulletins", bulletins, name="bulletins"),
    path("bulletins/new", new_bulletin, name="new_bulletin"),
    path("bulletins/<int:bulletin_id>/change", change_bulletin, name="change_bulletin"),
]
