"""The blog: entries in Markdown, with the page beside the text."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.urls import path

from backend import page_drafts
from backend.console.content import editor
from backend.console.content import forms as content_forms
from backend.console.content.forms import ContentEditForm, ContentForm
from backend.console.content.lists import IN_USE, Listing
from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import LongTextField
from campaigns.planning.models import BlogEntry, ContentKind
from campaigns.planning.services import blog_entries as services


class BlogEntryForm(ContentForm):
    GROUPS: ClassVar[list[tuple[str, list[str]]]] = [
        ("", ["title", "body", "author_line", "summary", "picture"]),
        ("Organise", ["campaign", "audience", "tags", "slug", "keep_approval"]),
    ]

    title = content_forms.title("For example: Why I came back to the ward.")
    body = LongTextField(
        label="Text",
        max_length=100_000,
        rows=20,
        error_messages={"required": "Enter some text."},
    )
    author_line = forms.CharField(
        label="Author",
        required=False,
        max_length=200,
        help_text="Shown under the title, for example: Maya Lindqvist, staff nurse.",
    )


page_drafts.register_form(ContentKind.BLOG_ENTRY, BlogEntryForm)


class ChangeBlogEntryForm(ContentEditForm, BlogEntryForm):
    pass


@authorization.page_view("read content")
def blog_entries(request: Request) -> HttpResponse:
    listing = Listing(request, ContentKind.BLOG_ENTRY, whiches=IN_USE, by="pk")
    return listing.show(listing.narrowed(BlogEntry.objects.all()))


@authorization.form_view("add blog entry")
def new_blog_entry(request: Request) -> HttpResponse:
    form = BlogEntryForm(editor.submitted_data(request), initial=content_forms.requested_values(request))
    return editor.begin(request, ContentKind.BLOG_ENTRY, form, services.plan_blog_entry)


@authorization.form_view("change blog entry")
def change_blog_entry(request: Request, blog_entry_id: int) -> HttpResponse:
    row = editor.lock_row(request, BlogEntry, blog_entry_id)
    form = ChangeBlogEntryForm(editor.submitted_data(request), row=row, by=request.user)
    return editor.change(request, row, form, partial(services.change_blog_entry, entry=row))


urlpatterns = [
    path("blog-entries", blog_entries, name="blog_entries"),
    path("blog-entries/new", new_blog_entry, name="new_blog_entry"),
    path("blog-entries/<int:blog_entry_id>/change", change_blog_entry, name="change_blog_entry"),
]
