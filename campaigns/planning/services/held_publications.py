"""What is held on a channel for one reason, decided together."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from campaigns.planning import states
from campaigns.planning.models import Channel, Publication, PublicationState, Reason
from campaigns.planning.services import publications

TOGETHER_AT_MOST = 500
"""How many are released or cancelled by one call, so that nobody else waits long for the locks."""


@transaction.atomic
def release_held(*, channel: Channel, reason_code: Reason, by: models.Model | None) -> int:
    """Release what is held on a channel for one reason, the oldest first and at most 500 at once, as
    `publications.release_publication` does each. Returns how many."""
    return len([publications.release_locked(publication, by=by) for publication in _held_on(channel, reason_code)])


@transaction.atomic
def cancel_held(*, channel: Channel, reason_code: Reason, by: models.Model | None, reason: str = "") -> int:
    """Give up what is held on a channel for one reason, the oldest first and at most 500 at once. Returns how many."""
    columns: dict[str, Any] = {
        "to": PublicationState.CANCELLED,
        "reason": reason,
        "reason_code": Reason.CANCELLED_BY_HAND,
        "raise_fence": True,
    }
    return sum(states.move_publication(each, by=by, **columns) for each in _held_on(channel, reason_code))


def _held_on(channel: Channel, reason_code: Reason) -> list[Publication]:
    rows = Publication.objects.held_on(channel, reason_code).select_for_update()
    return list(rows.order_by("due_at", "pk")[:TOGETHER_AT_MOST])
