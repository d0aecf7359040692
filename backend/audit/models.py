"""The audit trail: who did what to which row, when, through what, with what changed. Append-only; what comes again and
again within an hour is gathered in one entry, which only ever says more (see gathering)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import ApiKey


class AppendOnly(Exception):
    """Audit entries are never changed or deleted."""


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    """Reads and adds; it refuses whatever would rewrite the past."""

    def by(self, user_id: int | None) -> LogEntryQuerySet:
        """What this person or program did; None: what the worker and commands did by themselves."""
        return self.filter(actor=user_id)

    def about(self, *, kinds: list[ContentType] | None = None, row_id: int | None = None) -> LogEntryQuerySet:
        rows = self if kinds is None else self.filter(content_type__in=kinds)
        return rows if row_id is None else rows.filter(object_pk=str(row_id))

    def of_event(self, event: str) -> LogEntryQuerySet:
        return self.filter(event=event)

    def between(self, start: datetime | None, end: datetime | None) -> LogEntryQuerySet:
        """From `start` on, and before `end`."""
        rows = self if start is None else self.filter(timestamp__gte=start)
        return rows if end is None else rows.filter(timestamp__lt=end)

    def update(self, **_: Any) -> int:
        raise AppendOnly("Audit entries are never changed.")

    def bulk_update(self, *_: Any, **__: Any) -> int:
        raise AppendOnly("Audit entries are never changed.")

    def extend(self, entry: LogEntry, *, changes: dict[str, Any], until: datetime) -> bool:
        """Let an entry that gathers tell one time more. Says whether there is such an entry: no other is touched."""
        gathering = self.filter(pk=entry.pk, until__isnull=False)
        return bool(models.QuerySet.update(gathering, times=F("times") + 1, changes=changes, until=until))

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("Audit entries are never deleted.")


class LogEntry(AbstractLogEntry):
    """One entry. `cid` is the id of the request; `changes` maps a field to its old and new value."""

    class Event(models.TextChoices):
        """What was done where no saved row says it."""

        SIGNED_IN = "signed_in", "Signed in"
        SIGN_IN_FAILED = "sign_in_failed", "Could not sign in"
        SECOND_STEP_FAILED = "second_step_failed", "Could not complete two-step sign-in"
        SIGNED_OUT = "signed_out", "Signed out"
        SESSIONS_ENDED = "sessions_ended", "Signed out elsewhere"
        RECOVERY_CODES_CREATED = "recovery_codes_created", "Recovery codes created"
        RECOVERY_CODE_USED = "recovery_code_used", "Recovery code used"
        COMPOSED = "composed", "Composed"
        TEST_MESSAGE_SENT = "test_message_sent", "Test message sent"
        MESSAGE_REPLAYED = "message_replayed", "Message sent again"
        KEYS_ROTATED = "keys_rotated", "Encrypted with the new key"
        BACKUP_MADE = "backup_made", "Backup made"

    class Through(models.TextChoices):
        SESSION = "session", "Signed in"
        VISITOR = "visitor", "Not signed in"
        API_KEY = "api_key", "API key"
        COMMAND = "command", "Command line"
        WORKER = "worker", "Worker"

    timestamp = models.DateTimeField(default=timezone.now)
    through = models.CharField(max_length=10, choices=Through.choices, default=Through.COMMAND)
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="+")
    event = models.CharField(max_length=30, choices=Event.choices, null=True)
    times = models.PositiveIntegerField(default=1)
    until = models.DateTimeField(null=True, help_text="When it last happened; empty where the entry gathers nothing.")

    objects = LogEntryManager.from_queryset(LogEntryQuerySet)()

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        ordering: ClassVar[list[str]] = ["-id"]
        indexes = [
            models.Index(fields=["content_type", "object_pk", "-id"], name="audit_logentry_row"),
            models.Index(fields=["actor", "-id"], name="audit_logentry_actor"),
            # By time: days are asked for, and a page starts where the last one ended.
            models.Index(fields=["-timestamp", "-id"], name="audit_logentry_at"),
            models.Index(fields=["content_type", "-timestamp", "-id"], name="audit_logentry_kind_at"),
            models.Index(fields=["actor", "-timestamp", "-id"], name="audit_logentry_actor_at"),
            models.Index(
                fields=["event", "-timestamp", "-id"], name="audit_logentry_event_at", condition=Q(event__isnull=False)
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("An audit entry is never changed.")
        super().save(*args, **kwargs | {"force_insert": True})  # a new entry with a known id would replace that one

    def delete(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        raise AppendOnly("An audit entry is never deleted.")
