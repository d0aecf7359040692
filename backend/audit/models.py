"""The audit trail: who did what to which row, when, through what, with what changed. Append-only."""

from __future__ import annotations

from typing import Any, ClassVar

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.db import models

from backend.accounts.models import ApiKey


class AppendOnly(Exception):
    """Audit entries are never changed or deleted."""


class TrailQuerySet(models.QuerySet["LogEntry"]):
    """Reads and adds; it refuses whatever would rewrite the past."""

    def update(self, **_: Any) -> int:
        raise AppendOnly("Audit entries are never changed.")

    def bulk_update(self, *_: Any, **__: Any) -> int:
        raise AppendOnly("Audit entries are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Audit entries are never deleted.")


class LogEntry(AbstractLogEntry):
    """One entry. `cid` is the id of the request; `changes` maps a field to its old and new value."""

    class Through(models.TextChoices):
        SESSION = "session", "Signed in"
        API_KEY = "api_key", "API key"
        COMMAND = "command", "Command line"
        WORKER = "worker", "Worker"

    through = models.CharField(max_length=10, choices=Through.choices, default=Through.COMMAND)
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = LogEntryManager.from_queryset(TrailQuerySet)()

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        ordering: ClassVar[list[str]] = ["-id"]
        indexes = [
            models.Index(fields=["content_type", "object_pk", "-id"], name="audit_logentry_row"),
            models.Index(fields=["actor", "-id"], name="audit_logentry_actor"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("An audit entry is never changed.")
        super().save(*args, **kwargs | {"force_insert": True})  # a new entry with a known id would replace that one

    def delete(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        raise AppendOnly("An audit entry is never deleted.")
