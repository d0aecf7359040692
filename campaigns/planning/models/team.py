from __future__ import annotations

from django.db import models
from django.utils import timezone


class Team(models.Model):
    """A team that hires, hosts events and stands in the spotlight."""

    name = models.CharField(max_length=200, unique=True)
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
