"""Today: what goes out, what needs this person, what came in, and whether everything is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.console.frame import authorization
from backend.console.frame.authorization import Request, has_permission
from campaigns.hiring.models import Candidate, Hire, Visit
from campaigns.mailing.models import Subscriber, SubscriberStatus
from campaigns.planning import organisation_clock
from campaigns.planning.models import Content, ContentState, Pause, Publication, PublicationState, Reason
from campaigns.planning.services import content as contents
from scheduler.connections import renewal
from scheduler.connections.models import Connection
from scheduler.engine.health import Health, health
from scheduler.models import WebhookEndpoint

AHEAD = timedelta(hours=24)
LATELY = timedelta(days=7)
SHOWN = 20
P = PublicationState
GOING = (P.SCHEDULED, P.SENDING, P.UNKNOWN)
UNREVIEWED = (ContentState.DRAFT, ContentState.RETURNED)
LAST = 6
ACT = "retry publication"
"""Who may do this acts on posts that need attention, and is told of them."""


@authorization.page_view("keep own account")
def today(request: Request) -> HttpResponse:
    now = timezone.now()
    alive = health(now)
    posts = _posts(now)
    needs = list(_needs(request.user, posts, now))
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
        "came_in": _came_in(request.user, now),
        "pauses": Pause.objects.active().select_related("campaign", "channel", "started_by")[:SHOWN],
        "health": alive,
        "health_words": _health_words(alive, now),
        "headline": _headline(needs, needing, going_out, alive),
        "is_new": not going_out and not Content.objects.exists(),
    }
    return render(request, "console/today/today.html", context)


@dataclass(frozen=True)
class AttentionItem:
    """Something that waits for this person: what it is, where, why, and the page on which to act."""

    state: str
    title: str
    where: str
    since: datetime
    reason: str
    address: str
    label: str
    urgent: bool = False
    post: bool = False


def _needs(user: User, posts: list[Publication], now: datetime) -> list[AttentionItem]:
    reviews = _reviews(user)
    stuck = _stuck(user, posts, reviews)
    told = {row.content_id for row, _ in stuck if row.reason_code == Reason.NOT_APPROVED}
    found = [
        *(need for _, need in stuck),
        *_unapproved(user, posts, now),
        *(need for pk, need in reviews.items() if pk not in told),
        *_ending(user, now),
        *_given_up(user),
    ]
    return sorted(found, key=lambda need: not need.urgent)


def _needing(user: User, posts: list[Publication]) -> int:
    """How many posts need attention; counted anew where more may than were read."""
    if not has_permission(user, ACT):
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
        due.filter(content__state__in=UNREVIEWED).order_by("due_at", "pk")[:SHOWN],
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
    if not has_permission(user, ACT):
        return []
    found = []
    for row in [row for row in posts if row.needs_person][: SHOWN + 1]:
        need = AttentionItem(
            state=row.state,
            title=row.content.title,
            where=row.channel.name,
            since=row.publish_at,
            reason=_reason(row),
            address=reverse("console:publication", args=[row.pk]),
            label="See options",
            urgent=row.state != P.HELD,
            post=True,
        )
        review = reviews.get(row.content_id) if row.reason_code == Reason.NOT_APPROVED else None
        found.append((row, replace(need, address=review.address, label=review.label) if review else need))
    return found


def _reason(row: Publication) -> str:
    said = row.reason or Reason(row.reason_code).label
    return (
        f"{said} It may be live. Check {row.channel.name}, then say whether it is there."
        if row.state == P.UNKNOWN
        else said
    )


def _unapproved(user: User, posts: list[Publication], now: datetime) -> list[AttentionItem]:
    """What should go out within a day and nobody has sent for approval."""
    if not has_permission(user, "submit content"):
        return []
    soon = [row for row in posts if row.state == P.SCHEDULED and row.due_at < now + AHEAD]
    return [
        AttentionItem(
            state="unsent",
            title=row.content.title,
            where=row.channel.name,
            since=row.publish_at,
            reason="It is due soon and has not been sent for approval.",
            address=reverse("console:content", args=[row.content_id]),
            label="Continue",
            urgent=True,
        )
        for row in soon
        if row.content.state in UNREVIEWED
    ]


def _reviews(user: User) -> dict[int, AttentionItem]:
    """What waits for approval and this person may approve, and what was sent back to them, by content."""
    parts = []
    if has_permission(user, "approve content"):
        theirs = contents.approvable_by(user)
        parts.append(Content.objects.filter(theirs, state=ContentState.IN_REVIEW).order_by("pk")[:SHOWN])
    if has_permission(user, "submit content"):
        own = Content.objects.filter(state=ContentState.RETURNED, created_by=user)
        parts.append(own.order_by("-pk")[:SHOWN])
    if not parts:
        return {}
    first, *others = [Content.objects.filter(pk__in=part.values("pk")) for part in parts]
    rows = list(first.union(*others, all=True))
    waiting = sorted((row for row in rows if row.state == ContentState.IN_REVIEW), key=lambda row: row.pk)
    returned = sorted((row for row in rows if row.state == ContentState.RETURNED), key=lambda row: -row.pk)
    return {row.pk: _to_approve(row) for row in waiting} | {row.pk: _returned(row) for row in returned}


def _to_approve(row: Content) -> AttentionItem:
    return AttentionItem(
        state=row.state,
        title=row.title,
        where=row.get_kind_display(),
        since=row.edited_at,
        reason="Read it as it will appear, then approve or return it.",
        address=reverse("console:review", args=[row.pk]),
        label="Review",
    )


def _returned(row: Content) -> AttentionItem:
    return AttentionItem(
        state=row.state,
        title=row.title,
        where=row.get_kind_display(),
        since=row.edited_at,
        reason="It was returned with a comment.",
        address=reverse("console:content", args=[row.pk]),
        label="Read the comment",
    )


def _ending(user: User, now: datetime) -> list[AttentionItem]:
    """Sign-ins at channels that ended or will end soon."""
    if not has_permission(user, "read connection"):
        return []
    rows = renewal.ending(now) | Connection.objects.filter(status=Connection.Status.NEEDS_SIGN_IN)
    rows = rows.filter(channel__active=True)
    return [
        AttentionItem(
            state="sign_in",
            title=row.channel.name,
            where=row.account or "Channel",
            since=row.expires_at or row.checked_at or row.created_at,
            reason=_ending_words(row, now),
            address=reverse("console:channel", args=[row.channel_id]),
            label="Sign in again",
            urgent=row.status == Connection.Status.NEEDS_SIGN_IN,
        )
        for row in rows.select_related("channel").order_by("pk")[:SHOWN]
    ]


def _ending_words(row: Connection, now: datetime) -> str:
    if row.status == Connection.Status.NEEDS_SIGN_IN or row.expires_at is None:
        return row.message or "Sign in to the channel again. Its posts are on hold until you do."
    if row.expires_at <= now:
        return "Access has expired. Posts are on hold until someone signs in again."
    return f"Access expires in {ago(row.expires_at - now)}."


def _given_up(user: User) -> list[AttentionItem]:
    """Receivers of events that failed for so long that nothing is sent to them any more."""
    if not has_permission(user, "read webhooks"):
        return []
    rows = WebhookEndpoint.objects.filter(active=False).exclude(disabled_at=None).order_by("disabled_at")[:SHOWN]
    return [
        AttentionItem(
            state="given_up",
            title=str(row),
            where="Webhook",
            since=row.disabled_at,
            reason=f"{row.disabled_reason} We have stopped sending to it. Turn it on again when it replies.",
            address=reverse("console:webhooks"),
            label="See why",
            urgent=True,
        )
        for row in rows
        if row.disabled_at
    ]


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


class CountSubquery(Subquery):
    """How many rows there are, as a column."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _came_in(user: User, now: datetime) -> list[SummaryFigure]:
    """Visits, sign-ups and hires of the last seven days; what is HR's is read for HR alone. One query, in which each
    figure is bounded by an index on its time."""
    day = organisation_clock.today(now) - LATELY
    joined = Subscriber.objects.filter(status=SubscriberStatus.SUBSCRIBED).joined_since(day)
    figures: list[tuple[str, str, QuerySet[Any], str]] = [
        ("read links", "Visits from tracked links", Visit.objects.counted().since(day), "links"),
        ("read subscribers", "New email subscribers", joined, "mailing_lists"),
        ("read candidates", "New candidates", Candidate.objects.recorded_since(day), "candidates"),
        ("read hires", "Offers accepted", Hire.objects.counted().filter(accepted_on__gte=day), "hires"),
    ]
    seen = {page: (name, rows) for act, name, rows, page in figures if has_permission(user, act)}
    if not seen:
        return []
    columns = {page: CountSubquery(rows.order_by().values("pk")) for page, (_, rows) in seen.items()}
    numbers = User.objects.filter(pk=user.pk).annotate(**columns).values(*columns).get()
    narrowed = {"candidates": f"recorded_from={day}", "hires": f"from={day}&state=counted"}
    return [
        SummaryFigure(name, numbers[page], f"{reverse(f'console:{page}')}?{narrowed.get(page, f'from={day}')}")
        for page, (name, _) in seen.items()
    ]


