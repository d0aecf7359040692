"""Publishing: what needs attention, what goes out next, what is under way, what went, and several at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from backend.console.frame import authorization, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form
from backend.console.publishing import explanations, pauses
from campaigns.planning.attention import AttentionCount, attention_counts
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import REASONS, WAITING, Campaign, Channel, Publication, PublicationState, Reason
from campaigns.planning.models.publication import PublicationQuerySet
from campaigns.planning.services import held_publications

P = PublicationState
Part = Callable[[Request, PublicationQuerySet, list[AttentionCount], datetime], dict[str, Any]]
"""What one tab shows of these publications."""
FIRST = 10
"""How many of each the page shows before it says how many there are."""
TABS = {
    "person": "Needs attention",
    "next": "Next",
    "sending": "In progress",
    "sent": "Recently published",
    "held": "On hold",
}
ALL_WAITING = {"waiting": "Scheduled or on hold"}
"""To which a channel's page leads; a tab only for whoever comes from there."""
PERSON = {P.UNKNOWN: "Outcome unknown", P.FAILED: "Failed", P.SENT: "Still live, needs taking down", P.HELD: "On hold"}


@dataclass(frozen=True)
class PublicationRow:
    row: Publication
    story: explanations.StatusExplanation


@dataclass(frozen=True)
class Group:
    """What needs attention in one state."""

    name: str
    title: str
    number: int
    rows: list[PublicationRow]


@authorization.page_view("read publications")
def publishing(request: Request) -> HttpResponse:
    now = timezone.now()
    tab = request.GET.get("tab", "person")
    tab = tab if tab in _PARTS else "person"
    tabs = TABS | ALL_WAITING if tab in ALL_WAITING else TABS
    channel = parameters.named(Channel.objects, request.GET.get("channel", ""))
    campaign = parameters.named(Campaign.objects, request.GET.get("campaign", ""))
    chosen = {"channel": channel, "content__campaign": campaign}
    rows = Publication.objects.filter(**{name: value for name, value in chosen.items() if value})
    standing = attention_counts(rows)
    context: dict[str, Any] = {
        "tab": tab,
        "needing": _number("person", standing),
        "tabs": [(name, label, _number(name, standing)) for name, label in tabs.items()],
        "pauses": pauses.active_pauses(),
        "hold": pauses.HoldForm() if authorization.has_permission(request.user, "start pause") else None,
        "channel": channel,
        "campaign": campaign,
        "now": now,
    }
    context |= _PARTS[tab](request, _with_story(rows), standing, now)
    return render(request, "console/publishing/publishing.html", context)


def _with_story(rows: PublicationQuerySet) -> PublicationQuerySet:
    """With what their stories are told from."""
    return rows.select_related("content", "channel__connection", "takedown")


def _number(tab: str, standing: list[AttentionCount]) -> int | None:
    """How many stand there, where that says something."""
    if tab == "person":
        return sum(each.number for each in standing if each.needs_person)
    if tab == "held":
        return sum(each.number for each in standing if each.state == P.HELD)
    if tab == "sending":
        return sum(each.number for each in standing if each.under_way)
    return None


def _tell(request: Request, rows: Any, now: datetime) -> list[PublicationRow]:
    return [PublicationRow(row, explanations.explain_status_to(request.user, row, now)) for row in rows]


def _person(
    request: Request, rows: PublicationQuerySet, standing: list[AttentionCount], now: datetime
) -> dict[str, Any]:
    what, needing = request.GET.get("what", ""), rows.needs_attention()
    if what in PERSON:
        page = paging.page(needing.filter(state=what), request, sort="due_at")
        return {"what": what, "what_title": PERSON[P(what)], "pages": page, "told": _tell(request, page.rows, now)}
    groups = []
    for state, title in PERSON.items():
        number = sum(each.number for each in standing if each.needs_person and each.state == state)
        if number:
            first = needing.filter(state=state).order_by("due_at", "pk")[:FIRST]
            groups.append(Group(state, title, number, _tell(request, first, now)))
    return {"groups": groups}


def _in_state(*states: str) -> Part:
    def part(request: Request, rows: PublicationQuerySet, _: list[AttentionCount], now: datetime) -> dict[str, Any]:
        page = paging.page(rows.filter(state__in=states), request, sort="due_at")
        return {"pages": page, "told": _tell(request, page.rows, now)}

    return part


def _under_way(request: Request, rows: PublicationQuerySet, _: list[AttentionCount], now: datetime) -> dict[str, Any]:
    page = paging.page(rows.under_way(), request, sort="due_at")
    return {"pages": page, "told": _tell(request, page.rows, now)}


def _sent(request: Request, _: PublicationQuerySet, __: list[AttentionCount], now: datetime) -> dict[str, Any]:
    """Of all channels and campaigns: the index that makes this quick knows none."""
    page = paging.page(_with_story(Publication.objects.filter(sent_at__isnull=False)), request, sort="-sent_at")
    return {"pages": page, "told": _tell(request, page.rows, now), "channel": None, "campaign": None}


def _held(request: Request, rows: PublicationQuerySet, standing: list[AttentionCount], now: datetime) -> dict[str, Any]:
    page = paging.page(rows.filter(state=P.HELD), request, sort="due_at")
    together = [
        {"each": each, "releasable": REASONS[Reason(each.reason_code)].releasable}
        for each in standing
        if each.state == P.HELD
    ]
    # Together they are decided by channel and reason, whatever campaign they are of.
    return {
        "pages": page,
        "told": _tell(request, page.rows, now),
        "together": [] if request.GET.get("campaign") else together,
    }


_PARTS: dict[str, Part] = {
    "person": _person,
    "next": _in_state(P.SCHEDULED),
    "waiting": _in_state(*WAITING),
    "sending": _under_way,
    "sent": _sent,
    "held": _held,
}


class HeldForm(Form):
    """What is decided together; `reason_code` as it stands on what is held."""

    channel: Any = forms.ModelChoiceField(Channel.objects.all())
    reason_code = forms.TypedChoiceField(choices=Reason.choices, coerce=Reason)


@authorization.post_action("release publication")
def release_held(request: Request) -> HttpResponse:
    channel, reason_code = _named(request)
    moved = held_publications.release_held(channel=channel, reason_code=reason_code, by=request.user)
    return _moved(request, moved, "released")


@authorization.post_action("cancel publication")
def cancel_held(request: Request) -> HttpResponse:
    channel, reason_code = _named(request)
    moved = held_publications.cancel_held(channel=channel, reason_code=reason_code, by=request.user)
    return _moved(request, moved, "cancelled")


def _named(request: Request) -> tuple[Channel, Reason]:
    form = HeldForm(request.POST)
    if not form.is_valid():
        raise InvalidPlan("Choose a channel and a reason. Nothing was changed.")
    return form.cleaned_data["channel"], form.cleaned_data["reason_code"]


def _moved(request: Request, moved: int, done: str) -> HttpResponse:
    more = " There may be more. Select the button again." if moved >= held_publications.TOGETHER_AT_MOST else ""
    messages.success(
        request, f"{moved or 'No'} post{'' if moved == 1 else 's'} {'was' if moved == 1 else 'were'} {done}.{more}"
    )
    return authorization.redirect_back(request, "console:publishing")


urlpatterns = [
    path("publishing", publishing, name="publishing"),
    path("publishing/held/release", release_held, name="release_held"),
    path("publishing/held/cancel", cancel_held, name="cancel_held"),
]
