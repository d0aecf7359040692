"""Who is told what happened, and every message that was to tell them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from scheduler.leases import row_leases


class EventType(models.TextChoices):
    PUBLICATION_SENT = "publication.sent", "A post was published"
    PUBLICATION_FAILED = "publication.failed", "A post failed"
    PUBLICATION_UNKNOWN = "publication.unknown", "The outcome of a post is unknown"
    PUBLICATION_HELD = "publication.held", "A post is on hold and needs attention"
    CONTENT_SUBMITTED = "content.submitted", "Content was sent for approval"
    CONTENT_APPROVED = "content.approved", "Content was approved"
    CONNECTION_EXPIRING = "connection.expiring", "A channel's access expires soon"
    HIRE_RECORDED = "hire.recorded", "A hire was recorded"


class EndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def due(self, now: datetime) -> EndpointQuerySet:
        """Those that no worker has claimed and for which something waits."""
        waiting = WebhookDelivery.objects.due(now).filter(endpoint=OuterRef("pk"))
        return self.filter(row_leases.unclaimed(now), Exists(waiting), active=True)


class WebhookEndpoint(models.Model):
    """A receiver of events. Inactive, it hears of nothing; the engine makes it so when it fails for long."""

    address = models.CharField(max_length=1000)
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list)
    secret = EncryptedTextField(help_text="Signs every message; shown once.")
    former_secret = EncryptedTextField(null=True, help_text="Signs as well until `former_secret_ends_at`.")
    former_secret_ends_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, help_text="When the engine gave it up.")
    disabled_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Written by scheduler.webhooks.deliveries alone.
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Tries since the last success.")
    failing_since = models.DateTimeField(null=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.description or f"Receiver {self.pk}"


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> DeliveryQuerySet:
        return self.filter(finished_at=None)

    def due(self, now: datetime) -> DeliveryQuerySet:
        return self.waiting().filter(next_try_at__lte=now)

    def give_up(self, now: datetime, message: str) -> int:
        """End those that wait, and say why. Returns how many."""
        return self.waiting().update(finished_at=now, outcome=WebhookDelivery.Outcome.FAILED, message=message)


class WebhookDelivery(models.Model):
    """One message for one receiver. What it says never changes; how it went is filled in."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Not delivered"

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(help_text="The same for every receiver, and on every try.")
    event_type = models.CharField(max_length=40)
    payload = models.JSONField()
    is_replay = models.BooleanField(default=False)
    replay_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty once that one is forgotten."
    )
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True, help_text="Of the latest answer.")
    message = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event_id"], condition=Q(is_replay=False), name="scheduler_webhook_delivery_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at"],
                condition=Q(finished_at=None),
                name="scheduler_webhook_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.endpoint_id}"
