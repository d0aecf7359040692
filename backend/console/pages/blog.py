"""The blog: entries in Markdown, with the page beside the text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse

from backend.console import gate
from backend.console.forms import EditForm, LongTextField
from backend.console.gate import Request
from backend.console.pages import writing
from campaigns.planning.errors import PlanningError
from campaigns.planning.models import Audience, BlogEntry, Content, ContentKind
from campaigns.planning.services import blog_entries as services

RENAMED = {"campaign_id": "campaign", "picture_id": "picture"}


class BlogEntryFields(writing.ContentFields):
    body = LongTextField(
        label="Text",
        max_length=100_000,
        rows=20,
        error_messages={"required": "Write something: the entry is empty."},
    )
    author_line = forms.CharField(
        label="Author",
        required=False,
        max_length=200,
        help_text="As it stands under the title, such as: Maya Lindqvist, staff nurse.",
    )


class BlogEntryForm(EditForm, BlogEntryFields, writing.KeepApproval):
    pass


@gate.shows("blog_entries.list_blog_entries")
def blog_entries(request: Request) -> HttpResponse:
    rows = Content.objects.filter(kind=ContentKind.BLOG_ENTRY)
    return render(request, "console/blog/blog_entries.html", writing.listed(request, rows))


@gate.edits("blog_entries.create_blog_entry")
def new_blog_entry(request: Request) -> HttpResponse:
    initial = {"audience": Audience.PUBLIC, **writing.begin(request)}
    form = BlogEntryFields(request.POST if writing.saves(request) else None, initial=initial)
    if writing.retypes(request):
        writing.retype(form, request.POST)
    if writing.saves(request) and form.is_valid():
        try:
            row = services.plan_blog_entry(by=request.user, **form.cleaned_data)
        except PlanningError as error:
            form.refuse(error, **RENAMED)
        else:
            messages.success(request, "Saved as a draft. Choose its channels when it is ready.")
            return writing.after_save(request, row, reverse("console:change_blog_entry", args=[row.pk]))
    return _page(request, form, None)


@gate.edits("blog_entries.change_blog_entry")
def change_blog_entry(request: Request, blog_entry_id: int) -> HttpResponse:
    rows = BlogEntry.objects
    locked = rows.select_for_update() if request.method == "POST" else rows.select_related("campaign", "picture")
    row = get_object_or_404(locked, pk=blog_entry_id)
    saves = writing.saves(request)
    form = BlogEntryForm(request.POST if saves else None, values=writing.values_of(row, "body", "author_line"))
    if not writing.may_keep_approval(row, request):
        del form.fields["keep_approval"]
    form.initial.update(writing.begin(request))
    if writing.retypes(request):
        writing.retype(form, request.POST)
    if saves and form.is_valid():
        changes, before = writing.changes_of(form), row.state
        keep = bool(form.cleaned_data.get("keep_approval"))
        try:
            row = services.change_blog_entry(entry=row, changes=changes, by=request.user, keep_approval=keep)
        except PlanningError as error:
            form.refuse(error, **RENAMED)
        else:
            messages.success(request, writing.saved_words(row, before))
            return writing.after_save(request, row, reverse("console:change_blog_entry", args=[row.pk]))
    return _page(request, form, row)


def _page(request: Request, form: Any, row: BlogEntry | None) -> HttpResponse:
    return render(request, "console/blog/change.html", writing.shown(request, form, row, kind=ContentKind.BLOG_ENTRY))


urlpatterns = [
    path("blog-entries", blog_entries, name="blog_entries"),
    path("blog-entries/new", new_blog_entry, name="new_blog_entry"),
    path("blog-entries/<int:blog_entry_id>", change_blog_entry, name="change_blog_entry"),
]
