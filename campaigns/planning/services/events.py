"""Planning recruitment and engagement events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import live_posts, organisation_clock, signals, states
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import Content, Event, Reason
from campaigns.planning.services import content, waiting_publications


def plan_event(*, by: models.Model | None, allow_past: bool = False, **fields: Any) -> Event:
    """Plan an event as a draft. Raises InvalidPlan: an end before the start, a start in the past unless allowed,
    neither a place nor an online address."""
    event = Event(**fields)
    _check(event, allow_past=allow_past)
    return content.save_new(event, by=by)


def change_event(
    *,
    event: Event,
    changes: dict[str, Any],
    by: models.Model | None,
    allow_past: bool = False,
    keep_approval: bool = False,
    locked: bool = False,
) -> Event:
    """Change the named fields; see content.apply_changes. Raises what plan_event raises."""
    proposed = Event(
        **{name: changes.get(name, getattr(event, name)) for name in ("starts_at", "ends_at", "place", "online_url")}
    )
    _check(proposed, allow_past=allow_past or "starts_at" not in changes)
    for name in ("starts_at", "ends_at"):
        if name in changes:
            changes[name] = getattr(proposed, name)
    return content.apply_changes(event, changes, by=by, keep_approval=keep_approval, locked=locked)


def _check(event: Event, *, allow_past: bool) -> None:
    event.starts_at = organisation_clock.to_utc(event.starts_at, field="starts_at")
    event.ends_at = organisation_clock.to_utc(event.ends_at, field="ends_at")
    if event.ends_at < event.starts_at:
        raise InvalidPlan("The event ends before it starts.", field="ends_at")
    if not allow_past and event.starts_at < timezone.now():
        raise InvalidPlan(
            "The start time is in the past. Choose a later time, or allow a time in the past to record it.",
            field="starts_at",
        )
    if not event.place and not event.online_url:
        raise InvalidPlan("Enter a place, an online address or both.", field="place")


@transaction.atomic
def cancel_event(*, event: Event, by: models.Model | None, at: datetime | None = None) -> Event:
    """Cancel the event: waiting publications are cancelled, its page says so. Raises MoveRefused the second time."""
    now = at or timezone.now()
    if not Event.objects.filter(pk=event.pk, cancelled_at=None).update(cancelled_at=now):
        raise MoveRefused("This event is already cancelled.")
    event.cancelled_at = now
    Content.objects.filter(pk=event.pk).update(**states.revision_columns())
    row = Content.objects.get(pk=event.pk)
    ending = event.ending()
    waiting_publications.cancel_of_content(content=row, by=by, code=Reason.CONTENT_ENDED, reason=ending.words(now))
    live_posts.registered().end(row, how=ending.early)
    signals.content_ended.send(sender=Event, content=row, how=ending.early, by=by)
    return event
