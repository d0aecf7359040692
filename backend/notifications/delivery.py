"""Carries messages to their destinations: each once at most, tried again for as long as it certainly did not arrive.

What a lost answer leaves unknown is not sent again: the daily summary tells what still stands.
"""

from __future__ import annotations

import html
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.urls import reverse
from pydantic import ValidationError

from backend.notifications.models import Destination, Message
from campaigns.planning.models import Organisation
from scheduler.channels.contract import Adapter, ChannelError, Draft, MailText, NotSent
from scheduler.channels.email.adapter import Email
from scheduler.channels.slack.adapter import Slack
from scheduler.channels.teams.adapter import Teams
from scheduler.connections import services as connections
from scheduler.connections.adapter_context import adapter_context
from scheduler.connections.models import Connection
from scheduler.errors import NotConnected
from scheduler.installation.models import Installation
from scheduler.leases import database_clock, row_leases
from scheduler.leases.back_off import even_back_off

TIMEOUT = 20.0  # seconds
LEASE = timedelta(seconds=60)
TRIED_FOR = timedelta(hours=24)
BACK_OFF_BASE, BACK_OFF_CAP = 30.0, 3600.0  # seconds
NO_EMAIL_CHANNEL = "There is no email channel to send from. An administrator can connect one under Channels."
NO_SLACK_CHANNEL = "The Slack channel whose app posted here is no longer connected. Choose another one."
REMEDIES = {
    (
        "teams",
        "needs_sign_in",
    ): "Teams no longer accepts messages at this address. Create a new workflow there and enter its address here.",
    ("teams", "address_refused"): "The address of the workflow is not public. Copy it from Teams again.",
}
"""What to do about a destination, by its kind and the code of the adapter's refusal."""
NO_WORKFLOW = "The address of the workflow cannot be read. Enter it again."

State = Message.State
log = structlog.get_logger("promenade.notifications")


@dataclass(frozen=True)
class MessageClaim:
    message_id: int
    fence: int


def claim_due(*, limit: int) -> list[MessageClaim]:
    """Claim messages that are due; none due costs one read and no lock. One whose worker was lost while it was being
    sent is unknown from then on."""
    now = database_clock.database_now()
    lost = Message.objects.filter(state=State.SENDING, lease_until__lt=now)
    if lost.exists():
        lost.update(state=State.UNKNOWN, lease_until=None, error="The worker stopped while sending it.")
    due = Message.objects.filter(row_leases.unclaimed(now), state=State.QUEUED, due_at__lte=now)
    if not due.exists():
        return []
    restored_at = Installation.objects.values_list("restore_hold__started_at", flat=True).first()
    if restored_at is not None:
        waited = Message.objects.filter(state=State.QUEUED, created_at__lt=restored_at)
        waited.update(state=State.UNKNOWN, error="It waited when the backup was made and may have been sent since.")
    with transaction.atomic():
        claimed = Message.objects.filter(pk__in=row_leases.lock(due.order_by("due_at", "pk"), limit=limit))
        row_leases.claim(claimed, until=now + LEASE)
        return [MessageClaim(pk, fence) for pk, fence in claimed.values_list("pk", "fence")]


def deliver(claim: MessageClaim) -> None:
    """Send one claimed message. A claim that is no longer ours sends nothing."""
    mine = Message.objects.filter(pk=claim.message_id, fence=claim.fence)
    begun = mine.filter(state=State.QUEUED, lease_until__gt=database_clock.database_now())
    if not begun.update(state=State.SENDING, tries=F("tries") + 1):
        return
    message = mine.select_related("destination__person", "destination__channel").get()
    try:
        send(message)
    except ChannelError as failure:
        _note_failure(message, failure)
    except NotConnected as failure:
        _note_failure(message, NotSent(str(failure), code=failure.code))
    else:
        now = database_clock.database_now()
        mine.update(state=State.SENT, sent_at=now, lease_until=None, error="")
        Destination.objects.filter(pk=message.destination_id).update(
            failures=0, failing_since=None, message="", reached_at=now
        )


