"""First run: from nothing to the first published post, in five steps that can be left and taken up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField, WallTimeField
from campaigns.planning.errors import PlanningError
from campaigns.planning.models import (
    Audience,
    BlogEntry,
    Channel,
    ContentState,
    Organisation,
    Publication,
    PublicationState,
)
from campaigns.planning.services import approved_versions, blog_entries, content, publications
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services import organisation as organisation_services
from scheduler.connections import services as connections
from scheduler.connections.models import Connection

KINDS: dict[str, dict[str, str]] = {
    "blog": {"name": "Our website", "category": "blog", "audience": Audience.PUBLIC},
    "bulletin": {"name": "Staff bulletin", "category": "feed", "audience": Audience.STAFF},
}
"""The house's own channels by the kind of their connection, and what each is called until somebody renames it."""
SOON = timedelta(minutes=1)
OVER = (ContentState.WITHDRAWN, ContentState.ARCHIVED)
LEFT = (PublicationState.CANCELLED, PublicationState.WITHDRAWN)


class OrganisationForm(Form):
    name = forms.CharField(label="Name of your organisation", help_text="Shown on every page.", max_length=200)
    approves_own_edits = forms.TypedChoiceField(
        label="Who approves what you write?",
        choices=[
            ("True", "I work alone for now: I can approve my own text"),
            ("False", "Someone else approves my text"),
        ],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )


class EntryForm(Form):
    title = forms.CharField(max_length=200)
    body = LongTextField(
        label="Text", rows=6, help_text="A few sentences are enough. You can use Markdown for **bold** and links."
    )


