"""Claiming what is due: one worker each, for a moment, with a fence that every later move names."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min

from campaigns.planning.models import Publication, PublicationState
from scheduler.clock import database_now

LEASE = timedelta(seconds=1.5)
"""How long a claim lasts; a queue message that is lost gives its publication back after this."""


@dataclass(frozen=True)
class Claim:
    publication_id: int
    fence: int


@transaction.atomic
def claim_due(*, limit: int) -> list[Claim]:
    """Claim at most `limit` due publications, oldest first. Racing dispatchers never claim the same one: PostgreSQL
    skips rows that another one has locked, SQLite lets one writer in at a time."""
    now = database_now()
    claims = []
    due = Publication.objects.due(now).select_for_update(skip_locked=True).order_by("due_at", "pk")
    for publication in due.only("fence", "key")[:limit]:
        fence = publication.fence + 1
        won = (
            Publication.objects.due(now)
            .filter(pk=publication.pk, fence=publication.fence)
            .update(fence=fence, lease_until=now + LEASE, key=publication.key or uuid.uuid4())
        )
        if won:
            claims.append(Claim(publication.pk, fence))
    return claims


def give_back(claims: list[Claim]) -> int:
    """Return claims that were not begun, so that another worker takes them at once. Returns how many."""
    return sum(
        Publication.objects.filter(pk=claim.publication_id, fence=claim.fence, state=PublicationState.SCHEDULED).update(
            lease_until=None, fence=claim.fence + 1
        )
        for claim in claims
    )


def next_due() -> datetime | None:
    """When something is due next, so that a dispatcher wakes for it."""
    found: datetime | None = Publication.objects.filter(state=PublicationState.SCHEDULED).aggregate(at=Min("due_at"))[
        "at"
    ]
    return found
