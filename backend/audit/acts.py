"""What the trail keeps of acts that no saved row tells: signing in and out and failing to, what is composed, messages
that somebody has sent again, and what an operator does at the command line.

Of a failed sign-in it keeps the account, where there is one, and the reason. It keeps no address, as sessions keep
none, and never what was typed: people type their password where the email address belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models import Model
from django.utils import timezone

from backend.accounts import signals as account_signals
from backend.accounts.models import User
from backend.audit import gathering
from backend.audit.listeners import build_entry, mask
from backend.audit.models import LogEntry
from campaigns.planning import signals as planning_signals
from campaigns.planning.models import Content, Organisation, Publication
from campaigns.planning.services.compositions import Snapshot
from scheduler import signals as scheduler_signals
from scheduler.engine import statements
from scheduler.webhooks.models import WebhookDelivery

Event = LogEntry.Event
FAILURES = (Event.SIGN_IN_FAILED, Event.SECOND_STEP_FAILED)
"""Anyone can bring these about, as often as they like."""
PROVEN = (Event.SIGNED_IN, Event.RECOVERY_CODE_USED, Event.RECOVERY_CODES_CREATED)
"""Who does these has shown who they are, also where the request came from somebody not signed in."""


def record(event: str, row: Model, details: Mapping[str, Any], *, by: Model | None = None) -> None:
    """Write that this was done to a row; `by` where the request itself does not say who."""
    changes = {name: [None, value] for name, value in details.items()}
    entry = build_entry(row, changes, by=by, at=timezone.now(), action=LogEntry.Action.ACCESS, event=event)
    if event == Event.SIGNED_IN:
        entry.through = LogEntry.Through.SESSION
    if event in FAILURES:
        gathering.gather(entry)
    else:
        statements.write([entry])


def record_operation(event: str, details: Mapping[str, Any]) -> None:
    """The same of the whole installation."""
    record(event, Organisation.current(), details)


def on_account_event(user: User | None, event: str, details: Mapping[str, Any], **_: Any) -> None:
    record(event, user or User(), details, by=user if event in PROVEN else None)


def on_signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record(Event.SIGNED_OUT, user, {}, by=user)


def on_keys_rotated(rows: int, **_: Any) -> None:
    record_operation(Event.KEYS_ROTATED, {"rows": rows})


def on_message_requested(delivery: WebhookDelivery, event: str, **_: Any) -> None:
    record(event, delivery.endpoint, {"type": delivery.event_type, "message": str(delivery.event_id)})


def on_pictures_changed(publication: Publication, before: list[int], after: list[int], by: Any, **_: Any) -> None:
    statements.write([build_entry(publication, {"pictures": [before, after]}, by=by, at=timezone.now())])


def on_composition_changed(content: Content, before: Snapshot, after: Snapshot, by: Any, **_: Any) -> None:
    """The texts themselves are kept once they are scheduled, with each post; of what is still being typed, that it
    changed."""
    old, new = _settings_of(before), _settings_of(after)
    changes = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    if _texts_of(before) != _texts_of(after):
        changes["texts"] = [mask(""), mask("")]
    kind, event = content.kind_model(), Event.COMPOSED
    gathering.gather(build_entry(content, changes, by=by, at=timezone.now(), model=kind, event=event))


def _settings_of(snapshot: Snapshot) -> dict[str, Any]:
    settings = {name: value for name, value in snapshot.settings.items() if name != "unused_texts"}
    pictures = {row.channel.name: row.picture_ids for row in snapshot.chosen if row.picture_ids}
    return settings | {"channels": [row.channel.name for row in snapshot.chosen], "pictures": pictures}


def _texts_of(snapshot: Snapshot) -> tuple[dict[int, str], Any]:
    return {row.channel_id: row.wording for row in snapshot.chosen}, snapshot.settings["unused_texts"]


def connect() -> None:
    user_logged_out.connect(on_signed_out, dispatch_uid="audit.signed_out")
    account_signals.account_event.connect(on_account_event, dispatch_uid="audit.account")
    account_signals.keys_rotated.connect(on_keys_rotated, dispatch_uid="audit.keys")
    scheduler_signals.message_requested.connect(on_message_requested, dispatch_uid="audit.message")
    planning_signals.pictures_changed.connect(on_pictures_changed, dispatch_uid="audit.pictures")
    planning_signals.composition_changed.connect(on_composition_changed, dispatch_uid="audit.composition")
