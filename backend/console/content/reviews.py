"""Approvals: what waits to be read, as it will appear, with what changed since last time; and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField
from backend.console.frame.paging import page
from campaigns.planning import organisation_clock
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Content, ContentState, Publication
from campaigns.planning.services import approved_versions
from campaigns.planning.services import content as services
from scheduler.posts import previews

SHOWN_AT_MOST = 20
MOVES_SHOWN = 5


@authorization.page_view("compose content")
def reviews(request: Request) -> HttpResponse:
    """The oldest first, as they are worked through."""
    waiting = Content.objects.filter(state=ContentState.IN_REVIEW).select_related("edited_by", "campaign")
    pages = page(waiting, request, sort="pk")
    planned = Publication.objects.waiting().filter(content__in=[row.pk for row in pages.rows])
    counted = planned.order_by().values("content_id").annotate(number=Count("pk"), first=Min("publish_at"))
    by_content = {row["content_id"]: row for row in counted}
    rows = [(row, by_content.get(row.pk), _mine(row, request)) for row in pages.rows]
    return render(request, "console/content/reviews.html", {"pages": pages, "rows": rows})


def _mine(row: Content, request: Request) -> bool:
    return row.edited_by_id == request.user.pk


@authorization.page_view("compose content")
def review(request: Request, content_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(Content.with_relations(), pk=content_id))


@authorization.post_action("approve content")
def approve(request: Request, content_id: int) -> HttpResponse:
    def act(row: Content, comment: str) -> None:
        seen = request.POST.get("seen", "") or "nothing was seen"
        services.approve_content(content=row, by=request.user, comment=comment, seen=seen)

    return _decide(request, content_id, act, "Approved")


@authorization.post_action("return content")
def return_(request: Request, content_id: int) -> HttpResponse:
    def act(row: Content, comment: str) -> None:
        services.return_content(content=row, by=request.user, comment=comment)

    return _decide(request, content_id, act, "Returned")


class DecisionForm(Form):
    comment = LongTextField(required=False, max_length=2000)


def _decide(request: Request, content_id: int, act: Callable[[Content, str], None], done: str) -> HttpResponse:
    """A refusal shows the page again as it is now, with the comment that was typed."""
    row, form = get_object_or_404(Content, pk=content_id), DecisionForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidPlan(str(form.errors["comment"][0]), field="comment")
        with transaction.atomic():
            act(row, form.cleaned_data["comment"])
    except authorization.REFUSALS as refusal:
        again, typed = Content.with_relations().get(pk=content_id), request.POST.get("comment", "")
        return _page(request, again, comment=typed, problem=refusal, status=409)
    following = _following(request, content_id)
    messages.success(request, f"{done}: {row.title}." + (" Next item:" if following else " Nothing else is waiting."))
    return redirect("console:review", content_id=following) if following else redirect("console:reviews")


def _following(request: Request, content_id: int) -> int | None:
    """The next one that this person may decide; after the last one it begins again."""
    may = services.approvable_by(request.user)
    waiting = Content.objects.filter(may, state=ContentState.IN_REVIEW).exclude(pk=content_id)
    ids = waiting.order_by("pk").values_list("pk", flat=True)
    found: int | None = ids.filter(pk__gt=content_id).first() or ids.first()
    return found


def _page(
    request: Request, content: Content, *, comment: str = "", problem: Exception | None = None, status: int = 200
) -> HttpResponse:
    to_go = approved_versions.still_to_go(content)
    last = approved_versions.last_version(content)
    parts = approved_versions.parts_of(content, to_go)
    shown = previews.preview_publications(approved_versions.distinct_texts(to_go)[:SHOWN_AT_MOST])
    context: dict[str, Any] = {
        "content": content,
        "seen": approved_versions.digest_of(parts),
        "last": last,
        "clock_of_readers": organisation_clock.another(organisation_clock.organisation_zone_name()),
        "changes": approved_versions.changes_since(last, parts),
        "parts": [part for part in parts if part.text and not part.name.startswith("channel.")],
        "shown": shown,
        "pages": [each for each in shown if each.own_page],
        "times": sorted(to_go, key=lambda each: (each.publish_at, each.pk))[:SHOWN_AT_MOST],
        "moves": list(content.moves.select_related("by").order_by("-pk")[:MOVES_SHOWN]),
        "refusal": _refusal(request, content),
        "comment": comment,
        "problem": problem,
    }
    return render(request, "console/content/review.html", context, status=status)


def _refusal(request: Request, content: Content) -> str:
    """Why this person cannot decide, said before they try."""
    if content.state != ContentState.IN_REVIEW:
        return f"This is {content.get_state_display().lower()}, so you do not need to approve it."
    if not authorization.has_permission(request.user, "approve content"):
        return f"Only an approver can approve this. Your role is {request.user.get_role_display().lower()}."
    return services.approval_refusal(content, request.user)


urlpatterns = [
    path("reviews", reviews, name="reviews"),
    path("reviews/<int:content_id>", review, name="review"),
    path("reviews/<int:content_id>/approve", approve, name="approve"),
    path("reviews/<int:content_id>/return", return_, name="return"),
]
