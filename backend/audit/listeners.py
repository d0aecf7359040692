"""Which rows the audit trail follows, what it masks, and how it hears of state moves."""

from __future__ import annotations

from typing import Any

from auditlog.context import auditlog_value
from auditlog.registry import auditlog
from django.db import models
from django.db.models.signals import pre_save

from backend.accounts.models import ApiKey, FeedToken, User
from backend.audit.models import LogEntry
from campaigns.bulletins.models import Bulletin, Section
from campaigns.hiring import signals as hiring_signals
from campaigns.hiring.models import Candidate, Hire, Touch, TrackedLink
from campaigns.planning import signals as planning_signals
from campaigns.planning.models import (
    BlogEntry,
    Campaign,
    Channel,
    Content,
    Event,
    Organisation,
    Publication,
    Team,
    Vacancy,
)
from media.models import Picture
from scheduler.models import Connection

# Fields whose values never enter the trail: secrets and personal data. That they changed is recorded.
MASKED: dict[type[models.Model], list[str]] = {
    User: ["email", "password", "name"],
    ApiKey: ["hashed"],
    FeedToken: ["hashed"],
    Organisation: [],
    Team: [],
    Campaign: [],
    Channel: [],
    Event: [],
    Vacancy: [],
    BlogEntry: [],
    Bulletin: [],
    Section: [],
    Publication: ["key"],
    Connection: ["secrets"],
    Picture: [],
    TrackedLink: [],
    Candidate: ["name", "email", "phone"],
    Touch: [],
    Hire: [],
}
# Written by the machine at every turn; the trail is about decisions.
UNFOLLOWED: dict[type[models.Model], list[str]] = {
    User: ["last_login"],
    ApiKey: ["last_used_at"],
    FeedToken: ["last_used_at"],
    Publication: ["fence", "lease_until", "due_at", "tries", "absences", "state", "reason", "reason_code"],
    Connection: ["checked_at"],
}


def mask(_: str) -> str:
    return "***"


def record_move(*, row: models.Model, field: str, old: str, new: str, note: str = "") -> None:
    """Write a state move, which conditional updates hide from the listeners of saved rows."""
    changes = {field: [old, new]}
    if note:
        changes["comment"] = ["", note]
    LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=changes)


def on_content_moved(content: Content, from_state: str, to_state: str, comment: str = "", **_: Any) -> None:
    record_move(row=content.specific, field="state", old=from_state, new=to_state, note=comment)


def on_publication_moved(publication: models.Model, from_state: str, to_state: str, reason: str = "", **_: Any) -> None:
    record_move(row=publication, field="state", old=from_state, new=to_state, note=reason)


def on_candidate_moved(candidate: models.Model, from_stage: str, to_stage: str, **_: Any) -> None:
    record_move(row=candidate, field="stage", old=from_stage, new=to_stage)


def on_hire_moved(hire: models.Model, from_state: str, to_state: str, **_: Any) -> None:
    record_move(row=hire, field="state", old=from_state, new=to_state)


def attribute(sender: type[LogEntry], instance: LogEntry, **_: Any) -> None:  # noqa: ARG001 - a signal's shape
    """Put onto the entry who acts now."""
    acting = auditlog_value.get(None) or {}
    instance.actor = acting.get("actor") or instance.actor
    instance.through = acting.get("through", LogEntry.Through.COMMAND)
    instance.api_key = acting.get("api_key")
    instance.cid = acting.get("cid")


def connect() -> None:
    for model, masked in MASKED.items():
        auditlog.register(
            model,
            mask_fields=masked,
            mask_callable="backend.audit.listeners.mask",
            exclude_fields=UNFOLLOWED.get(model, []),
        )
    pre_save.connect(attribute, sender=LogEntry, dispatch_uid="audit.attribute")
    planning_signals.content_moved.connect(on_content_moved, dispatch_uid="audit.content")
    planning_signals.publication_moved.connect(on_publication_moved, dispatch_uid="audit.publication")
    hiring_signals.candidate_moved.connect(on_candidate_moved, dispatch_uid="audit.candidate")
    hiring_signals.hire_moved.connect(on_hire_moved, dispatch_uid="audit.hire")
