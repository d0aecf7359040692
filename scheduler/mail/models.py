"""Every mail, one row a recipient, and how each mail server is to be treated."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.mailing.models import MailingList, Subscriber
from campaigns.planning.models import Channel, Publication


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
        SENT = "sent", "Accepted by the mail server"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Outcome unknown"
        BOUNCED = "bounced", "Bounced"
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
