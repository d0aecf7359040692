"""Today: what goes out, what needs this person, what came in, and whether everything is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.console.frame import authorization, navigation
from backend.console.frame.authorization import Request, has_permission
from backend.notifications import attention
from backend.notifications.attention import of_content, of_posts
from backend.notifications.attention.item import AHEAD, SHOWN, AttentionItem, may_act, span_words
from backend.notifications.causes import ACT_ON_POSTS, Cause
from campaigns.hiring.models import Candidate, Hire, Visit
from campaigns.mailing.models import Subscriber, SubscriberStatus
from campaigns.planning import organisation_clock
from campaigns.planning.models import Content, Pause, Publication, PublicationState, Reason
from scheduler.engine.health import Health, health

LATELY = timedelta(days=7)
P = PublicationState
GOING = (P.SCHEDULED, P.SENDING, P.UNKNOWN)
LAST = 6


@authorization.page_view("keep own account")
def today(request: Request) -> HttpResponse:
    now = timezone.now()
    alive = health(now)
    posts = _posts(now)
    needs = _needs(request.user, posts, now, alive)
    needing = _needing(request.user, posts)
    going_out = _going_out(posts, now)
    context = {
        "now": now,
        "needs": needs[:SHOWN],
        "more_needs": len(needs) > SHOWN or needing > SHOWN,
        "needing": needing,
        "going_out": going_out[:SHOWN],
        "more_going_out": len(going_out) > SHOWN,
        "went_out": _went_out(posts),
        "came_in": _came_in(request, now),
        "pauses": Pause.objects.active().select_related("campaign", "channel", "started_by")[:SHOWN],
        "health": alive,
        "health_words": _health_words(alive, now),
        "headline": _headline(needs, needing, going_out, alive),
        "is_new": not going_out and not Content.objects.exists(),
    }
    return render(request, "console/today/today.html", context)


def _needs(user: User, posts: list[Publication], now: datetime, alive: Health) -> list[AttentionItem]:
    reviews = of_content.reviews_for(user)
    stuck = _stuck(user, posts, reviews)
    told = {row.content_id for row, _ in stuck if row.reason_code == Reason.NOT_APPROVED}
    found = [
        *(need for _, need in stuck),
        *_unapproved(user, posts, now),
        *(need for pk, need in reviews.items() if pk not in told),
        *attention.other_items(user, now, alive),
    ]
    return sorted(found, key=lambda need: not need.urgent)


def _needing(user: User, posts: list[Publication]) -> int:
    """How many posts need attention; counted anew where more may than were read."""
    if not has_permission(user, ACT_ON_POSTS):
        return 0
    number = sum(row.needs_person for row in posts)
    return number if number <= SHOWN else Publication.objects.needs_attention().count()


def _posts(now: datetime) -> list[Publication]:
    """The first of those that need attention, that are late for approval, that go out soon, and that went out last:
    in one query, each part along its own index."""
    rows = Publication.objects
    due = rows.filter(state=P.SCHEDULED, due_at__lt=now + AHEAD)
    soon = rows.under_way() | rows.filter(state=P.SCHEDULED, due_at__lt=now + AHEAD)
    parts = [
        rows.needs_attention().order_by("publish_at", "pk")[: SHOWN + 1],
        due.filter(content__state__in=of_content.UNREVIEWED).order_by("due_at", "pk")[:SHOWN],
        soon.order_by("due_at", "pk")[: SHOWN + 1],
        rows.filter(sent_at__isnull=False).order_by("-sent_at", "-pk")[:LAST],
    ]
    shown = rows.select_related("content", "channel", "sent_post")
    first, *others = [shown.filter(pk__in=part.values("pk")) for part in parts]
    found = {row.pk: row for row in first.union(*others, all=True)}
    return sorted(found.values(), key=lambda row: (row.publish_at, row.pk))


def _stuck(
    user: User, posts: list[Publication], reviews: dict[int, AttentionItem]
) -> list[tuple[Publication, AttentionItem]]:
    """Posts that need attention. Where all that one lacks is an approval that this person may give, or a text that was
    returned to them, it leads there, and that is not told a second time."""
    if not has_permission(user, ACT_ON_POSTS):
        return []
    found = []
    for row in [row for row in posts if row.needs_person][: SHOWN + 1]:
        need = of_posts.stuck_post(row)
        review = reviews.get(row.content_id) if row.reason_code == Reason.NOT_APPROVED else None
        found.append((row, replace(need, address=review.address, label=review.label) if review else need))
    return found


def _unapproved(user: User, posts: list[Publication], now: datetime) -> list[AttentionItem]:
    if not may_act(user, Cause.UNSENT):
        return []
    soon = [row for row in posts if row.state == P.SCHEDULED and row.due_at < now + AHEAD]
    return list(of_content.unapproved_soon(soon))


def _going_out(posts: list[Publication], now: datetime) -> list[Publication]:
    """More than are shown where there are more."""
    return [row for row in posts if row.state in GOING and not row.needs_person and row.due_at < now + AHEAD]


def _went_out(posts: list[Publication]) -> list[Publication]:
    sent = [(row.sent_at, row.pk, row) for row in posts if row.sent_at]
    return [row for *_, row in sorted(sent, reverse=True)[:LAST]]


@dataclass(frozen=True)
class SummaryFigure:
    name: str
    value: int
    address: str


def _came_in(request: Request, now: datetime) -> list[SummaryFigure]:
    """Visits, sign-ups and hires of the last seven days; what is HR's is read for HR alone. One query, in which each
    figure is bounded by an index on its time; what the sidebar counts is asked with it."""
    user = request.user
    day = organisation_clock.today(now) - LATELY
    joined = Subscriber.objects.filter(status=SubscriberStatus.SUBSCRIBED).joined_since(day)
    figures: list[tuple[str, str, QuerySet[Any], str]] = [
        ("read links", "Visits from tracked links", Visit.objects.counted().since(day), "links"),
        ("read subscribers", "New email subscribers", joined, "mailing_lists"),
        ("read candidates", "New candidates", Candidate.objects.recorded_since(day), "candidates"),
        ("read hires", "Offers accepted", Hire.objects.counted().filter(accepted_on__gte=day), "hires"),
    ]
    seen = {page: (name, rows) for act, name, rows, page in figures if has_permission(user, act)}
    numbers = navigation.count_with_waiting(request, {page: rows for page, (_, rows) in seen.items()})
    narrowed = {"candidates": f"recorded_from={day}", "hires": f"from={day}&state=counted"}
    return [
        SummaryFigure(name, numbers[page], f"{reverse(f'console:{page}')}?{narrowed.get(page, f'from={day}')}")
        for page, (name, _) in seen.items()
    ]


def _health_words(alive: Health, now: datetime) -> str:
    if not alive.worker_alive:
        seen = alive.worker_seen_at
        last = f"It was last active {span_words(now - seen)} ago." if seen else "It has not started yet."
        return f"Publishing has stopped. The worker is not running. {last} Tell your administrator."
    if not alive.ok:
        return (
            "Publishing is running late. The oldest post has waited "
            f"{span_words(timedelta(seconds=alive.oldest_overdue_seconds))}."
        )
    if alive.throttled_channels:
        rests = "1 channel accepts" if alive.throttled_channels == 1 else f"{alive.throttled_channels} channels accept"
        return f"Publishing is working. {rests} no more posts right now. Posts due there will follow."
    return "Publishing is working."


def _headline(needs: list[AttentionItem], needing: int, going_out: list[Publication], alive: Health) -> str:
    urgent = sum(need.urgent for need in needs)
    parts = [] if alive.worker_alive else ["Publishing has stopped"]
    parts.append(f"{_many(going_out) or 'nothing'} {'goes' if len(going_out) < 2 else 'go'} out in the next 24 hours")
    others = [need for need in needs if not need.is_post]
    wanting = [_counted(needing, "post"), _counted(len(others), "other item" if needing else "item")]
    if needs:
        verb = "needs" if needing + len(others) == 1 else "need"
        parts.append(f"{' and '.join(filter(None, wanting))} {verb} your attention")
    if urgent:
        parts.append(f"{urgent} of them now" if urgent < len(needs) else "now")
    sentence = ", ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}" if number else ""


def _many(rows: list[Any]) -> str:
    return f"{SHOWN} or more" if len(rows) > SHOWN else str(len(rows) or "")


@authorization.page_view("keep own account")
def attention_list(request: Request) -> HttpResponse:
    """All of it, posts together by channel and reason: what there is to do, one thing after another."""
    now = timezone.now()
    needs = attention.items_for(request.user, now, health(now))
    groups = [("Now", [need for need in needs if need.urgent]), ("When you can", [n for n in needs if not n.urgent])]
    context = {"groups": [(title, rows) for title, rows in groups if rows], "number": len(needs)}
    return render(request, "console/today/attention.html", context)


urlpatterns = [path("", today, name="today"), path("attention", attention_list, name="attention")]
