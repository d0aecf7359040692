"""People and programs who act, and the private addresses that they were given."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Role(models.TextChoices):
    COMMS = "comms", "Communications"
    APPROVER = "approver", "Approver"
    HR = "hr", "HR"
    READER = "reader", "Reader"
    ADMIN = "admin", "Administrator"


class UserManager(BaseUserManager["User"]):
    def create_person(self, *, email: str, name: str, role: str, password: str | None = None) -> User:
        user = self.model(email=self.normalize_email(email).lower(), name=name, role=role)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_program(self, *, name: str, role: str) -> User:
        user = self.model(email=None, name=name, role=role, is_program=True)
        user.set_unusable_password()
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower(), is_program=False)


class User(AbstractBaseUser):
    """Whoever acts: a person who signs in, or a program that holds an API key. One role each."""

    email = models.EmailField(max_length=254, unique=True, null=True, blank=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role.choices)
    is_program = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_program=True, email__isnull=True) | Q(is_program=False, email__isnull=False),
                name="accounts_user_person_has_email",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.pk}"  # a name is personal data, and this reaches logs and the trail


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
