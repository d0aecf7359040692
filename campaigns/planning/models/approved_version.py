from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from campaigns.planning.models.content import Content


class ApprovedVersion(models.Model):
    """What a content said, on its page and on each channel, when it was approved; append-only."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="approved_versions")
    parts = models.JSONField(help_text="As content.Part, in order: name, label, text.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["content", "-id"], name="planning_approved_newest")]

    def __str__(self) -> str:
        return f"{self.content_id} as approved at {self.at:%Y-%m-%d %H:%M}"
