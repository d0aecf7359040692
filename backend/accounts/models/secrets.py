"""API keys, and the private addresses that people and programs were given."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models.people import User


def digest(secret: str) -> str:
    """SHA-256 of a random secret of 256 bits; such a secret needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SecretQuerySet(models.QuerySet[Any]):
    def live(self, now: datetime) -> SecretQuerySet:
        return self.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=now))


class ApiKey(models.Model):
    """A program's way in. The key is shown once; only its hash is kept."""

    PREFIX = "prom_"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    hint = models.CharField(max_length=12, help_text="The key's first characters, to tell keys apart.")
    hashed = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.hint}…"


class FeedToken(models.Model):
    """A person's private address of one feed; revocable, kept hashed."""

    class Feed(models.TextChoices):
        BULLETIN = "bulletin", "Staff bulletin"
        PLAN = "plan", "Plan calendar"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feed_tokens")
    feed = models.CharField(max_length=20, choices=Feed.choices)
    hashed = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "feed"], condition=Q(revoked_at=None), name="accounts_feedtoken_one_live"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_feed_display()} of {self.user_id}"
