"""Publishing: what needs a person, what goes out next, what is under way, what went, and several at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from backend.console.frame import gate, paging, parameters
from backend.console.frame.forms import Form
from backend.console.frame.gate import Request
from backend.console.publishing import explanations, pauses
from campaigns.planning.attention import AttentionCount, attention_counts
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Channel, Publication, PublicationState
from campaigns.planning.services import held_publications

P = PublicationState
Part = Callable[[Request, Channel | None, list[AttentionCount], datetime], dict[str, Any]]
"""What one tab shows."""
FIRST = 10
"""How many of each the page shows before it says how many there are."""
TABS = {
    "person": "Needs a person",
    "next": "Goes out next",
    "sending": "Sending",
    "sent": "Sent lately",
    "held": "Held",
}
WAITING = {"waiting": "Planned or held"}
"""To which a channel's page leads; a tab only for whoever comes from there."""
PERSON = {"unknown": "Outcome unknown", "failed": "Failed", "live": "Still live, to be taken down", "held": "Held"}


@dataclass(frozen=True)
class PublicationRow:
    row: Publication
    story: explanations.StatusExplanation


@dataclass(frozen=True)
class Group:
    """What needs a person for the same cause."""

    name: str
    title: str
    number: int
    rows: list[PublicationRow]


@gate.page_view("publications.list_publications")
def publishing(request: Request) -> HttpResponse:
    now = timezone.now()
    tab = request.GET.get("tab", "person")
    tab = tab if tab in _PARTS else "person"
    tabs = TABS | WAITING if tab in WAITING else TABS
    standing = attention_counts()
    channel = _channel(request)
    context: dict[str, Any] = {
        "tab": tab,
        "needing": _number("person", standing, channel),
        "tabs": [(name, label, _number(name, standing, channel)) for name, label in tabs.items()],
        "pauses": pauses.active_pauses(),
        "hold": pauses.HoldForm() if gate.has_permission(request.user, "pauses.start_pause") else None,
        "channel": channel,
        "now": now,
    }
    context |= _PARTS[tab](request, channel, standing, now)
    return render(request, "console/publishing/publishing.html", context)


def _channel(request: HttpRequest) -> Channel | None:
    row: Channel | None = parameters.named(Channel.objects, request.GET.get("channel", ""))
    return row


def _number(tab: str, standing: list[AttentionCount], channel: Channel | None) -> int | None:
    """How many stand there, where that says something."""
    shown = [each for each in standing if _on(channel, each)]
    if tab == "person":
        return sum(each.number for each in shown if each.cause)
    if tab == "held":
        return sum(each.number for each in shown if each.state == P.HELD)
    if tab == "sending":
        return sum(each.number for each in shown if each.state == P.SENDING)
    return None


def _tell(request: Request, rows: Any, now: datetime) -> list[PublicationRow]:
    return [PublicationRow(row, explanations.told_to(request.user, row, now)) for row in rows]


def _of(channel: Channel | None) -> QuerySet[Publication]:
    rows = Publication.objects.select_related("content", "channel__connection", "takedown")
    return rows.filter(channel=channel) if channel else rows


def _person(request: Request, channel: Channel | None, standing: list[AttentionCount], now: datetime) -> dict[str, Any]:
    what = request.GET.get("what", "")
    if what in PERSON:
        page = paging.page(_needing(what, channel), request, sort="due_at")
        return {"what": what, "what_title": PERSON[what], "pages": page, "told": _tell(request, page.rows, now)}
    groups = []
    for name, title in PERSON.items():
        number = sum(each.number for each in standing if each.cause == name and _on(channel, each))
        if number:
            rows = _needing(name, channel).order_by("due_at", "pk")[:FIRST]
            groups.append(Group(name, title, number, _tell(request, rows, now)))
    return {"groups": groups}


def _on(channel: Channel | None, each: AttentionCount) -> bool:
    return channel is None or channel.pk == each.channel_id


def _needing(what: str, channel: Channel | None) -> QuerySet[Publication]:
    rows = Publication.objects.select_related("content", "channel__connection", "takedown")
    found = {"held": rows.held_for_a_person, "live": rows.still_live}.get(what, lambda: rows.filter(state=what))()
    return found.filter(channel=channel) if channel else found


def _in_state(*states: str) -> Part:
    def part(request: Request, channel: Channel | None, _: list[AttentionCount], now: datetime) -> dict[str, Any]:
        page = paging.page(_of(channel).filter(state__in=states), request, sort="due_at")
        return {"pages": page, "told": _tell(request, page.rows, now)}

    return part


def _sent(request: Request, _: Channel | None, __: list[AttentionCount], now: datetime) -> dict[str, Any]:
    """Of all channels: the index that makes this quick knows none."""
    page = paging.page(_of(None).filter(sent_at__isnull=False), request, sort="-sent_at")
    return {"pages": page, "told": _tell(request, page.rows, now), "channel": None}


def _held(request: Request, channel: Channel | None, standing: list[AttentionCount], now: datetime) -> dict[str, Any]:
    page = paging.page(_of(channel).filter(state=P.HELD), request, sort="due_at")
    together = [
        {
            "each": each,
            "why": explanations.why_held(each.reason_code),
            "releasable": explanations.releasable(each.reason_code),
        }
        for each in standing
        if each.state == P.HELD and _on(channel, each)
    ]
    return {"pages": page, "told": _tell(request, page.rows, now), "together": together}


_PARTS: dict[str, Part] = {
    "person": _person,
    "next": _in_state(P.SCHEDULED),
    "waiting": _in_state(P.SCHEDULED, P.HELD),
    "sending": _in_state(P.SENDING),
    "sent": _sent,
    "held": _held,
}


class HeldForm(Form):
    """What is decided together; `reason_code` as it stands on what is held."""

    channel: Any = forms.ModelChoiceField(Channel.objects.all())
    reason_code = forms.CharField(required=False, max_length=60)


@gate.post_action("publications.release_held")
def release_held(request: Request) -> HttpResponse:
    channel, reason_code = _named(request)
    moved = held_publications.release_held(channel=channel, reason_code=reason_code, by=request.user)
    return _moved(request, moved, "released")


@gate.post_action("publications.cancel_held")
def cancel_held(request: Request) -> HttpResponse:
    channel, reason_code = _named(request)
    moved = held_publications.cancel_held(channel=channel, reason_code=reason_code, by=request.user)
    return _moved(request, moved, "cancelled")


def _named(request: Request) -> tuple[Channel, str]:
    form = HeldForm(request.POST)
    if not form.is_valid():
        raise InvalidPlan("Say which channel and which reason. Nothing was changed.")
    return form.cleaned_data["channel"], form.cleaned_data["reason_code"]


def _moved(request: Request, moved: int, done: str) -> HttpResponse:
    more = " There may be more: press it again." if moved >= held_publications.TOGETHER_AT_MOST else ""
    messages.success(request, f"{moved or 'None'} {'was' if moved == 1 else 'were'} {done}.{more}")
    return gate.redirect_back(request, "console:publishing")


urlpatterns = [
    path("publishing", publishing, name="publishing"),
    path("publishing/held/release", release_held, name="release_held"),
    path("publishing/held/cancel", cancel_held, name="cancel_held"),
]
