"""Sessions: Django's own, and what a person needs to know theirs apart. No address is kept."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from backend.accounts.models.people import User


class Session(AbstractBaseSession):
    """One browser's visit. `person` is empty until somebody has signed in. The key stands in the browser's cookie only;
    whoever reads this table, or a backup of it, finds its hash, and cannot sign in with that."""

    session_key = None  # type: ignore[assignment]  # as Django says of a field that a model does without
    hashed = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    browser = models.CharField(max_length=60, blank=True, help_text="Browser and system, in words.")
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Session of {self.person_id}"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from backend.accounts.session_store import SessionStore

        return SessionStore

    @property
    def handle(self) -> str:
        """Names the session to its person."""
        return self.hashed[:20]
