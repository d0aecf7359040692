"""Connections that make channels publishable, every try at sending, every mail, and the workers' heartbeat."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from campaigns.bulletins.models import MailingList, Subscriber
from campaigns.planning.models import Channel, Publication
from scheduler.outbound.models import WebhookDelivery, WebhookEndpoint

__all__ = ["Attempt", "Connection", "Count", "WebhookDelivery", "WebhookEndpoint", "Worker"]


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def mark_signed_out(self, message: str, at: datetime) -> int:
        """The channel itself has said that it no longer accepts the sign-in."""
        return self.update(status=Connection.Status.NEEDS_SIGN_IN, message=message, checked_at=at)


class Connection(models.Model):
    """What makes a channel publishable: adapter kind, settings, encrypted secrets, health."""

    class Status(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        HEALTHY = "healthy", "Healthy"
        NEEDS_SIGN_IN = "needs_sign_in", "Needs a new sign-in"

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="connection")
    kind = models.CharField(max_length=20)
    settings = models.JSONField(default=dict)
    secrets = EncryptedTextField(null=True, blank=True, help_text="JSON, encrypted; never shown again.")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.UNCHECKED)
    account = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, help_text="When the sign-in ends, as the channel says.")
    warned_days = models.PositiveIntegerField(null=True, editable=False, help_text="Of 14, 7 and 1: the last warning.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # How fast it may send: a token bucket and a circuit breaker, written by scheduler.flow alone.
    rate_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: as fast as the channel lets us."
    )
    burst = models.PositiveIntegerField(default=1, help_text="How many may go out at once after a quiet time.")
    monthly_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="What posts may cost in a calendar month, in thousandths of a US dollar."
    )
    tokens = models.FloatField(default=1, editable=False)
    tokens_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="In a row, without an answer.")
    paused_until = models.DateTimeField(null=True, editable=False)
    pause_reason = models.TextField(blank=True, editable=False)

    objects = ConnectionQuerySet.as_manager()

    answered = True
    """Of a check just now: whether the channel answered. Kept nowhere."""

    def __str__(self) -> str:
        return f"{self.kind} for {self.channel_id}"


class PendingSignIn(models.Model):
    """A sign-in on a channel's own pages that somebody began; gone once it is finished. See scheduler.oauth."""

    nonce = models.CharField(max_length=64, unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    settings = models.JSONField(default=dict)
    kept = EncryptedTextField(null=True, blank=True, help_text="JSON, encrypted: the verifier and its like.")
    redirect_uri = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.kind} for {self.channel_id}"


class Attempt(models.Model):
    """One try at sending a publication. Written before the call; its outcome is filled in once it is known."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        NOT_SENT = "not_sent", "Certainly not sent"
        UNKNOWN = "unknown", "Outcome unknown"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts")
    fence = models.PositiveIntegerField()
    worker = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, help_text="Of the channel that was called.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)
    remote_id = models.CharField(max_length=300, blank=True)
    remote_url = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True, help_text="What was sent, as it stood.")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the text without its link.")
    price = models.PositiveIntegerField(default=0, help_text="In thousandths of a US dollar.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["publication", "fence"], name="scheduler_attempt_once_a_fence")]
        indexes = [
            models.Index(fields=["fingerprint"], name="scheduler_attempt_text"),
            models.Index(fields=["started_at"], name="scheduler_attempt_priced", condition=models.Q(price__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} by fence {self.fence}"


class Takedown(models.Model):
    """A published post of withdrawn content, on its way off its channel."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="takedown")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="When it is tried next; empty once it is done or a person's.")
    tries = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True, help_text="What came of the last try, in words.")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="scheduler_takedown_due", condition=models.Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Takedown of {self.publication_id}"


class Worker(models.Model):
    """A consumer process, how many it sends at once, and when it was last seen alive."""

    threads = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Count(models.Model):
    """How often the workers have counted, kept in here and outside: see scheduler.restore. One row, with id 1."""

    number = models.PositiveBigIntegerField(default=0)
    database = models.UUIDField(default=uuid.uuid4, help_text="Tells this database from others that share the outside.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="scheduler_count_single")]

    def __str__(self) -> str:
        return str(self.number)


class Mailing(models.Model):
    """What every recipient of one publication is sent."""

    key = models.CharField(max_length=64, unique=True)
    publication = models.ForeignKey(Publication, null=True, on_delete=models.CASCADE, related_name="mailings")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.key


class MailingPicture(models.Model):
    """A picture inside the mail. Width and height in pixels."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="pictures")
    data = models.BinaryField()
    media_type = models.CharField(max_length=30)
    alt_text = models.CharField(max_length=1000, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.alt_text[:80]


class Delivery(models.Model):
    """One mail to one subscriber. Holds no address: whoever is erased leaves none behind."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Taken by the mail server"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Outcome unknown"
        BOUNCED = "bounced", "Came back"
        CANCELLED = "cancelled", "Cancelled"

    mailing = models.ForeignKey(
        Mailing, null=True, on_delete=models.CASCADE, related_name="deliveries", help_text="Empty: asks to confirm."
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    mailing_list = models.ForeignKey(MailingList, on_delete=models.PROTECT, related_name="+")
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL, related_name="deliveries")
    message_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True)

    # The engine's own columns, as those of a publication.
    due_at = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["mailing", "subscriber"], name="scheduler_delivery_once")]
        indexes = [
            models.Index(fields=["channel", "due_at"], name="scheduler_delivery_due", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="scheduler_delivery_lease", condition=Q(state="sending")),
            models.Index(fields=["mailing", "state"], name="scheduler_delivery_state"),
        ]

    def __str__(self) -> str:
        return self.message_id


class Outbox(models.Model):
    """How a channel's mail server is to be treated now. Locked by whoever claims its mail."""

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.CASCADE, related_name="+")
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Mail of {self.channel_id}"
