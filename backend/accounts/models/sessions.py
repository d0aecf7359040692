"""Sessions: Django's own, and what a person needs to know theirs apart. No address is kept."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from backend.accounts.models.people import User
from backend.accounts.models.secrets import digest


class Session(AbstractBaseSession):
    """One browser's visit. `person` is empty until somebody has signed in."""

    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    browser = models.CharField(max_length=60, blank=True, help_text="Browser and system, in words.")
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from backend.accounts.session_store import SessionStore

        return SessionStore

    @property
    def handle(self) -> str:
        """Names the session to its person; the key itself would let in whoever reads it."""
        return digest(self.session_key)[:20]
