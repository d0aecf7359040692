"""Keeps sessions in the database as Django does, and with each whose it is, in which browser, and when it was seen."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, transaction
from django.utils import timezone

from backend.accounts.models import Session

SEEN_IS_NOTED_EVERY = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Public pages never load their visitor's session, so that reading them leaves no trace here."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Any = super().create_model_instance(data)
        person = data.get(SESSION_KEY)
        row.person_id = int(person) if person else None
        row.browser = data.get("browser", "")
        if started := data.get("started_at"):
            row.started_at = datetime.fromisoformat(started)
        return row  # type: ignore[no-any-return]

    def load(self) -> dict[str, Any]:
        row: Session | None = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        if row.person_id is not None:
            _note_seen(row)
        data: dict[str, Any] = self.decode(row.session_data)
        return data


def _note_seen(row: Session) -> None:
    now = timezone.now()
    if now - row.last_seen_at < SEEN_IS_NOTED_EVERY:
        return
    same = Session.objects.filter(pk=row.pk, last_seen_at=row.last_seen_at)
    with suppress(DatabaseError), transaction.atomic():  # a database that cannot be written can still be read
        same.update(last_seen_at=now)