class PublishForm(Form):
    when = forms.ChoiceField(choices=[("now", "Now"), ("at", "Later")], initial="now", widget=forms.RadioSelect)
    at = WallTimeField(label="Day and time", required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("when") == "at" and not given.get("at") and "at" not in self.errors:
            self.add_error("at", "Enter a date and time.")
        return given


@dataclass(frozen=True)
class Progress:
    """How far this installation has come."""

    organisation: Organisation
    channels: dict[str, Channel]
    entry: BlogEntry | None
    publication: Publication | None

    @property
    def named(self) -> bool:
        return bool(self.organisation.name != Organisation._meta.get_field("name").default)

    @property
    def approved(self) -> bool:
        return self.entry is not None and self.entry.state == ContentState.APPROVED

    @property
    def is_out(self) -> bool:
        return self.publication is not None and self.publication.state == PublicationState.SENT

    @property
    def is_going_out(self) -> bool:
        """Worth looking again in two seconds."""
        waiting = (PublicationState.SCHEDULED, PublicationState.SENDING)
        row = self.publication
        return row is not None and row.state in waiting and row.publish_at < timezone.now() + SOON

    @property
    def is_late(self) -> bool:
        return self.is_going_out and self.publication.publish_at < timezone.now() - SOON  # type: ignore[union-attr]

    @property
    def done(self) -> list[bool]:
        return [self.named, len(self.channels) == len(KINDS), self.entry is not None, self.approved, self.is_out]

    @property
    def now(self) -> int:
        """The first step that is still to be done, counted from 1."""
        return next((number for number, done in enumerate(self.done, start=1) if not done), 0)


def progress() -> Progress:
    connected = Connection.objects.filter(kind__in=KINDS, channel__active=True).select_related("channel")
    channels = {row.kind: row.channel for row in connected.order_by("-pk")}
    entry = BlogEntry.objects.exclude(state__in=OVER).order_by("pk").first()
    publication = None
    if entry is not None and "blog" in channels:
        there = entry.publications.filter(channel=channels["blog"]).exclude(state__in=LEFT)
        publication = there.order_by("pk").first()
    return Progress(Organisation.current(), channels, entry, publication)


@authorization.page_view("change organisation")
def first_run(request: Request) -> HttpResponse:
    if request.htmx:
        return render(request, "console/today/_going_out.html", {"progress": progress()})
    return _page(request)


@authorization.post_action("change organisation")
def name_organisation(request: Request) -> HttpResponse:
    form = OrganisationForm(request.POST)
    if form.is_valid():
        organisation_services.change_organisation(organisation=Organisation.current(), changes=form.cleaned_data)
        return redirect("console:first_run")
    return _page(request, organisation_form=form)


@authorization.post_action("connect channel")
def connect_own_channel(request: Request) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        return HttpResponseBadRequest(
            "Choose the website or the staff bulletin.", content_type="text/plain; charset=utf-8"
        )
    if kind not in progress().channels:
        channel = channels_services.add_channel(**KINDS[kind])
        connections.connect_channel(channel=channel, kind=kind, settings={}, secrets={}, by=request.user)
    return redirect("console:first_run")


@authorization.post_action("add blog entry")
def write_first_entry(request: Request) -> HttpResponse:
    form = EntryForm(request.POST)
    if form.perform(lambda: blog_entries.plan_blog_entry(by=request.user, **form.cleaned_data)):
        return redirect("console:first_run")
    return _page(request, entry_form=form)


@authorization.post_action("approve content")
def approve_first_entry(request: Request, content_id: int) -> HttpResponse:
    """Counts for the text that stood on the page. What nobody has sent for approval is sent with it."""
    row = _first_entry(content_id).base
    if row.state in (ContentState.DRAFT, ContentState.RETURNED):
        row = content.submit_content(content=row, by=request.user)
    seen = request.POST.get("seen", "") or "nothing was seen"
    content.approve_content(content=row, by=request.user, seen=seen)
    return redirect("console:first_run")


def _first_entry(content_id: int) -> BlogEntry:
    """The one that the page is about. Raises Http404 for any other."""
    found = progress().entry
    if found is None or found.pk != content_id:
        raise Http404("These steps are about another entry.")
    return found


@authorization.post_action("schedule content")
def publish_first_entry(request: Request, content_id: int) -> HttpResponse:
    row = _first_entry(content_id).base
    channel = progress().channels.get("blog")
    if channel is None:
        messages.error(request, "Connect your website first. Nothing was scheduled.")
        return redirect("console:first_run")
    form = PublishForm(request.POST)
    if form.is_valid():
        at = form.cleaned_data["at"] if form.cleaned_data["when"] == "at" else timezone.now()
        try:
            publications.schedule_publication(
                content=row, channel=channel, publish_at=at, zone=request.user.zone, by=request.user
            )
        except PlanningError as refusal:
            form.add_error("at" if form.cleaned_data["when"] == "at" else None, str(refusal))
        else:
            return redirect("console:first_run")
    return _page(request, publish_form=form)


def _page(request: Request, **forms_: Form) -> HttpResponse:
    found = progress()
    parts = approved_versions.parts_of(found.entry) if found.entry and not found.approved else []
    values = {
        "name": found.organisation.name if found.named else "",
        "approves_own_edits": str(found.organisation.approves_own_edits),
    }
    context = {
        "progress": found,
        "organisation_form": OrganisationForm(initial=values),
        "entry_form": EntryForm(),
        "publish_form": PublishForm(),
        "parts": parts,
        "seen": approved_versions.digest_of(parts),
        "refusal": content.approval_refusal(found.entry, request.user) if parts and found.entry else "",
        "form": next(iter(forms_.values()), None),
    }
    return render(request, "console/today/first_run.html", context | forms_)


urlpatterns = [
    path("first-run", first_run, name="first_run"),
    path("first-run/organisation", name_organisation, name="name_organisation"),
    path("first-run/channel", connect_own_channel, name="connect_own_channel"),
    path("first-run/entry", write_first_entry, name="write_first_entry"),
    path("first-run/<int:content_id>/approve", approve_first_entry, name="approve_first_entry"),
    path("first-run/<int:content_id>/publish", publish_first_entry, name="publish_first_entry"),
]
