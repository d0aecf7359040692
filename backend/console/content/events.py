"""Events: what is coming and what has been, writing and changing one, and cancelling it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
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
from backend.console.frame.forms import LongTextField, WallTimeField
from campaigns.planning.models import ContentKind, Event, EventKind
from campaigns.planning.services import events as services

WHICHES = [("coming", "Upcoming"), ("past", "Past"), ("all", "All")]


class EventForm(AllowsPast, ContentForm):
    GROUPS: ClassVar[list[tuple[str, list[str]]]] = [
        ("Event details", ["title", "event_kind"]),
        ("When and where", ["starts_at", "ends_at", "allow_past", "place", "online_url"]),
        ("Host and places", ["host_team", "capacity", "childcare_offered"]),
        ("Text", ["summary", "body", "picture"]),
        ("Organise", ["campaign", "audience", "tags", "slug", "keep_approval"]),
    ]

    title = content_forms.title("For example: Fish and chips by the sea.")
    event_kind = forms.ChoiceField(label="Kind of event", choices=[("", "Choose"), *EventKind.choices])
    starts_at = WallTimeField(label="Starts", help_text="In your time zone, for example 14 September 2026, 12:00.")
    ends_at = WallTimeField(label="Ends", help_text="For an event over several days, the end of the last day.")
    place = forms.CharField(
        label="Place",
        required=False,
        max_length=300,
        help_text="For example: The seafront, Worthing. Or enter an online address.",
    )
    online_url = forms.URLField(
        label="Online address",
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text="Where people join online, for example https://meet.example.org/open-day.",
    )
    host_team = content_forms.team("Host team")
    capacity = forms.IntegerField(
        label="Number of places",
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="Leave empty if there is no limit.",
    )
    childcare_offered = forms.BooleanField(label="Childcare is offered", required=False)
    body = LongTextField(label="Text", required=False, max_length=50_000, rows=12)


class ChangeEventForm(ContentEditForm, EventForm):
    pass


@authorization.page_view("read content")
def events(request: Request) -> HttpResponse:
    listing = Listing(request, ContentKind.EVENT, whiches=WHICHES, by="starts_at")
    rows = listing.narrowed(Event.objects.all(), team="host_team_id")
    return listing.show(_coming_or_past(rows, listing.which), "host_team", teams=True)


def _coming_or_past(rows: QuerySet[Event], which: str) -> QuerySet[Event]:
    now = timezone.now()
    if which == "coming":
        return rows.filter(ends_at__gt=now)
    return rows.filter(ends_at__lte=now) if which == "past" else rows


@authorization.form_view("add event")
def new_event(request: Request) -> HttpResponse:
    form = EventForm(editor.submitted_data(request), initial=_begun(request))
    return editor.begin(request, ContentKind.EVENT, form, services.plan_event)


def _begun(request: Request) -> dict[str, Any]:
    day = content_forms.requested_day(request)
    times = {"starts_at": at(day, 10), "ends_at": at(day, 12)} if day else {}
    return {**content_forms.requested_values(request), **times}


@authorization.form_view("change event")
def change_event(request: Request, event_id: int) -> HttpResponse:
    row = editor.lock_row(request, Event, event_id)
    form = ChangeEventForm(editor.submitted_data(request), row=row, by=request.user)
    return editor.change(request, row, form, partial(services.change_event, event=row))


@authorization.form_view("cancel event")
def cancel_event(request: Request, event_id: int) -> HttpResponse:
    row = parameters.row(request, Event.objects, event_id)

    def act() -> str:
        services.cancel_event(event=row, by=request.user)
        return "Event cancelled. Its page now says so, and no more posts will be published."

    says = "Its page and feeds will say it is cancelled. You cannot undo this."
    return confirm_action(request, row, Question("Cancel event", says, out=STAYS, danger=True), act)


urlpatterns = [
    path("events", events, name="events"),
    path("events/new", new_event, name="new_event"),
    path("events/<int:event_id>/change", change_event, name="change_event"),
    path("events/<int:event_id>/cancel", cancel_event, name="cancel_event"),
]
