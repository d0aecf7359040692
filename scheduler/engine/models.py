"""Every try at sending, and the workers' heartbeat."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from campaigns.planning.models import Publication


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def maybe_live(self) -> AttemptQuerySet:
        """Accepted, or nobody knows."""
        return self.exclude(outcome=Attempt.Outcome.NOT_SENT)

    def charged(self, start: datetime | None = None, end: datetime | None = None) -> AttemptQuerySet:
        """What may have cost something, begun from `start` on and before `end`, and whose publication is not known to
        have gone out: then its SentPost says what it cost."""
        rows = self.maybe_live().filter(price__gt=0, publication__sent_post=None)
        return rows.filter(started_at__gte=start, started_at__lt=end) if start and end else rows


class Attempt(models.Model):
    """One try at sending a publication. Written before the call; its outcome is filled in once it is known."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        NOT_SENT = "not_sent", "Not sent"
        UNKNOWN = "unknown", "Outcome unknown"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts")
    fence = models.PositiveIntegerField()
    worker = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, help_text="Of the channel that was called.")
    account = models.CharField(max_length=200, blank=True, help_text="As the channel named it.")
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

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["publication", "fence"], name="scheduler_attempt_once_a_fence")]
        indexes = [
            models.Index(fields=["started_at"], name="scheduler_attempt_priced", condition=models.Q(price__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} by fence {self.fence}"


class Worker(models.Model):
    """A consumer process, how many it sends at once, and when it was last seen alive."""

    threads = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
