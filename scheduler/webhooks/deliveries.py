"""Delivers what is written down: at least once, signed, under the event's id, with tries for about three days.

One worker at a time speaks to a receiver, for a few seconds; so a slow receiver keeps one thread busy, never more, and
a worker that dies costs its lease.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from scheduler.channels.lib import http, signing
from scheduler.connections.adapter_context import adapter_context
from scheduler.leases import database_clock, row_leases
from scheduler.leases.back_off import back_off
from scheduler.webhooks.models import WebhookDelivery, WebhookEndpoint

TIMEOUT = 5.0
"""Seconds that a receiver has to answer."""
TURN = 10.0
"""Seconds after which a worker begins no other delivery of its turn."""
LEASE = timedelta(seconds=30)
"""Longer than a turn and its last call together."""
BACK_OFF_CAP = 6 * 3600.0  # seconds
TRIED_FOR = timedelta(days=3)
GIVEN_UP_AFTER = timedelta(days=5)
"""How long a receiver may fail, and at least GIVEN_UP_FAILURES times, until nothing is sent to it any more."""
GIVEN_UP_FAILURES = 20
KEPT_FOR = timedelta(days=90)
FORGOTTEN_AT_ONCE = 1_000
GONE = 410
"""By which a receiver says that it wants no more (Standard Webhooks 1.0, "Deliverability")."""

log = structlog.get_logger("promenade.outbound")


@dataclass(frozen=True)
class DeliveryClaim:
    """A receiver, claimed for a few seconds."""

    endpoint_id: int
    fence: int


@dataclass(frozen=True)
class ReceiverResponse:
    status_code: int | None
    message: str = ""
    retry_after: float = 0.0

    @property
    def taken(self) -> bool:
        return not self.message


def claim_due(*, at_once: int) -> list[DeliveryClaim]:
    """Claim receivers for which something is due, so many that no more than `at_once` are claimed by all workers.
    Nothing due costs one read and no lock."""
    now = database_clock.database_now()
    if not WebhookDelivery.objects.due(now).exists() or not WebhookEndpoint.objects.due(now).exists():
        return []
    with transaction.atomic():
        room = max(0, at_once - WebhookEndpoint.objects.filter(lease_until__gt=now).count())
        waits = WebhookDelivery.objects.due(now).filter(endpoint=OuterRef("pk")).order_by("next_try_at")
        longest_first = WebhookEndpoint.objects.due(now).order_by(Subquery(waits.values("next_try_at")[:1]), "pk")
        claimed = WebhookEndpoint.objects.filter(pk__in=row_leases.lock(longest_first, limit=room))
        row_leases.claim(claimed, until=now + LEASE)
        return [DeliveryClaim(pk, fence) for pk, fence in claimed.values_list("pk", "fence")]


def deliver(turn: DeliveryClaim) -> int:
    """Deliver what is due to a claimed receiver, the oldest first, until a try fails or the turn is over. Returns how
    many it took. A turn that is no longer ours sends nothing."""
    ends_at = time.monotonic() + TURN
    taken = 0
    while time.monotonic() < ends_at and (delivery := _next(turn)) is not None:
        answer = _hand_over(delivery)
        record(delivery, answer)
        if not answer.taken:
            break
        taken += 1
    row_leases.release(WebhookEndpoint.objects.all(), pk=turn.endpoint_id, fence=turn.fence)
    return taken


def _next(turn: DeliveryClaim) -> WebhookDelivery | None:
    now = database_clock.database_now()
    return (
        WebhookDelivery.objects.due(now)
        .filter(
            endpoint=turn.endpoint_id,
            endpoint__active=True,
            endpoint__fence=turn.fence,
            endpoint__lease_until__gt=now + timedelta(seconds=TIMEOUT),
        )
        .select_related("endpoint")
        .order_by("next_try_at", "pk")
        .first()
    )


def _hand_over(delivery: WebhookDelivery) -> ReceiverResponse:
    endpoint = delivery.endpoint
    body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
    secrets = _secrets(endpoint)
    if not secrets:
        return ReceiverResponse(
            None, "Its secret cannot be read with the current keys. Restore the keys, or create a new secret."
        )
    headers = signing.headers(body, message_id=str(delivery.event_id), signed_with=secrets)
    client = http.SessionClient("The receiver", adapter_context().network)
    try:
        answered = client.call(
            lambda session: http.expect_status(session.post(endpoint.address, data=body, headers=headers)), TIMEOUT
        )
    except http.CallFailed as error:
        return _refusal(error)
    return ReceiverResponse(answered.status_code)


def _secrets(endpoint: WebhookEndpoint) -> list[str]:
    """Those that sign now."""
    both = endpoint.former_secret_ends_at is not None and endpoint.former_secret_ends_at > database_clock.database_now()
    kept = [endpoint.secret, endpoint.former_secret or ""] if both else [endpoint.secret]
    return [secret for secret in kept if signing.is_secret(secret)]


def _refusal(error: http.CallFailed) -> ReceiverResponse:
    if error.refused_address:
        return ReceiverResponse(None, str(error.refused_address))
    if error.status is None or 200 <= error.status < 300:
        return ReceiverResponse(
            None, ("It did not give a reply we could use in time.") if error.sent else "We could not reach it."
        )
    wait = min(error.retry_after or 0.0, TRIED_FOR.total_seconds())
    return ReceiverResponse(error.status, f"It replied with status {error.status}.", wait)


@transaction.atomic
def record(delivery: WebhookDelivery, answer: ReceiverResponse) -> None:
    """Write down how a try went. One that somebody else has recorded meanwhile changes nothing."""
    now = database_clock.database_now()
    columns: dict[str, Any] = {"tries": F("tries") + 1, "status_code": answer.status_code, "message": answer.message}
    if answer.taken:
        columns |= {"finished_at": now, "outcome": WebhookDelivery.Outcome.DELIVERED}
    else:
        next_try_at = now + back_off(delivery.tries, at_least=answer.retry_after, cap=BACK_OFF_CAP)
        if next_try_at <= delivery.created_at + TRIED_FOR:
            columns |= {"next_try_at": next_try_at}
        else:
            columns |= {"finished_at": now, "outcome": WebhookDelivery.Outcome.FAILED}
    if not WebhookDelivery.objects.waiting().filter(pk=delivery.pk, tries=delivery.tries).update(**columns):
        return
    if answer.taken:
        failing = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).exclude(failures=0)
        failing.update(failures=0, failing_since=None)
    else:
        _note_failure(delivery.endpoint_id, answer, now)


def _note_failure(endpoint_id: int, answer: ReceiverResponse, now: datetime) -> None:
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(
        failures=endpoint.failures, failing_since=endpoint.failing_since
    )
    if answer.status_code == GONE:
        _give_up(endpoint, "It says it does not want any more messages (410 Gone).", now)
    elif endpoint.failures >= GIVEN_UP_FAILURES and now - endpoint.failing_since >= GIVEN_UP_AFTER:
        days = (now - endpoint.failing_since).days
        _give_up(endpoint, f"It has failed {endpoint.failures} times in {days} days. {answer.message}", now)


def _give_up(endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    """Saved as a row, so that the audit trail hears of it."""
    endpoint.active, endpoint.disabled_at, endpoint.disabled_reason = False, now, reason
    endpoint.save(update_fields=["active", "disabled_at", "disabled_reason"])
    endpoint.deliveries.give_up(now, "We stopped sending to this receiver.")
    log.warning("receiver of events given up", endpoint=endpoint.pk, reason=reason)


def forget_old(*, now: datetime) -> int:
    """Delete a batch of what was finished long ago. Returns how many."""
    old = WebhookDelivery.objects.filter(finished_at__lt=now - KEPT_FOR).order_by("pk")
    return WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])).delete()[0]
