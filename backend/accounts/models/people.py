"""People and programs who act."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.planning.zones import validate_zone


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
    zone = models.CharField(max_length=60, default="Europe/London", validators=[validate_zone])
    letter_keys = models.BooleanField(
        default=True,
        help_text="Whether single-key shortcuts act in the console; people who use speech software turn them off.",
    )
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
