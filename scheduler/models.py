"""The scheduler's rows, for Django to find; each stands with the part that writes it."""

from __future__ import annotations

from scheduler.connections.models import Connection, PendingSignIn
from scheduler.engine.models import Attempt, Worker
from scheduler.installation.models import Installation
from scheduler.mail.models import Delivery, Mailing, MailingPicture, Outbox
from scheduler.posts.models import Takedown
from scheduler.webhooks.models import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Attempt",
    "Connection",
    "Delivery",
    "Installation",
    "Mailing",
    "MailingPicture",
    "Outbox",
    "PendingSignIn",
    "Takedown",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Worker",
]