def _health_words(alive: Health, now: datetime) -> str:
    if not alive.worker_alive:
        seen = alive.worker_seen_at
        last = f"It was last active {ago(now - seen)} ago." if seen else "It has not started yet."
        return f"Publishing has stopped. The worker is not running. {last} Tell your administrator."
    if not alive.ok:
        return (
            "Publishing is running late. The oldest post has waited "
            f"{ago(timedelta(seconds=alive.oldest_overdue_seconds))}."
        )
    if alive.throttled_channels:
        rests = "1 channel accepts" if alive.throttled_channels == 1 else f"{alive.throttled_channels} channels accept"
        return f"Publishing is working. {rests} no more posts right now. Posts due there will follow."
    return "Publishing is working."


def ago(span: timedelta) -> str:
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number = int(span.total_seconds() // seconds)
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{max(1, int(span.total_seconds()))} seconds"


def _headline(needs: list[AttentionItem], needing: int, going_out: list[Publication], alive: Health) -> str:
    urgent = sum(need.urgent for need in needs)
    parts = [] if alive.worker_alive else ["Publishing has stopped"]
    parts.append(f"{_many(going_out) or 'nothing'} {'goes' if len(going_out) < 2 else 'go'} out in the next 24 hours")
    others = [need for need in needs if not need.post]
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


urlpatterns = [path("", today, name="today")]
