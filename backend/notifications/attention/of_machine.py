"""The worker, the disk, backups, and notifications that do not arrive."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from backend.accounts import roles
from backend.accounts.models import User
from backend.notifications.attention.item import SHOWN, AttentionItem, span_words
from backend.notifications.causes import RUN, Cause
from backend.notifications.models import Destination
from campaigns.planning.models import Pause
from scheduler.engine.health import Health
from scheduler.installation.models import Installation

LATE = timedelta(minutes=5)
DESTINATION_FAILURES = 3
BACKUP_GRACE = timedelta(days=7)
"""Of a new installation, before it is asked for its first backup."""
GIGABYTE = 1_000_000_000
LITTLE_SPACE = (0.10, 5 * GIGABYTE)
"""A disk with less than this share, and less than so many bytes, left is filling."""
NO_SPACE = 0.5 * GIGABYTE


def restored() -> Iterator[AttentionItem]:
    held = Installation.objects.filter(restore_hold__ended_at=None).values_list("restore_hold", flat=True)
    for pause in Pause.objects.filter(pk__in=held):
        yield AttentionItem(
            cause=Cause.RESTORED,
            key=str(pause.pk),
            state="held",
            title="Publishing is on hold",
            where="Publishing",
            since=pause.started_at,
            reason="The data was restored from a backup. Check what was published since, then end the hold.",
            address=f"{reverse('console:publishing')}#hold",
            label="See what to check",
        )


def publishing(alive: Health, now: datetime) -> Iterator[AttentionItem]:
    """A worker that is silent, or a queue that is late."""
    if not alive.worker_alive:
        yield AttentionItem(
            cause=Cause.WORKER_SILENT,
            key="worker",
            state="stopped",
            title="Publishing has stopped",
            where="The worker",
            since=alive.worker_seen_at or now,
            reason="The worker is not running, so nothing goes out. Start it again.",
            address=reverse("console:today"),
            label="See publishing",
        )
    elif alive.oldest_overdue_seconds > LATE.total_seconds():
        yield AttentionItem(
            cause=Cause.PUBLISHING_LATE,
            key="late",
            state="late",
            title="Publishing is running late",
            where="Publishing",
            since=now - timedelta(seconds=alive.oldest_overdue_seconds),
            reason="Posts wait longer than they should.",
            address=f"{reverse('console:publishing')}?tab=next",
            label="See scheduled posts",
        )


def disk(now: datetime) -> Iterator[AttentionItem]:
    found = shutil.disk_usage(settings.DATA_DIR)
    share, least = LITTLE_SPACE
    if found.free >= min(share * found.total, least):
        return
    nearly_none = found.free < NO_SPACE
    yield AttentionItem(
        cause=Cause.DISK_FILLING,
        key="data",
        version="none" if nearly_none else "little",
        state="stopped" if nearly_none else "late",
        title="The disk is nearly full",
        where="Server",
        since=now,
        reason=f"{found.free / GIGABYTE:.1f} GB are left for data and pictures. Publishing stops when it is full.",
        address=reverse("console:today"),
        label="Refresh",
    )


def backup(now: datetime) -> Iterator[AttentionItem]:
    if not settings.BACKUP_DUE_DAYS:
        return
    row = Installation.objects.filter(pk=1).first()
    if row is None:
        return
    since = row.backed_up_at or row.created_at + BACKUP_GRACE
    if now - since <= timedelta(days=settings.BACKUP_DUE_DAYS):
        return
    last = f"The last one was made {span_words(now - row.backed_up_at)} ago." if row.backed_up_at else "None was made."
    yield AttentionItem(
        cause=Cause.BACKUP_OLD,
        key="backup",
        state="late",
        title="There is no recent backup",
        where="Server",
        since=since,
        reason=f"{last} Make one with “manage.py backup”, or set BACKUP_DUE_DAYS=0 if you back up another way.",
        address=reverse("console:today"),
        label="Refresh",
    )


def failing_rows(user: User | None = None) -> QuerySet[Destination]:
    """A person is told of their own; of a shared one, administrators are."""
    rows = Destination.objects.filter(active=True, failures__gte=DESTINATION_FAILURES)
    if user is None:
        return rows
    return rows.filter(Q(person=user) | Q(person=None)) if roles.may(user.role, RUN) else rows.filter(person=user)


def failing_destinations(user: User | None = None) -> Iterator[AttentionItem]:
    rows = failing_rows(user)
    for row in rows.order_by("pk")[:SHOWN]:
        yield AttentionItem(
            cause=Cause.NOTIFICATIONS_FAILING,
            key=str(row.pk),
            state="stopped",
            title=row.label,
            where="Notifications",
            since=row.failing_since or row.created_at,
            reason=row.message,
            address=reverse("console:destination", args=[row.pk]),
            label="See why",
            only_for=row.person_id,
            only_who_may="" if row.person_id else RUN,
        )
