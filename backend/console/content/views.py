"""One piece of content of any kind: what it is, where it stands, where it goes, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone

from backend.console.content import content_status
from backend.console.content.content_status import LISTS, Question, confirm_action
from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField
from backend.console.frame.paging import page
from campaigns.hiring import visits
from campaigns.planning import organisation_clock
from campaigns.planning.models import WAITING, Content, ContentKind, Publication
from campaigns.planning.services import content as services
from campaigns.website import addresses, items
from campaigns.website import details as facts
from campaigns.website.models import Item
from campaigns.website.page_document import build_page_document

POSTS_SHOWN = 8
"""Of what is still to go out, and of the rest."""
MOVES_SHOWN = 5
TABS = {"": "Overview", "posts": "All posts", "history": "History"}


@authorization.page_view("read content")
def content(request: Request, content_id: int) -> HttpResponse:
    rows = Content.with_relations().select_related("created_by")
    row = get_object_or_404(rows, pk=content_id)
    content_status.set_nav_item(request, row)
    tab = request.GET.get("tab", "")
    moves = list(row.moves.select_related("by").order_by("-pk")[: MOVES_SHOWN + 1])
    ending = row.ending().words(timezone.now())
    actions = content_status.actions(row, request.user, ended=bool(ending))
    name, label = LISTS[ContentKind(row.kind)]
    context: dict[str, Any] = {
        "row": row,
        "since": content_status.last_transition(row, moves[0] if moves else None),
        "ending": ending,
        "near": [each for each in actions if each.main or not each.ends],
        "apart": [each for each in actions if each.ends and not each.main],
        "repeats": content_status.repeats(row, request.user, ended=bool(ending)),
        "list_address": content_status.address_of(name),
        "list_label": label,
        "tabs": TABS,
        "tab": tab if tab in TABS else "",
    }
    posts = Publication.objects.filter(content_id=row.pk).select_related("channel")
    if context["tab"] == "posts":
        context["pages"] = page(posts, request, sort="-publish_at")
    elif context["tab"] == "history":
        context["pages"] = page(row.moves.select_related("by"), request)
    else:
        context |= _read(row) | _goes(row) | _became(request, row)
        context |= {"moves": moves[:MOVES_SHOWN], "more_moves": len(moves) > MOVES_SHOWN}
    return render(request, "console/content/content.html", context)


def _read(row: Content) -> dict[str, Any]:
    """As readers will see it."""
    shown = items.build_item(build_page_document(row), at=timezone.now())
    live = Item.objects.filter(content_id=row.pk, withdrawn_at=None)
    places = [(item.get_surface_display(), _path(item)) for item in live]
    return {
        "shown": shown,
        "lead": facts.lead(shown),
        "facts": facts.details_of(shown),
        "specific": row.specific,
        "places": places,
        "clock_of_readers": organisation_clock.another(organisation_clock.organisation_zone_name()),
    }


def _path(item: Item) -> str:
    return addresses.page_path(surface=item.surface, kind=item.kind, slug=item.slug)


def _goes(row: Content) -> dict[str, Any]:
    """What is still to go out, the next one first; and the newest of the rest."""
    posts = Publication.objects.filter(content_id=row.pk)
    waiting = list(content_status.waiting_publications(posts)[: POSTS_SHOWN + 1])
    rest = posts.exclude(state__in=WAITING).select_related("channel")
    others = list(rest.order_by("-publish_at", "-pk")[: POSTS_SHOWN + 1])
    return {
        "waiting": waiting[:POSTS_SHOWN],
        "others": others[:POSTS_SHOWN],
        "more_posts": len(waiting) > POSTS_SHOWN or len(others) > POSTS_SHOWN,
    }


def _became(request: Request, row: Content) -> dict[str, Any]:
    """Visits through its tracked links, for those who may open the links."""
    if not authorization.has_permission(request.user, "read links"):
        return {}
    by_channel = visits.count_visits_by_channel(row)
    return {
        "sees_visits": True,
        "visits": sum(number for _, _, number in by_channel),
        "visits_by_channel": by_channel,
    }


class ForApprovalForm(Form):
    comment = LongTextField(
        label="Note to approver",
        required=False,
        max_length=2000,
        rows=3,
        help_text="For example: for Tuesday, please check the salary.",
    )


class WhyForm(Form):
    comment = LongTextField(
        label="Reason", required=False, max_length=2000, rows=3, help_text="This is kept in the history."
    )


@authorization.form_view("submit content")
def submit_content(request: Request, content_id: int) -> HttpResponse:
    row = parameters.row(request, Content.objects, content_id)

    def act(comment: str) -> str:
        services.submit_content(content=row, by=request.user, comment=comment)
        return "Sent for approval. Nothing is published until someone approves it."

    says = "Someone reviews the content and its scheduled posts, then approves it or returns it with a comment."
    return confirm_action(request, row, Question("Submit for approval", says, cancels=False), act, ForApprovalForm)


@authorization.form_view("withdraw content")
def withdraw_content(request: Request, content_id: int) -> HttpResponse:
    row = parameters.row(request, Content.objects, content_id)

    def act(comment: str) -> str:
        services.withdraw_content(content=row, by=request.user, comment=comment)
        return "Withdrawn. No more posts will be published."

    question = Question(
        "Withdraw",
        "It is removed from your website and feeds immediately. To use it again, submit it for approval.",
        out="We delete published posts where the channel allows it. Where it does not, we ask you to take them down.",
        danger=True,
    )
    return confirm_action(request, row, question, act, WhyForm)


@authorization.form_view("archive content")
def archive_content(request: Request, content_id: int) -> HttpResponse:
    row = parameters.row(request, Content.objects, content_id)

    def act(comment: str) -> str:
        services.archive_content(content=row, by=request.user, comment=comment)
        return "Archived. You can find it under All."

    says = "It is hidden from lists, and nobody can change it."
    out = "Published posts and your web pages stay live."
    return confirm_action(request, row, Question("Archive", says, out=out), act, WhyForm)


urlpatterns = [
    path("content/<int:content_id>", content, name="content"),
    path("content/<int:content_id>/submit", submit_content, name="submit_content"),
    path("content/<int:content_id>/withdraw", withdraw_content, name="withdraw_content"),
    path("content/<int:content_id>/archive", archive_content, name="archive_content"),
]
