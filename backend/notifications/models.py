"""Where people are told, what stands open, and every message."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from backend.notifications.causes import CAUSES, Cause, Timing
from campaigns.planning.models import Channel


class Destination(models.Model):
    """One way to somebody: a person's own, or shared by all who read it. What is chosen for each cause stands here, so
    that a person can have one thing by email at night and another in Teams."""

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        TEAMS = "teams", "Microsoft Teams"
        SLACK = "slack", "Slack"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="destinations",
        help_text="Empty: shared.",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=100, blank=True)
    address = EncryptedTextField(
        null=True,
        help_text="A shared mailbox, the address of a workflow in Teams, or the id of a channel in Slack. Empty: the "
        "person's own email address.",
    )
    channel = models.ForeignKey(
        Channel, null=True, on_delete=models.CASCADE, related_name="+", help_text="Whose app posts in Slack."
    )
    active = models.BooleanField(default=True)
    timings = models.JSONField(default=dict, help_text="When to tell of a cause, where it is not as usual.")
    quiet_from = models.TimeField(null=True, default=time(20))
    quiet_until = models.TimeField(null=True, default=time(7))
    quiet_weekends = models.BooleanField(default=False)
    summary_at = models.TimeField(default=time(8, 30))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Written by rounds and delivery alone.
    summary_on = models.DateField(null=True, editable=False, help_text="The day of the last summary.")
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="In a row.")
    failing_since = models.DateTimeField(null=True, editable=False)
    message = models.TextField(blank=True, editable=False, help_text="What went wrong last.")
    reached_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(kind="email", person__isnull=False),
                name="notifications_one_email_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def label(self) -> str:
        return self.name or self.get_kind_display()

    def timing(self, cause: Cause) -> Timing:
        return Timing(self.timings.get(cause, CAUSES[cause].timing))


class Notice(models.Model):
    """A cause that stands now. Gone when it is over."""

    cause = models.CharField(max_length=30, choices=Cause.choices)
    key = models.CharField(max_length=80, help_text="Which one of its kind.")
    version = models.CharField(max_length=80, blank=True, help_text="Another one is news.")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "key"], name="notifications_notice_once")]

    def __str__(self) -> str:
        return f"{self.cause} {self.key}"


class Telling(models.Model):
    """That a destination was told of a cause, kept after it is over, so that one that comes and goes is told once."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="tellings")
    cause = models.CharField(max_length=30)
    key = models.CharField(max_length=80)
    version = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["destination", "cause", "key"], name="notifications_telling_once")
        ]
        indexes = [models.Index(fields=["told_at"], name="notifications_telling_age")]

    def __str__(self) -> str:
        return f"{self.cause} {self.key} to {self.destination_id}"


class Message(models.Model):
    """What one destination is told at one time. It goes out once at most; until then it is tried again."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        UNKNOWN = "unknown", "Outcome unknown"
        FAILED = "failed", "Failed"

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="messages")
    subject = models.CharField(max_length=200)
    body: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        help_text="Lines: what, why, and the page on which to act."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], name="notifications_message_due", condition=Q(state="queued")),
            models.Index(fields=["created_at"], name="notifications_message_age"),
        ]

    def __str__(self) -> str:
        return self.subject


class Round(models.Model):
    """When causes are looked at next: one worker does it, whoever comes first. One row, id 1."""

    next_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="notifications_round_single")]

    def __str__(self) -> str:
        return str(self.next_at)
