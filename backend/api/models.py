"""What the API remembers of requests that carried an Idempotency-Key."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from backend.accounts.models import User


class IdempotentResponse(models.Model):
    """The first answer to a POST with an Idempotency-Key; encrypted, because some answers show a key once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = EncryptedTextField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="api_idempotentresponse_once")]

    def __str__(self) -> str:
        return self.key
