"""After the database was restored from a backup, or copied, publishing stands still until a person has looked.

The workers count, in the database and outside of it (high_water), and note each attempt there before they call a
channel. A database that has not come as far as the outside knows was restored. Where nothing outside knows it, as on
another machine or after Redis was emptied, what its server or file says of itself (database_identity) tells a copy.
What fell due since the backup may be live already, so it is looked for on its channel before anything is sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Count, Q

from campaigns.planning import states
from campaigns.planning.models import REASONS, Pause, Publication, PublicationState, Reason, Remedy
from campaigns.planning.services.timing import pauses
from scheduler.channels.contract import Abilities
from scheduler.channels.own_site.adapter import OwnSiteAdapter
from scheduler.channels.registry import adapter_classes
from scheduler.connections.services import find_adapter_class
from scheduler.installation import database_identity, high_water
from scheduler.installation.high_water import Mark
from scheduler.installation.models import Installation
from scheduler.leases import database_clock
from scheduler.mail import delivery as mail

RESTORED = "The database was restored from a backup."
COPIED = "This is a copy of the database, in another place or on another machine."
REASON = "We are checking for posts that were due since then. End the hold when you have checked the list."

log = structlog.get_logger("promenade.scheduler")


def increment() -> Pause | None:
    """One more, inside and then outside: the outside is never ahead of the database that is written to. Freezes where
    it is: then the database was restored while its workers ran."""
    database = _database()
    known = high_water.read(database)  # before the row is locked: what is outside by now is inside as well
    with transaction.atomic():
        row = _locked()
        if row.database == database and _is_behind(row, known):
            return _freeze(row, RESTORED)
        row.number += 1
        row.save(update_fields=["number"])
    _database.cache_clear()  # another worker may have noticed
    high_water.raise_to(Mark(row.number, 0), database=row.database, durably=True)
    return None


def note_attempt(attempt_id: int) -> None:
    """Outside, before the channel is called: whatever is restored later has not come as far."""
    high_water.raise_to(Mark(attempt=attempt_id), database=_database())


@cache
def _database() -> UUID:
    return Installation.objects.get_or_create(pk=1)[0].database


def freeze_if_restored() -> Pause | None:
    """Called by each worker before it claims anything. Freezes once only: a copy is a database of its own from then
    on."""
    _database.cache_clear()
    database = _database()
    known = high_water.read(database)
    with transaction.atomic():
        row, identity = _locked(), database_identity.read()
        if row.database != database:  # another worker has just noticed
            return None
        if _is_behind(row, known):
            return _freeze(row, RESTORED)
        if known is None and row.number and identity != row.identity:
            return _freeze(row, COPIED)
        if identity != row.identity:
            row.identity = identity
            row.save(update_fields=["identity"])
    return None


@transaction.atomic
def freeze(reason: str) -> Pause:
    """For what has restored the database itself, and knows."""
    return _freeze(_locked(), reason)


def _locked() -> Installation:
    row, _ = Installation.objects.select_for_update().get_or_create(pk=1)
    return row


def _is_behind(row: Installation, known: Mark | None) -> bool:
    return known is not None and (row.number < known.count or database_identity.last_attempt() < known.attempt)


def _freeze(row: Installation, because: str) -> Pause:
    """The original, where it still runs, keeps its name outside."""
    row.database, row.identity = uuid.uuid4(), database_identity.read()
    row.number += 1
    row.restore_hold = pauses.start_pause(reason=f"{because} {REASON}", by=None)
    row.save()
    number = _look_for_what_fell_due(database_clock.database_now())
    mail.freeze_after_restore()
    _database.cache_clear()
    mark = Mark(row.number, database_identity.last_attempt())
    transaction.on_commit(lambda: high_water.raise_to(mark, database=row.database, durably=True))
    log.warning("the database was restored; publishing is on hold", because=because, looked_for=number)
    return row.restore_hold


@dataclass(frozen=True)
class RestoreCheck:
    """What is still open before the hold may end."""

    looked_for: int
    """Posts that are being looked for on their channels."""
    for_a_person: int
    """Posts that only a person can look for."""
    emails: int
    """Mails that may have gone out since the backup, and are not sent again."""


def restore_check(active: Collection[Pause]) -> tuple[Pause, RestoreCheck] | None:
    """None where none of these holds began with a restore."""
    hold_id = Installation.objects.values_list("restore_hold", flat=True).first()
    hold = next((pause for pause in active if pause.pk == hold_id), None)
    if hold is None:
        return None
    unknown = Publication.objects.filter(state=PublicationState.UNKNOWN)
    found = unknown.aggregate(
        looked_for=Count("pk", filter=Q(needs_person=False)), for_a_person=Count("pk", filter=Q(needs_person=True))
    )
    return hold, RestoreCheck(emails=mail.count_frozen(), **found)


def _look_for_what_fell_due(now: datetime) -> int:
    """What has fallen due and did not go out may have done so after the backup: unknown, until read-back or a person
    says. The house's own surfaces were restored with the rest, so what is missing there is really missing."""
    house = [kind for kind, adapter in adapter_classes().items() if issubclass(adapter, OwnSiteAdapter)]
    fallen = (
        Publication.objects.select_for_update(of=("self",))
        .filter(state__in=[PublicationState.SCHEDULED, PublicationState.HELD, PublicationState.FAILED])
        .filter(publish_at__lte=now, channel__connection__isnull=False)
        .exclude(channel__connection__kind__in=house)
        .select_related("channel__connection")
    )
    return sum(
        states.move_publication(
            publication,
            to=PublicationState.UNKNOWN,
            reason="It was due after the backup was made and may be live.",
            reason_code=Reason.RESTORED if _can_tell(publication) else Reason.CANNOT_LOOK,
            due_at=now,
            raise_fence=True,
        )
        for publication in fallen
    )


def _can_tell(publication: Publication) -> bool:
    """Whether read-back knows of what happened after the backup. What had not been claimed before it has no key in it,
    and the one that it was sent with is lost. Nobody reads back from a kind that this installation does not have. What
    a person had stopped is not sent by us because it is missing: a person looks."""
    stopped = publication.state != PublicationState.SCHEDULED
    if stopped and REASONS[Reason(publication.reason_code)].remedy == Remedy.PERSON:
        return False
    adapter = find_adapter_class(publication.channel.connection)
    if adapter is None:
        return False
    abilities: Abilities = adapter.abilities
    key_is_lost = abilities.found_by_key and publication.key is None
    return abilities.reads_back and not abilities.reads_own_rows and not key_is_lost
