"""Today: what goes out next, what went out last, what needs a person, and whether publishing is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from backend.accounts import roles, services
from backend.accounts.models import FeedToken
from backend.console import gate
from backend.console.gate import Request
from backend.console.templatetags.console import words_for
from campaigns.hiring import reports
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import AttributionModel, Hire
from campaigns.planning.models import Content, ContentState, Pause, Publication, PublicationState
from scheduler.health import Health, health
from scheduler.models import Connection, WebhookEndpoint

AHEAD = timedelta(hours=24)
SHOWN = 30
LAST = 8
FEEDS = {FeedToken.Feed.BULLETIN: "site:bulletin_feed", FeedToken.Feed.PLAN: "site:plan_calendar"}


@gate.shows("me.get_me")
def today(request: Request) -> HttpResponse:
    return _page(request)


@gate.does("me.issue_feed")
def private_address(request: Request) -> HttpResponse:
    """A new private address for the person, shown in this answer and never again; the one before ends."""
    feed = request.POST.get("feed", "")
    if feed not in FeedToken.Feed.values:
        return HttpResponseBadRequest("Choose the bulletin or the plan.", content_type="text/plain; charset=utf-8")
    token = services.issue_feed_token(user=request.user, feed=feed)
    address = f"{settings.BASE_URL}{reverse(FEEDS[FeedToken.Feed(feed)])}?token={token}"
    return _page(request, new_feed=feed, new_address=address)


def _page(request: Request, *, new_feed: str = "", new_address: str = "") -> HttpResponse:
    now = timezone.now()
    alive = health(now)
    needing = _needing_a_person(request.user.role)
    going_out = _going_out(now)
    has = dict(request.user.feed_tokens.live(now).values_list("feed", "last_used_at"))
    context = {
        "now": now,
        "needing": needing,
        "going_out": going_out,
        "went_out": Publication.objects.filter(sent_at__isnull=False)
        .select_related("content", "channel")
        .order_by("-sent_at", "-pk")[:LAST],
        "health": alive,
        "pauses": Pause.objects.active().select_related("campaign", "channel", "started_by")[:SHOWN],
        "health_words": _health_words(alive, now),
        "headline": _headline(needing, going_out, alive),
        "feeds": [(feed, feed.label, feed.value in has, has.get(feed.value)) for feed in FeedToken.Feed],
        "new_feed": new_feed,
        "new_address": new_address,
        "plans": request.user.role in roles.PLANNERS,
        "hires": _hires(request, now),
    }
    return render(request, "console/today/today.html", context)


@dataclass(frozen=True)
class Need:
    """Something that waits for a person, and why."""

    state: str
    title: str
    where: str
    since: datetime
    reason: str
    urgent: bool


def _needing_a_person(role: str) -> list[Need]:
    waiting = [PublicationState.FAILED, PublicationState.UNKNOWN, PublicationState.HELD]
    stuck = Publication.objects.filter(Q(state__in=waiting) | Q(state=PublicationState.SENT, needs_person=True))
    found = [
        Need(
            state=words_for(row.state),
            title=row.content.title,
            where=row.channel.name,
            since=row.publish_at,
            reason=_reason(row),
            urgent=row.state != PublicationState.HELD,
        )
        for row in stuck.select_related("content", "channel").order_by("publish_at", "pk")[:SHOWN]
    ]
    review = Content.objects.filter(state=ContentState.IN_REVIEW).order_by("edited_at", "pk")[:SHOWN]
    found += [
        Need(
            state="In review",
            title=row.title,
            where=row.get_kind_display(),
            since=row.edited_at,
            reason="An approver reads it and approves or returns it.",
            urgent=False,
        )
        for row in review
    ]
    if role in roles.OPERATIONS["channels.get_connection"]:
        found += _sign_ins_that_end()
    if role in roles.OPERATIONS["webhooks.list_endpoints"]:
        found += _receivers_given_up()
    return sorted(found, key=lambda need: not need.urgent)


def _sign_ins_that_end() -> list[Need]:
    """Those that were warned of, and those that have ended."""
    ended = Q(status=Connection.Status.NEEDS_SIGN_IN)
    rows = Connection.objects.filter(ended | Q(warned_days__isnull=False), channel__active=True)
    return [
        Need(
            state="Sign-in" if row.status == Connection.Status.NEEDS_SIGN_IN else "Sign-in ends",
            title=row.channel.name,
            where=row.account or row.kind,
            since=row.expires_at or row.checked_at or row.created_at,
            reason=row.message if row.status == Connection.Status.NEEDS_SIGN_IN else "An administrator signs in anew.",
            urgent=row.status == Connection.Status.NEEDS_SIGN_IN,
        )
        for row in rows.select_related("channel").order_by("pk")[:SHOWN]
    ]


def _receivers_given_up() -> list[Need]:
    rows = WebhookEndpoint.objects.filter(active=False).exclude(disabled_at=None).order_by("disabled_at")[:SHOWN]
    return [
        Need(
            state="Given up",
            title=str(row),
            where="Events outward",
            since=row.disabled_at,
            reason=f"{row.disabled_reason} Nothing is sent to it any more. Make it active once it answers again.",
            urgent=True,
        )
        for row in rows
        if row.disabled_at
    ]


def _reason(row: Publication) -> str:
    said = row.reason or "No reason was recorded."
    if row.state != PublicationState.UNKNOWN:
        return said
    if row.needs_person:
        return f"{said} It may be live. Look on {row.channel.name}, then say whether it is there."
    return f"{said} It may be live. We are looking, and nothing is sent again before we know."


def _going_out(now: datetime) -> list[Publication]:
    waiting = Publication.objects.filter(
        state__in=[PublicationState.SCHEDULED, PublicationState.SENDING], publish_at__lt=now + AHEAD
    )
    return list(waiting.select_related("content", "channel").order_by("publish_at", "pk")[:SHOWN])


def _health_words(alive: Health, now: datetime) -> str:
    if not alive.worker_alive:
        seen = alive.worker_seen_at
        ago = f"It was last seen {_ago(now - seen)} ago." if seen else "It has not been seen yet."
        return f"The worker is not running, so nothing goes out. {ago} Tell your administrator."
    if not alive.ok:
        return (
            "The worker is running, but something is late: "
            f"the oldest has waited {_ago(timedelta(seconds=alive.oldest_overdue_seconds))}."
        )
    return "The worker is running. Everything that was due has been dealt with."


def _ago(span: timedelta) -> str:
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number = int(span.total_seconds() // seconds)
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{max(1, int(span.total_seconds()))} seconds"


def _headline(needing: list[Need], going_out: list[Publication], alive: Health) -> str:
    urgent = sum(need.urgent for need in needing)
    parts = [] if alive.worker_alive else ["Publishing has stopped"]
    parts.append(f"{len(going_out) or 'nothing'} {'goes' if len(going_out) < 2 else 'go'} out in the next 24 hours")
    if needing:
        parts.append(f"{len(needing)} {'needs' if len(needing) == 1 else 'need'} a person")
    if urgent:
        parts.append(f"{urgent} of them now" if urgent < len(needing) else "now")
    sentence = ", ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def _hires(request: HttpRequest, now: datetime) -> dict[str, object]:
    """Source of hire for a period, by default the quarter."""
    today_ = timezone.localdate(now)
    start = parse_or_none(request.GET.get("from")) or quarter(today_)
    end = parse_or_none(request.GET.get("to")) or today_
    context: dict[str, object] = {"start": start, "end": end}
    try:
        context["report"] = report = reports.source_of_hire(start=start, end=end, model=AttributionModel.LAST)
    except InvalidHiring as error:
        return context | {"error": str(error)}
    if not report.total:
        latest = Hire.objects.counted().order_by("-accepted_on").values_list("accepted_on", flat=True).first()
        context |= {"latest": latest, "latest_start": quarter(latest) if latest else None}
    return context


def quarter(day: date) -> date:
    """The first day of its quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def parse_or_none(value: str | None) -> date | None:
    try:
        return parse_date(value or "")
    except ValueError:  # such as 31 February
        return None


urlpatterns = [
    path("", today, name="today"),
    path("private-address", private_address, name="private_address"),
]
