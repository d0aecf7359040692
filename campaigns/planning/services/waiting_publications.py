"""What becomes of publications that wait when something else is decided: their content is withdrawn, archived or over,
their recurrence has ended, or what held them back is cleared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import states
from campaigns.planning.models import Channel, Content, Publication, PublicationState, Reason, Recurrence, Remedy


def cancel_of_content(*, content: Content, by: models.Model | None, code: Reason, reason: str) -> int:
    """Cancel every publication of this content that waits, and say why on each. Returns how many."""
    rows = Publication.objects.select_for_update().filter(content_id=content.pk).waiting()
    return _cancel(rows, by=by, code=code, reason=reason)


def cancel_of_recurrence(*, recurrence: Recurrence, by: models.Model | None, reason: str) -> int:
    """The same for what a recurrence has made."""
    rows = Publication.objects.select_for_update().filter(recurrence=recurrence).waiting()
    return _cancel(rows, by=by, code=Reason.RECURRENCE_ENDED, reason=reason)


def _cancel(rows: Iterable[Publication], *, by: models.Model | None, code: Reason, reason: str) -> int:
    return sum(
        states.move_publication(
            publication, to=PublicationState.CANCELLED, by=by, reason=reason, reason_code=code, raise_fence=True
        )
        for publication in rows
    )


@transaction.atomic
def cancel_ended(*, now: datetime, limit: int = 100) -> int:
    """Cancel what waits although its vacancy has closed or its event is over; at most `limit`, so that whoever calls is
    not kept from its other work. Returns how many."""
    ended = Publication.objects.waiting().of_ended_content(now)[:limit]
    return sum(
        _cancel([row], by=None, code=Reason.CONTENT_ENDED, reason=row.content.ending().words(now)) for row in ended
    )


def release_cleared(*, remedy: Remedy, channel: Channel, by: models.Model | None) -> int:
    """Let go what was held on a channel only for reasons that this clears; each one's lateness rule still applies.
    Returns how many."""
    return release(Publication.objects.select_for_update().held_until(remedy).filter(channel=channel), by=by)


def release(held: Iterable[Publication], *, by: models.Model | None) -> int:
    """Schedule held ones again, now where their time has passed; each one's own lateness rule decides then. Returns how
    many moved."""
    now = timezone.now()
    return sum(
        states.move_publication(row, to=PublicationState.SCHEDULED, by=by, due_at=max(now, row.publish_at))
        for row in held
    )
