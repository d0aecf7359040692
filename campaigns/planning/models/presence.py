from __future__ import annotations

from django.conf import settings
from django.db import models

from campaigns.planning.models.content import Content


class Presence(models.Model):
    """Somebody has this content open to write on it, and was seen there at this moment."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content", "person"], name="planning_presence_once")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.content_id}"