def _note_failure(message: Message, failure: ChannelError) -> None:
    now = database_clock.database_now()
    said = str(failure)[:1000]
    if not isinstance(failure, NotSent):
        state, due_at = State.UNKNOWN, message.due_at
    elif now - message.created_at > TRIED_FOR:
        state, due_at = State.FAILED, message.due_at
    else:
        state = State.QUEUED
        due_at = now + even_back_off(message.tries, base=BACK_OFF_BASE, cap=BACK_OFF_CAP)
    Message.objects.filter(pk=message.pk).update(state=state, due_at=due_at, lease_until=None, error=said)
    Destination.objects.filter(pk=message.destination_id).update(
        failures=F("failures") + 1,
        failing_since=Case(When(failing_since=None, then=Value(now)), default=F("failing_since")),
        message=said,
    )
    log.warning("a notification did not arrive", destination=message.destination_id, code=failure.code)


def send(message: Message) -> None:
    """Raises NotSent, OutcomeUnknown or NotConnected."""
    destination = message.destination
    if destination.kind == Destination.Kind.EMAIL:
        _send_mail(message)
        return
    adapter = _posting_adapter(destination)
    several = len(message.body) > 1
    text = "\n\n".join(_line_text(message, line, with_link=several) for line in message.body)
    link = settings.BASE_URL + reverse("console:attention") if several else message.body[0]["url"]
    draft = Draft(title=message.subject, text=f"{message.subject}\n\n{text}", link=link)
    try:
        adapter.send(adapter.compose(draft), key=uuid.uuid4().hex, timeout=TIMEOUT)
    except NotSent as failure:  # an adapter speaks of its channel, which is not what stands here
        raise NotSent(REMEDIES.get((destination.kind, failure.code), str(failure)), code=failure.code) from failure


def _line_text(message: Message, line: dict[str, Any], *, with_link: bool) -> str:
    """What the subject says already is not said twice."""
    title = "" if line["title"] == message.subject else line["title"]
    parts = (title, line["reason"], line["url"] if with_link else "")
    return "\n".join(part for part in parts if part)


def _send_mail(message: Message) -> None:
    destination = message.destination
    sender = sending_connection()
    if sender is None:
        raise NotSent(NO_EMAIL_CHANNEL, code="no_email_channel")
    adapter = connections.adapter_of(sender)
    assert isinstance(adapter, Email)  # noqa: S101 - by its kind
    to = destination.address or (destination.person.email if destination.person else "") or ""
    adapter.send_notice(
        _mail_text(message),
        to=to,
        from_name=Organisation.current().name,
        key=f"notice.{message.pk}.{message.fence}",
        timeout=TIMEOUT,
    )


def sending_connection() -> Connection | None:
    """By which notifications go out: of the email channels in use the first, one that works before others."""
    rows = Connection.objects.filter(kind=Email.kind, channel__active=True).select_related("channel")
    works = Case(When(status=Connection.Status.HEALTHY, then=Value(0)), default=Value(1))
    return rows.order_by(works, "pk").first()


def _mail_text(message: Message) -> MailText:
    text, parts = [], []
    for line in message.body:
        text.append(_line_text(message, line, with_link=True))
        title = f"<strong>{html.escape(line['title'])}</strong><br>" if line["title"] != message.subject else ""
        why = f"{html.escape(line['reason'])}<br>" if line["reason"] else ""
        link = f'<a href="{html.escape(line["url"])}" style="color:#0b5c50">{html.escape(line["label"])}</a>'
        parts.append(f'<p dir="auto">{title}{why}{link}</p>')
    return MailText(
        subject=message.subject, title=message.subject, text="\n\n".join(text) + "\n", html="\n".join(parts)
    )


def _posting_adapter(destination: Destination) -> Adapter:
    """Raises NotConnected."""
    if destination.kind == Destination.Kind.SLACK:
        app = Connection.objects.filter(channel=destination.channel, kind=Slack.kind).select_related("channel").first()
        if app is None:
            raise NotConnected(NO_SLACK_CHANNEL)
        return connections.adapter_of(app, channel_id=destination.address)
    try:
        secrets = Teams.Secrets.model_validate({"address": destination.address or ""})
    except ValidationError:
        raise NotConnected(NO_WORKFLOW) from None
    return Teams(Teams.Settings(), secrets, adapter_context())  # type: ignore[arg-type]
