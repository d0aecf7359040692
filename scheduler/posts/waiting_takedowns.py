"""Takedowns that wait until their channel works again."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from campaigns.planning import states
from campaigns.planning.models import Channel, Publication, Reason, Remedy
from scheduler.leases import database_clock
from scheduler.posts.models import Takedown

TAKING_DOWN: dict[str, Any] = {
    "reason_code": Reason.TAKING_DOWN,
    "reason": "The content was withdrawn. We are taking the post down.",
}


@transaction.atomic
def resume_takedowns(channel: Channel) -> None:
    """Take up again what waits for a sign-in on this channel."""
    rows = Publication.objects.sent_until(Remedy.CONNECTION).filter(channel=channel)
    Takedown.objects.filter(publication__in=rows).update(due_at=database_clock.database_now())
    for publication in rows.select_for_update():
        states.explain_publication(publication, **TAKING_DOWN)
