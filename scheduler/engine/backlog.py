"""How much waits, and how late what went out was, for whoever watches from outside.

Asked every few seconds, so each statement reads an index up to a limit: what it costs does not grow with the tables.
More than the limit is told as the limit, which is as alarming. Each asks in the order of its index: PostgreSQL would
else read the whole table, hoping to meet as many rows soon.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import BooleanField, Count, Max, Min, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL

from campaigns.planning.models import REASONS, Publication, PublicationState, Reason
from scheduler.connections.models import Connection
from scheduler.engine.health import SILENT_AFTER
from scheduler.engine.models import Worker
from scheduler.installation.models import Installation
from scheduler.mail.models import Delivery
from scheduler.webhooks.models import WebhookDelivery

AT_MOST = 1000
LATEST = 100
"""Posts whose lateness is told."""
LATELY = timedelta(hours=1)
HELD = PublicationState.HELD


@dataclass(frozen=True)
class Backlog:
    due: int
    """At or past their time, and neither sent nor held."""
    due_since: datetime | None
    unknown: int
    needing_person: int
    held: dict[str, int]
    """By reason, each that there is."""
    mails: int
    webhooks: int
    connections_signed_out: int
    sent_lately: int
    """In the past hour."""
    lateness: list[float] = field(default_factory=list)
    """Of the latest that we have sent in the past hour, in seconds after its time, or after its channel's quiet time,
    or after a person let it go."""

    @property
    def lateness_median(self) -> float:
        return median(self.lateness) if self.lateness else 0.0


@dataclass(frozen=True)
class Workforce:
    workers: int
    threads: int
    busy: int
    """Threads that are sending a post."""
    seen_at: datetime | None


def read_backlog(now: datetime) -> Backlog:
    rows = Publication.objects.order_by("due_at")
    due = rows.due_or_claimed(now).values("due_at")[:AT_MOST]
    waiting = due.aggregate(number=Count("*"), oldest=Min("due_at"))
    return Backlog(
        due=waiting["number"],
        due_since=waiting["oldest"],
        unknown=_count(rows.filter(state=PublicationState.UNKNOWN)),
        needing_person=_count(rows.needs_attention().order_by("state")),
        held=_held(rows),
        mails=_count(Delivery.objects.filter(_queued()).order_by("channel_id", "due_at")),
        webhooks=_count(WebhookDelivery.objects.waiting().order_by("endpoint_id", "next_try_at")),
        connections_signed_out=_count(
            Connection.objects.filter(status=Connection.Status.NEEDS_SIGN_IN, channel__active=True)
        ),
        sent_lately=_count(rows.filter(sent_at__gt=now - LATELY).order_by("-sent_at", "-pk")),
        lateness=_lateness(now),
    )


def _count(rows: QuerySet[Any]) -> int:
    return rows.values("pk")[:AT_MOST].count()


def _queued() -> RawSQL:
    """Written out: SQLite uses an index with a condition only for a statement that repeats it word for word."""
    return RawSQL("state = 'queued'", [], output_field=BooleanField())


def _held(rows: QuerySet[Publication]) -> dict[str, int]:
    found = Counter(rows.filter(state=HELD).values_list("reason_code", flat=True)[:AT_MOST])
    return {reason: found[reason] for reason in Reason.values if _may_hold(Reason(reason))}


def _may_hold(reason: Reason) -> bool:
    return HELD in (*REASONS[reason].needs_person_in, *REASONS[reason].settled_in)


def _lateness(now: datetime) -> list[float]:
    """What a person put up themselves, or found, is left out: how late that was is not ours to say."""
    sent = Publication.objects.filter(sent_at__gt=now - LATELY, sent_post__published_manually=False)
    times = sent.order_by("-sent_at", "-pk").values_list("sent_at", "publish_at", "deferred_until", "released_at")
    rows: list[tuple[Any, ...]] = list(times[:LATEST])
    return [(at - max(filter(None, since))).total_seconds() for at, *since in rows]


def read_workforce(now: datetime) -> Workforce:
    """As many rows as there are workers and threads."""
    alive = Q(seen_at__gt=now - SILENT_AFTER, seen_at__lte=now + SILENT_AFTER)
    found = Worker.objects.aggregate(
        workers=Count("pk", filter=alive), threads=Sum("threads", filter=alive, default=0), seen_at=Max("seen_at")
    )
    busy = _count(Publication.objects.filter(state=PublicationState.SENDING).order_by("due_at"))
    return Workforce(**found, busy=busy)


def backed_up_at() -> datetime | None:
    return Installation.objects.values_list("backed_up_at", flat=True).first()
