"""Receivers of events: adding and changing them, their secrets, test messages and replays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from scheduler import signals
from scheduler.channels.lib import signing
from scheduler.engine.publication_claims import new_key
from scheduler.errors import InvalidWebhook, WebhookRefused
from scheduler.webhooks.events import message
from scheduler.webhooks.models import EventType, WebhookDelivery, WebhookEndpoint

TEST = "webhook.test"
FORMER_SIGNS_FOR = timedelta(days=1)
"""How long a rotated secret signs beside the new one, so that a receiver can change over."""


def add_endpoint(
    *, address: str, event_types: list[str], description: str = "", active: bool = True
) -> tuple[WebhookEndpoint, str]:
    """Returns the receiver and its signing secret, which is shown nowhere else. Raises InvalidWebhook."""
    row = WebhookEndpoint(address=address, event_types=event_types, description=description, active=active)
    _check(row)
    row.secret = signing.new_secret()
    row.save()
    return row, row.secret


@transaction.atomic
def change_endpoint(*, endpoint: WebhookEndpoint, changes: dict[str, Any]) -> WebhookEndpoint:
    """Set the named fields. Switched off, a receiver is not sent what still waited for it; made active, it starts anew.
    Raises InvalidWebhook."""
    row = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    was_active = row.active
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row)
    named = set(changes)
    if changes.get("active"):
        row.disabled_at, row.disabled_reason, row.failures, row.failing_since = None, "", 0, None
        named |= {"disabled_at", "disabled_reason", "failures", "failing_since"}
    row.save(update_fields=named)
    if row.active != was_active:
        row.deliveries.give_up(timezone.now(), "The receiver was turned off.")
    return row


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint) -> tuple[WebhookEndpoint, str]:
    """A new secret, returned once; the one of before signs as well for a day. Called twice, only the last two sign."""
    row = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    row.former_secret, row.former_secret_ends_at = row.secret, timezone.now() + FORMER_SIGNS_FOR
    row.secret = signing.new_secret()
    row.save(update_fields=["secret", "former_secret", "former_secret_ends_at"])
    return row, row.secret


def remove_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Forget the receiver with its secrets and its log."""
    endpoint.delete()


def send_test(*, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Write a message of type `webhook.test` down, which goes out like any other. Raises WebhookRefused."""
    _check_active(endpoint)
    ids = {"webhook_endpoint_id": endpoint.pk}
    delivery = WebhookDelivery(
        endpoint=endpoint,
        event_id=new_key(timezone.now()),
        event_type=TEST,
        payload=message(TEST, ids, resource=f"webhook-endpoints/{endpoint.pk}"),
    )
    return _save(delivery, "test_message_sent")


def replay_delivery(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the same message again, under the same event id: who has dealt with it knows it again. The log keeps both.
    Raises WebhookRefused while the first one still waits."""
    _check_active(delivery.endpoint)
    if delivery.finished_at is None:
        raise WebhookRefused("This message is still waiting for its next attempt.", code="wrong_state")
    again = WebhookDelivery(
        endpoint=delivery.endpoint,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        payload=delivery.payload,
        is_replay=True,
        replay_of=delivery,
    )
    return _save(again, "message_replayed")


@transaction.atomic
def _save(delivery: WebhookDelivery, event: str) -> WebhookDelivery:
    delivery.save()
    signals.message_requested.send(sender=WebhookDelivery, delivery=delivery, event=event)
    return delivery


def _check_active(endpoint: WebhookEndpoint) -> None:
    if not endpoint.active:
        raise WebhookRefused("This receiver is off, so nothing would be sent. Turn it on first.")


def _check(row: WebhookEndpoint) -> None:
    """Whether the address may be called is decided anew at each call, where its name is looked up."""
    try:
        found = urlsplit(row.address)
        usable = found.scheme in ("https", "http") and found.hostname and not found.username and (found.port or 1)
    except ValueError:
        usable = False
    if not usable or not row.address.isprintable() or " " in row.address or found.fragment:
        raise InvalidWebhook("Enter a full web address, for example https://example.org/hooks.", field="address")
    if not row.event_types or set(row.event_types) - set(EventType.values):
        known = ", ".join(EventType.values)
        raise InvalidWebhook(f"Choose at least one of these events: {known}.", field="event_types")
    row.event_types = [event_type for event_type in EventType.values if event_type in row.event_types]
