"""What a person signs in with beside the password, or instead of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from backend.accounts.models.people import User


class Authenticator(models.Model):
    """An app that shows a new code every 30 seconds (RFC 6238). It counts once a first code was given."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    secret = EncryptedTextField()
    last_period = models.BigIntegerField(default=0, help_text="The 30 seconds whose code was taken last.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Authenticator app of {self.user_id}"


class Passkey(models.Model):
    """A key pair of a device (WebAuthn). We hold its public half, which is no secret."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True, help_text="URL-safe Base64.")
    public_key = models.TextField(help_text="The attested credential data, as URL-safe Base64.")
    uses = models.BigIntegerField(default=0, help_text="The device's own count; synchronised passkeys stay at 0.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Passkey {self.pk}"


class RecoveryCode(models.Model):
    """Lets its person in once, when the app or device is lost. Kept as a hash: a code has 80 random bits."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    hashed = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Recovery code of {self.user_id}"
