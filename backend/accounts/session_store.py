"""Keeps sessions in the database as Django does, under a hash of their key, and with each whose it is, in which
browser, and when it was seen.

The key is 32 random characters, so the hash is that of API keys: see `models.digest`. Django calls nothing but what
stands here: the asynchronous half of its own store would look for the key itself, and this product has no such views.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, transaction
from django.utils import timezone

from backend.accounts.models import Session, digest

SEEN_IS_NOTED_EVERY = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Public pages never load their visitor's session, so that reading them leaves no trace here."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]
        row = Session(hashed=digest(key), session_data=self.encode(data), expire_date=self.get_expiry_date())
        person = data.get(SESSION_KEY)
        row.person_id = int(person) if person else None
        row.browser = data.get("browser", "")
        if started := data.get("started_at"):
            row.started_at = datetime.fromisoformat(started)
        return row

    def load(self) -> dict[str, Any]:
        row = Session.objects.filter(hashed=digest(self.session_key or ""), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
            return {}
        if row.person_id is not None:
            _note_seen(row)
        data: dict[str, Any] = self.decode(row.session_data)
        return data

    def exists(self, session_key: str | None = None) -> bool:
        return Session.objects.filter(hashed=digest(session_key or "")).exists()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(hashed=digest(key)).delete()


def _note_seen(row: Session) -> None:
    now = timezone.now()
    if now - row.last_seen_at < SEEN_IS_NOTED_EVERY:
        return
    same = Session.objects.filter(pk=row.pk, last_seen_at=row.last_seen_at)
    with suppress(DatabaseError), transaction.atomic():  # a database that cannot be written can still be read
        same.update(last_seen_at=now)
