"""Repeating posts: what comes again by a rule, starting one and ending one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.account.views import zones
from backend.console.content.lists import GONE
from backend.console.frame import authorization, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import DayField, Form, LongTextField, TimeField
from backend.console.plan import recurrence_words
from campaigns.planning.models import Audience, Channel, Content, Publication, Recurrence, Weekday
from campaigns.planning.services.timing import recurrences as services

OFFERED = 20
POSTS_SHOWN = 200
"""Of one rule; what comes every day or less often has fewer in its five weeks."""
MONTH_DAYS = [*((str(day), f"Day {day}") for day in range(1, 32)), ("-1", "The last day")]


@dataclass(frozen=True)
class WaitingPosts:
    number: int
    next_at: datetime


@authorization.page_view("read recurrences")
def recurrences(request: Request) -> HttpResponse:
    ended = request.GET.get("ended") == "1"
    rows = Recurrence.objects.filter(ended_at__isnull=not ended).select_related("content", "channel", "ended_by")
    pages = paging.page(rows, request)
    waiting = _waiting([row.pk for row in pages.rows])
    lines = [(row, recurrence_words.in_words(row), waiting.get(row.pk)) for row in pages.rows]
    context = {"lines": lines, "pages": pages, "ended": ended, **_opened(request.GET.get("posts", ""))}
    return render(request, "console/plan/recurrences.html", context)


def _opened(wanted: str) -> dict[str, Any]:
    """What of one repeating post still waits, by time."""
    row: Recurrence | None = parameters.named(Recurrence.objects.select_related("content", "channel"), wanted)
    if row is None:
        return {}
    posts = list(Publication.objects.waiting().filter(recurrence=row).order_by("publish_at", "pk")[: POSTS_SHOWN + 1])
    return {"opened": row, "posts": posts[:POSTS_SHOWN], "more_posts": len(posts) > POSTS_SHOWN}


def _waiting(ids: Collection[int]) -> dict[int, WaitingPosts]:
    """What stands in the schedule of each, and when the first of it goes out."""
    rows = Publication.objects.waiting().filter(recurrence_id__in=ids).order_by().values_list("recurrence_id")
    found = rows.annotate(number=Count("pk"), first=Min("publish_at"))
    return {pk: WaitingPosts(number, first) for pk, number, first in found}


class RepeatForm(Form):
    """Channel, time and end; how often is said by the RULE of the forms below."""

    RULE: ClassVar[str]
    RENAMED = {"starts_at": "starts_on", "rule": "until"}

    channel = forms.ChoiceField(label="Channel")
    time = TimeField(label="Time")
    zone = forms.ChoiceField(label="Time zone", help_text="The time stays the same when the clocks change.")
    starts_on = DayField(label="From")
    until = DayField(
        label="To",
        required=False,
        help_text="Leave empty to repeat until someone stops it, the job closes or the event ends.",
    )

    def __init__(self, data: Any = None, *, content: Content, **kwargs: Any) -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        zone = timezone.get_current_timezone_name()
        super().__init__(data, initial={"zone": zone, "starts_on": tomorrow}, **kwargs)
        rows = Channel.objects.filter(active=True)
        if content.audience == Audience.STAFF:
            rows = rows.filter(audience=Audience.STAFF)
        names = list(rows.values_list("pk", "name"))
        self.fields["channel"].choices = [("", "Choose a channel"), *names]  # type: ignore[attr-defined]
        self.fields["zone"].choices = zones(zone)  # type: ignore[attr-defined]

    def rule(self) -> str:
        """As RFC 5545 writes it."""
        given = self.cleaned_data
        words = {name: ",".join(value) if isinstance(value, list) else value for name, value in given.items()}
        until = f";UNTIL={given['until']:%Y%m%d}" if given["until"] else ""
        return self.RULE.format(**words) + until

    def save(self, content: Content, *, by: Any) -> Recurrence:
        return services.start_recurrence(
            content=content,
            channel=get_object_or_404(Channel, pk=self.cleaned_data["channel"]),
            rule=self.rule(),
            starts_at=datetime.combine(self.cleaned_data["starts_on"], self.cleaned_data["time"]),
            zone=self.cleaned_data["zone"],
            by=by,
        )


class WeeklyForm(RepeatForm):
    RULE = "FREQ=WEEKLY;INTERVAL={weeks};BYDAY={weekdays}"

    weekdays = forms.MultipleChoiceField(label="Days", choices=Weekday.choices, widget=forms.CheckboxSelectMultiple)
    weeks = forms.IntegerField(
        label="Number of weeks between posts", min_value=1, max_value=52, initial=1, help_text="Enter 1 for every week."
    )
    field_order = ["channel", "weekdays", "weeks", "time", "zone", "starts_on", "until"]


class MonthlyForm(RepeatForm):
    RULE = "FREQ=MONTHLY;BYMONTHDAY={day}"

    day = forms.ChoiceField(
        label="Day of the month", choices=MONTH_DAYS, help_text="Months without this day are skipped."
    )
    field_order = ["channel", "day", "time", "zone", "starts_on", "until"]


FORMS: dict[str, type[RepeatForm]] = {"week": WeeklyForm, "month": MonthlyForm}


@authorization.form_view("start recurrence")
def new_recurrence(request: Request) -> HttpResponse:
    wanted = parameters.number(request.GET.get("content", ""))
    if wanted is None:
        return _choose(request)
    content = get_object_or_404(Content.objects.exclude(state__in=GONE), pk=wanted)
    every = request.GET.get("every", "week")
    every = every if every in FORMS else "week"
    form = FORMS[every](request.POST or None, content=content)
    if row := form.perform(lambda: form.save(content, by=request.user)):
        messages.success(request, f"{row.content.title} repeats: {recurrence_words.in_words(row)}.")
        return redirect("console:recurrences")
    return render(request, "console/plan/new_recurrence.html", {"content": content, "form": form, "every": every})


def _choose(request: Request) -> HttpResponse:
    """What is repeated, where the address does not say."""
    words = parameters.words(request)
    rows = Content.objects.exclude(state__in=GONE).order_by("-pk")
    if words:
        rows = rows.filter(title__icontains=words)
    return render(request, "console/plan/choose_recurrence.html", {"rows": rows[:OFFERED], "words": words})


class EndForm(Form):
    reason = LongTextField(label="Reason", max_length=2000, rows=2, help_text="Shown with the cancelled posts.")


@authorization.form_view("end recurrence")
def end_recurrence(request: Request, recurrence_id: int) -> HttpResponse:
    rows = Recurrence.objects.select_related("content", "channel")
    row = parameters.row(request, rows, recurrence_id, of=("self",))
    form = EndForm(request.POST or None)
    cancelled = form.perform(
        lambda: services.end_recurrence(recurrence=row, by=request.user, reason=form.cleaned_data["reason"])
    )
    if cancelled is not None:
        messages.success(request, f"Stopped. {cancelled or 'No'} scheduled post{_were(cancelled)} cancelled.")
        return redirect("console:recurrences")
    context = {
        "row": row,
        "form": form,
        "words": recurrence_words.in_words(row),
        "waiting": _waiting([row.pk]).get(row.pk),
    }
    return render(request, "console/plan/end_recurrence.html", context)


def _were(number: int) -> str:
    return " was" if number == 1 else "s were"


urlpatterns = [
    path("plan/repeating", recurrences, name="recurrences"),
    path("plan/repeating/new", new_recurrence, name="new_recurrence"),
    path("plan/repeating/<int:recurrence_id>/end", end_recurrence, name="end_recurrence"),
]
