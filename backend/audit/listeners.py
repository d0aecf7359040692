"""Which rows the audit trail follows, what it masks, and how it hears of state moves."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from auditlog.context import auditlog_value
from auditlog.diff import model_instance_diff
from auditlog.registry import auditlog
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import pre_save
from django.utils import timezone

from backend.accounts.models import ApiKey, Authenticator, FeedToken, Passkey, User
from backend.audit import gathering
from backend.audit.models import LogEntry
from backend.notifications.models import Destination
from campaigns.bulletins.models import Bulletin, Section
from campaigns.hiring import signals as hiring_signals
from campaigns.hiring.models import Candidate, Hire, HireState, Touch, TrackedLink
from campaigns.mailing.models import MailingList, Subscriber
from campaigns.planning import signals as planning_signals
from campaigns.planning.models import (
    BlogEntry,
    Campaign,
    Channel,
    Content,
    Event,
    Organisation,
    Pause,
    Publication,
    PublicationState,
    QuietPeriod,
    Recurrence,
    Slot,
    Team,
    Vacancy,
)
from media.models import Picture
from scheduler.connections.models import Connection
from scheduler.engine import statements
from scheduler.models import WebhookEndpoint

# Fields whose values never enter the trail: secrets and personal data. That they changed is recorded.
MASKED: dict[type[models.Model], list[str]] = {
    User: ["email", "password", "name"],
    ApiKey: ["hashed"],
    FeedToken: ["hashed"],
    Authenticator: ["secret"],
    Passkey: ["credential_id", "public_key"],
    Organisation: [],
    Team: [],
    Campaign: [],
    Channel: [],
    Event: [],
    Vacancy: [],
    BlogEntry: [],
    Bulletin: [],
    Section: [],
    MailingList: [],
    Subscriber: ["address", "token", "token_hash", "confirmation", "confirmation_hash"],
    Pause: [],
    Publication: ["key"],
    Recurrence: [],
    QuietPeriod: [],
    Slot: [],
    Connection: ["secrets"],
    WebhookEndpoint: ["secret", "former_secret"],
    Picture: [],
    TrackedLink: [],
    Candidate: ["name", "email", "phone"],
    Destination: ["address"],
    Touch: [],
    Hire: [],
}
# Written by the machine at every turn; the trail is about decisions.
REVISION = ["revision", "revised_at"]
UNFOLLOWED: dict[type[models.Model], list[str]] = {
    Event: REVISION,
    Vacancy: REVISION,
    BlogEntry: REVISION,
    Bulletin: REVISION,
    User: ["last_login"],
    ApiKey: ["last_used_at"],
    FeedToken: ["last_used_at"],
    Authenticator: ["last_period"],
    Passkey: ["uses", "last_used_at"],
    Publication: [
        *REVISION,
        "fence",
        "lease_until",
        "due_at",
        "deferred_until",
        "tries",
        "missed_reads",
        "state",
        "reason",
        "reason_code",
        "channel_code",
    ],
    Recurrence: ["next_at"],
    Destination: ["summary_on", "failures", "failing_since", "message", "reached_at"],
    WebhookEndpoint: ["failures", "failing_since", "fence", "lease_until"],
    Connection: ["checked_at", "expires_at", "tokens", "tokens_at", "failures", "paused_until", "pause_reason"],
}


def mask(_: str) -> str:
    return "***"


def followed_fields(model: type[models.Model]) -> list[str]:
    """The columns of a model that the trail keeps. Without naming them it would also list what refers to a row."""
    unfollowed = UNFOLLOWED.get(model, [])
    return [
        field.name for field in model._meta.concrete_fields if not field.primary_key and field.name not in unfollowed
    ]


def record_move(*, row: models.Model, field: str, old: str, new: str, by: User | None, **more: Any) -> None:
    """Write a state move, which conditional updates hide from the listeners of saved rows, and what came with it."""
    LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=_changes(field, old, new, more), actor=by)


def _changes(field: str, old: str, new: str, more: dict[str, Any]) -> dict[str, list[Any]]:
    changes: dict[str, list[Any]] = {field: [str(old), str(new)]}
    return changes | {name: [None, value] for name, value in more.items() if value}


def build_entry(
    row: models.Model,
    changes: dict[str, list[Any]],
    *,
    by: models.Model | None,
    at: datetime,
    model: type[models.Model] | None = None,
    action: int = LogEntry.Action.UPDATE,
    event: str | None = None,
) -> LogEntry:
    """As log_create makes it, not yet written; what is written in bulk calls no listener of saved rows. `model` says of
    which kind the row is, where the row itself is what all kinds share. A row without an id stands for all that are
    not known, and is written by the same statement as one that is."""
    entry = LogEntry(
        content_type=ContentType.objects.get_for_model(model or row),
        object_pk="" if row.pk is None else str(row.pk),
        object_id=row.pk or 0,
        object_repr="" if row.pk is None else str(row),
        action=action,
        event=event,
        changes=changes,
        actor=by,
        timestamp=at,
    )
    attribute(LogEntry, entry)
    return entry


def _move_entry(
    row: models.Model, field: str, old: str, new: str, by: User | None, more: dict[str, Any], **about: Any
) -> LogEntry:
    return build_entry(row, _changes(field, old, new, more), by=by, **about)


def on_row_changed(row: models.Model, before: models.Model, autosave: bool = False, **_: Any) -> None:
    """As auditlog tells the difference of a saved row, without reading again what it was."""
    changes = model_instance_diff(before, row, use_json_for_changes=settings.AUDITLOG_STORE_JSON_CHANGES)
    if changes and autosave:
        gathering.gather(build_entry(row, changes, by=None, at=timezone.now()))
    elif changes:
        LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=changes)


def on_content_moved(
    content: Content, from_state: str, to_state: str, by: User | None = None, comment: str = "", **_: Any
) -> None:
    kind = content.kind_model()
    more = {"comment": comment}
    statements.write([_move_entry(content, "state", from_state, to_state, by, more, at=timezone.now(), model=kind)])


def on_content_ended(content: Content, how: str, by: User | None = None, **_: Any) -> None:
    """A filled vacancy or a cancelled event: conditional updates as well."""
    record_move(row=content.specific, field="ended", old="", new=how, by=by)


def on_publication_moved(
    publication: Publication,
    from_state: str,
    to_state: str,
    by: User | None = None,
    reason: str = "",
    began_at: datetime | None = None,
    **_: Any,
) -> None:
    """In one statement, and what was being sent from its begin on with how that ended: that it stands in sending is
    written with its attempt, and nothing leaves it unseen."""
    moves = [(from_state, to_state, {"reason": reason}, timezone.now())]
    if from_state == PublicationState.SENDING and began_at is not None:
        moves.insert(0, (PublicationState.SCHEDULED, PublicationState.SENDING, {}, began_at))
    statements.write([_move_entry(publication, "state", old, new, by, more, at=at) for old, new, more, at in moves])


def on_candidate_moved(candidate: Candidate, from_stage: str, to_stage: str, by: User | None = None, **_: Any) -> None:
    record_move(row=candidate, field="stage", old=from_stage, new=to_stage, by=by)


def on_hire_moved(hire: Hire, from_state: str, to_state: str, by: User | None = None, **_: Any) -> None:
    more: dict[str, Any] = {}
    if to_state == HireState.ACCEPTED:  # once reversed, now recorded again
        more = {"vacancy": hire.vacancy_id, "accepted_on": hire.accepted_on.isoformat()}
    elif to_state == HireState.STARTED and hire.started_on:
        more = {"started_on": hire.started_on.isoformat()}
    record_move(row=hire, field="state", old=from_state, new=to_state, by=by, **more)


def attribute(sender: type[LogEntry], instance: LogEntry, **_: Any) -> None:  # noqa: ARG001 - a signal's shape
    """Put onto the entry who acts now. Outside a request that is a command, of which the worker is one."""
    acting = auditlog_value.get(None) or {}
    alone = LogEntry.Through.WORKER if sys.argv[1:2] == ["worker"] else LogEntry.Through.COMMAND
    instance.actor = acting.get("actor") or instance.actor
    instance.through = acting.get("through", alone)
    instance.api_key = acting.get("api_key")
    instance.cid = acting.get("cid")
    instance.changes = _with_offsets(instance)


def _with_offsets(entry: LogEntry) -> dict[str, Any]:
    """auditlog writes a moment as UTC without saying so."""
    changes: dict[str, Any] = dict(entry.changes or {})
    model = entry.content_type.model_class()
    for field in model._meta.concrete_fields if model else []:
        if isinstance(field, models.DateTimeField) and field.name in changes:
            changes[field.name] = [f"{moment}+00:00" if moment else None for moment in changes[field.name]]
    return changes


def connect() -> None:
    for model, masked in MASKED.items():
        auditlog.register(
            model,
            mask_fields=masked,
            mask_callable="backend.audit.listeners.mask",
            include_fields=followed_fields(model),
        )
    pre_save.connect(attribute, sender=LogEntry, dispatch_uid="audit.attribute")
    planning_signals.row_changed.connect(on_row_changed, dispatch_uid="audit.changed")
    planning_signals.content_moved.connect(on_content_moved, dispatch_uid="audit.content")
    planning_signals.content_ended.connect(on_content_ended, dispatch_uid="audit.ended")
    planning_signals.publication_moved.connect(on_publication_moved, dispatch_uid="audit.publication")
    hiring_signals.candidate_moved.connect(on_candidate_moved, dispatch_uid="audit.candidate")
    hiring_signals.hire_moved.connect(on_hire_moved, dispatch_uid="audit.hire")
