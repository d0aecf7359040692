"""Claiming what is due: one worker each, for a moment, with a fence that every later move names.

Turns are shared between channels, so that one with a long queue, or one that answers slowly, never delays another.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Any

from django.db import transaction

from campaigns.planning.models import Publication, PublicationState
from scheduler.connections.models import Connection
from scheduler.engine import rate_limit, statements
from scheduler.leases import database_clock

LEASE = timedelta(seconds=1.5)
"""How long a claim lasts; a queue message that is lost gives its publication back after this."""
EARLIEST = (
    Publication.objects.filter(state=PublicationState.SCHEDULED)
    .order_by("due_at")
    .values_list("due_at", "lease_until")[:1]
)
"""Made once: it is asked four times a second, and putting it together costs more than the answer."""


@dataclass(frozen=True)
class Claim:
    publication_id: int
    fence: int


def claim_due(*, limit: int, at_once: int | None = None) -> list[Claim]:
    """Claim at most `limit` due publications: one of each channel in turn, each channel's oldest first.

    No channel gets more than `at_once` that are claimed or being sent at a time, nor more than its connection allows.
    Racing dispatchers never claim the same one: PostgreSQL skips rows that another one has locked, SQLite lets one
    writer in at a time.
    """
    with transaction.atomic():
        now = database_clock.database_now()
        rows = _in_turn(now, limit, at_once)
        fences = statements.claim(rows, [new_key(now) for _ in rows], now=now, until=now + LEASE)
        return [Claim(row.pk, fences[row.pk]) for row in rows if row.pk in fences]


def _in_turn(now: datetime, limit: int, at_once: int | None) -> list[statements.Due]:
    channels = statements.channels_with_due(now)
    if not channels:
        return []
    busy = statements.in_flight(now)
    connected = Connection.objects.filter(pk__in=[each for each in channels.values() if each]).only(*rate_limit.COLUMNS)
    connections = {row.channel_id: row for row in connected.select_for_update(skip_locked=True)}
    rooms = {}
    for channel_id, connected_by in channels.items():
        connection, under_way = connections.get(channel_id), busy.get(channel_id, 0)
        if connected_by and connection is None:
            continue  # another dispatcher is at this one right now
        allowed = None if connection is None else rate_limit.permits(connection, now, busy=under_way)
        room = limit if at_once is None else max(0, at_once - under_way)
        room = min(limit, room, limit if allowed is None else allowed)
        if room:
            rooms[channel_id] = room
    queues: dict[int, list[statements.Due]] = {}
    for row in statements.oldest_due(rooms, now):
        queues.setdefault(row.channel_id, []).append(row)
    turns = list(islice(_round_robin(sorted(queues.values(), key=lambda rows: rows[0].due_at)), limit))
    for channel_id, connection in connections.items():
        rate_limit.consume(connection, sum(row.channel_id == channel_id for row in turns), now)
    return turns


def _round_robin(queues: list[list[statements.Due]]) -> Iterator[statements.Due]:
    for turn in zip_longest(*queues):
        yield from (row for row in turn if row is not None)


def rate_limit_of(connection: Connection, now: datetime) -> dict[str, Any]:
    """What the engine does with this connection at this moment, for people to read."""
    waiting = Publication.objects.due(now).filter(channel_id=connection.channel_id)
    paused = connection.paused_until if connection.paused_until and connection.paused_until > now else None
    return {
        "in_flight": statements.in_flight(now).get(connection.channel_id, 0),
        "waiting": len(waiting.values_list("pk", flat=True)[:1000]),
        "failures": connection.failures,
        "paused_until": paused,
        "pause_reason": connection.pause_reason if paused else "",
    }


def new_key(now: datetime) -> uuid.UUID:
    """A UUIDv7 (RFC 9562, section 5.7): random, and it tells the moment of the first claim in milliseconds."""
    milliseconds = int(now.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))


def give_back(claims: list[Claim]) -> int:
    """Return claims that were not begun, so that another worker takes them at once. Returns how many."""
    return sum(
        Publication.objects.filter(pk=claim.publication_id, fence=claim.fence, state=PublicationState.SCHEDULED).update(
            lease_until=None, fence=claim.fence + 1
        )
        for claim in claims
    )


def seconds_until_due() -> float | None:
    """Until something unclaimed falls due, so that a dispatcher wakes for it; negative once it has, None when nothing
    is scheduled. One read as long as the next one is unclaimed, and no lock."""
    now = database_clock.database_now()
    due_at, lease_until = next(iter(EARLIEST.all()), (None, None))
    if lease_until is not None and lease_until >= now:
        due_at = Publication.objects.unclaimed(now).order_by("due_at").values_list("due_at", flat=True).first()
    return None if due_at is None else (due_at - now).total_seconds()
