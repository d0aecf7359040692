"""What makes a channel publishable, and sign-ins under way."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from campaigns.planning.models import Channel


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def mark_signed_out(self, message: str, at: datetime) -> int:
        """The channel itself has said that it no longer accepts the sign-in."""
        return self.update(status=Connection.Status.NEEDS_SIGN_IN, message=message, checked_at=at)


class Connection(models.Model):
    """What makes a channel publishable: adapter kind, settings, encrypted secrets, health."""

    class Status(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        HEALTHY = "healthy", "Working"
        NEEDS_SIGN_IN = "needs_sign_in", "Sign in again"

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

    # How fast it may send: a token bucket and a circuit breaker, written by scheduler.engine.rate_limit alone.
    rate_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: as fast as the channel allows."
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
    """A sign-in on a channel's own pages that somebody began; gone once it is finished."""

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
