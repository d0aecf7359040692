"""Where one content stands, in words; what a person may do next; and the plain question before something ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backend.accounts.models import User
from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form
from campaigns.planning.models import (
    WAITING,
    Content,
    ContentKind,
    ContentMove,
    ContentState,
    Publication,
    PublicationState,
)

S = ContentState
LISTS = {
    ContentKind.EVENT: ("events", "Events"),
    ContentKind.VACANCY: ("vacancies", "Jobs"),
    ContentKind.BLOG_ENTRY: ("blog_entries", "Blog"),
    ContentKind.BULLETIN: ("bulletins", "Bulletins"),
}
BECAME = {
    S.DRAFT: "Created",
    S.IN_REVIEW: "Sent for approval",
    S.RETURNED: "Returned",
    S.APPROVED: "Approved",
    S.WITHDRAWN: "Withdrawn",
    S.ARCHIVED: "Archived",
}
POSTS_SHOWN = 10
STAYS = "Published posts stay live. If readers need to know, tell them on each channel."


@dataclass(frozen=True)
class Action:
    """One thing to do about a content. `leads`: it may be the page's main button; `ends`: it stands apart from the
    others."""

    label: str
    act: str
    address: str
    icon: str
    leads: bool = False
    ends: bool = False
    main: bool = False


def address_of(name: str, *args: Any) -> str:
    """A page of the console by its name."""
    return reverse(f"console:{name}", args=args)


def actions(row: Content, user: User, *, ended: bool) -> list[Action]:
    """What this person may do about it as it stands, the likeliest first; one of them at most is the main one."""
    found = [each for each in _wanted(row, ended) if authorization.has_permission(user, each.act)]
    main = next((each for each in found if each.leads), None)
    return [replace(each, main=each is main) for each in found]


def repeats(row: Content, user: User, *, ended: bool) -> bool:
    """Whether this person may put it into the plan again and again."""
    goes_on = row.state not in (S.WITHDRAWN, S.ARCHIVED) and not ended
    return goes_on and authorization.has_permission(user, "start recurrence")


def _wanted(row: Content, ended: bool) -> Iterator[Action]:
    pk, kind, state = row.pk, row.kind, row.state
    change = (f"change {kind.replace('_', ' ')}", address_of(f"change_{kind}", pk), "square-pen")
    compose = ("compose content", address_of("compose", pk), "pencil")
    submit = ("submit content", address_of("submit_content", pk), "eye")
    if state == S.IN_REVIEW:
        yield Action("Review", "approve content", address_of("review", pk), "eye", leads=True)
    if state == S.RETURNED:
        yield Action("Change", *change, leads=True)
    if state in (S.DRAFT, S.RETURNED, S.IN_REVIEW, S.APPROVED) and not ended:
        yield Action("Compose", *compose, leads=state in (S.DRAFT, S.APPROVED))
    if state in (S.DRAFT, S.RETURNED):
        yield Action("Submit for approval", *submit, leads=ended)
    if state == S.WITHDRAWN:
        yield Action("Submit for approval again", *submit, leads=True)
    if state not in (S.RETURNED, S.ARCHIVED):
        yield Action("Change", *change)
    yield from _endings(row, ended)


def _endings(row: Content, ended: bool) -> Iterator[Action]:
    pk, state = row.pk, row.state
    if row.kind == ContentKind.VACANCY and not row.ending().early:
        yield Action(
            "Mark as filled",
            "fill vacancy",
            address_of("fill_vacancy", pk),
            "user-check",
            leads=state == S.APPROVED,
            ends=True,
        )
    if row.kind == ContentKind.VACANCY and not ended:
        yield Action("Close early", "close vacancy", address_of("withdraw_vacancy", pk), "circle-x", ends=True)
    if row.kind == ContentKind.EVENT and not ended:
        yield Action("Cancel event", "cancel event", address_of("cancel_event", pk), "circle-x", ends=True)
    if state in (S.APPROVED, S.WITHDRAWN):
        address = address_of("archive_content", pk)
        yield Action("Archive", "archive content", address, "archive", leads=ended, ends=True)
    if state != S.WITHDRAWN:
        yield Action("Withdraw", "withdraw content", address_of("withdraw_content", pk), "archive-x", ends=True)


@dataclass(frozen=True)
class LastTransition:
    """How it came to stand where it stands."""

    became: str
    by: Any
    at: datetime
    comment: str = ""


def last_transition(row: Content, last: ContentMove | None) -> LastTransition:
    """By its last move; a draft that nobody moved yet was begun by somebody."""
    if last is None:
        return LastTransition(BECAME[S.DRAFT], row.created_by, row.created_at)
    return LastTransition(BECAME[S(last.to_state)], last.by, last.at, last.comment)


def set_nav_item(request: Request, row: Content) -> None:
    """A page of this row belongs to the list of its kind."""
    request.nav_item = LISTS[ContentKind(row.kind)][0]


@dataclass(frozen=True)
class Question:
    """What is asked before it is done. `says` is what comes of it; `cancels`: what waits is cancelled; `out` is what
    becomes of what has gone out."""

    label: str
    says: str
    cancels: bool = True
    out: str = ""
    danger: bool = False


def confirm_action(
    request: Request, row: Content, question: Question, act: Callable[..., str], make: type[Form] = Form
) -> HttpResponse:
    """A page with one question. `act` takes what was typed, does it, and returns what is said; where it is refused,
    that is said here and what was typed is kept."""
    set_nav_item(request, row)
    form = make(request.POST if request.method == "POST" else None)
    if said := form.perform(lambda: act(**form.cleaned_data)):
        messages.success(request, said)
        return redirect("console:content", row.pk)
    context: dict[str, Any] = {"row": row, "form": form, "question": question}
    posts = Publication.objects.filter(content_id=row.pk)
    if question.cancels:
        waiting = waiting_publications(posts)
        context |= {"waiting": list(waiting[:POSTS_SHOWN]), "number": waiting.count()}
    if question.out:
        context["out"] = posts.filter(state=PublicationState.SENT).count()
    return render(request, "console/content/ask.html", context)


def waiting_publications(posts: QuerySet[Publication]) -> QuerySet[Publication]:
    """Those that are still to go out, the next one first."""
    to_come = posts.filter(state__in=WAITING)
    return to_come.select_related("channel").order_by("publish_at", "pk")
