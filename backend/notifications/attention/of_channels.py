"""Sign-ins that end, mail servers that take nothing, and receivers of events that were given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse

from backend.notifications.attention.item import TOLD, AttentionItem, span_words
from backend.notifications.causes import Cause
from scheduler.connections import renewal
from scheduler.connections.models import Connection
from scheduler.mail.models import Outbox
from scheduler.models import WebhookEndpoint

MAIL_FAILURES = 3
"""Tries in a row: fewer are over before anybody has opened the page."""


def channels(now: datetime, most: int = TOLD) -> Iterator[AttentionItem]:
    """Sign-ins at channels that ended or will end soon, and mail servers that take nothing. One query."""
    resting = Outbox.objects.filter(channel=OuterRef("channel"), failures__gte=MAIL_FAILURES)
    signed_out = Connection.objects.filter(status=Connection.Status.NEEDS_SIGN_IN)
    rows = renewal.ending(now) | signed_out | Connection.objects.filter(Exists(resting))
    rows = rows.filter(channel__active=True).annotate(mail_stopped=Subquery(resting.values("reason")[:1]))
    for row in rows.select_related("channel").order_by("pk")[:most]:
        if row.status != Connection.Status.NEEDS_SIGN_IN and row.mail_stopped is not None:
            yield _mail_stopped(row, now)
        else:
            yield _sign_in(row, now)


def _sign_in(row: Connection, now: datetime) -> AttentionItem:
    ended = row.status == Connection.Status.NEEDS_SIGN_IN
    return AttentionItem(
        cause=Cause.SIGN_IN_ENDED if ended else Cause.SIGN_IN_ENDING,
        key=str(row.channel_id),
        state="sign_in",
        title=row.channel.name,
        where=row.account or "Channel",
        since=row.expires_at or row.checked_at or row.created_at,
        reason=_ending_words(row, now),
        address=reverse("console:channel", args=[row.channel_id]),
        label="Sign in again",
        version="" if ended or row.warned_days is None else str(row.warned_days),
    )


def _ending_words(row: Connection, now: datetime) -> str:
    if row.status == Connection.Status.NEEDS_SIGN_IN or row.expires_at is None:
        return row.message or "Sign in to the channel again. Its posts are on hold until you do."
    if row.expires_at <= now:
        return "Access has expired. Posts are on hold until someone signs in again."
    return f"Access expires in {span_words(row.expires_at - now)}."


def _mail_stopped(row: Connection, now: datetime) -> AttentionItem:
    """Of a mail server that takes nothing other than for want of a sign-in, which is told as that."""
    return AttentionItem(
        cause=Cause.MAIL_STOPPED,
        key=str(row.channel_id),
        state="stopped",
        title=row.channel.name,
        where="Email",
        since=row.checked_at or now,
        reason=f"{row.mail_stopped} Emails wait until it accepts them.",  # type: ignore[attr-defined]
        address=reverse("console:channel", args=[row.channel_id]),
        label="See why",
    )


def stopped_webhooks() -> QuerySet[WebhookEndpoint]:
    """Receivers of events that failed for so long that nothing is sent to them any more."""
    return WebhookEndpoint.objects.filter(active=False, disabled_at__isnull=False)


def webhooks(most: int = TOLD) -> Iterator[AttentionItem]:
    for row in stopped_webhooks().order_by("disabled_at")[:most]:
        yield AttentionItem(
            cause=Cause.WEBHOOK_STOPPED,
            key=str(row.pk),
            state="stopped",
            title=str(row),
            where="Webhook",
            since=row.disabled_at or row.created_at,
            reason=f"{row.disabled_reason} We have stopped sending to it. Turn it on again when it replies.",
            address=reverse("console:webhook", args=[row.pk]),
            label="See why",
        )
