from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.planning.models.publication import Publication


class SentPostQuerySet(models.QuerySet["SentPost"]):
    def charged(self, start: datetime | None = None, end: datetime | None = None) -> SentPostQuerySet:
        """What cost something, from `start` on and before `end`."""
        rows = self.filter(price__gt=0)
        return rows.filter(at__gte=start, at__lt=end) if start and end else rows


class SentPost(models.Model):
    """What went out of one publication, as it stood then. Written with the move to `sent`, once; it stays when the post
    is taken down. Whatever asks what went out, where and when asks here."""

    publication = models.OneToOneField(
        Publication, primary_key=True, on_delete=models.CASCADE, related_name="sent_post"
    )
    kind = models.CharField(max_length=20, blank=True, help_text="Of its channel; empty where it was not connected.")
    account = models.CharField(max_length=200, blank=True, help_text="As the channel named it.")
    remote_id = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the text without its link.")
    price = models.PositiveIntegerField(default=0, help_text="In thousandths of a US dollar.")
    at = models.DateTimeField()
    published_manually = models.BooleanField(
        default=False, help_text="A person has published it, or has found it live."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = SentPostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["fingerprint"], name="planning_sent_post_text"),
            models.Index(fields=["at"], name="planning_sent_post_charged", condition=Q(price__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} at {self.at:%Y-%m-%d %H:%M}"
