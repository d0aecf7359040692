"""After the database was restored from a backup, publishing stands still until a person has looked.

The engine counts in two places: in the database, and outside it (Redis where there is one, otherwise a file in the data
folder). A database that has counted less than the outside was restored. What fell due since the backup may be live
already, so it is looked for on its channel before anything is sent.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from campaigns.planning import states
from campaigns.planning.models import Pause, Publication, PublicationState, Reason
from campaigns.planning.services.timing import pauses
from scheduler.channels.contract import Abilities
from scheduler.channels.own_site.adapter import OwnSiteAdapter
from scheduler.channels.registry import adapter_classes
from scheduler.connections.services import find_adapter_class
from scheduler.engine.models import RestoreCounter
from scheduler.leases import clock
from scheduler.mail import delivery as mail

REASON = (
    "The database was restored from a backup. We are checking for posts that were due since then. End the "
    "hold when you have checked the list."
)

log = structlog.get_logger("promenade.scheduler")


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=5)


class ExternalCounter:
    """The count of one database that its backup does not hold."""

    def __init__(self, row: RestoreCounter) -> None:
        self.redis = _client(settings.REDIS_URL) if settings.REDIS_URL else None
        self.key = f"promenade:count:{row.database}"
        self.path = Path(settings.DATA_DIR) / f"count-{row.database}"

    def read(self) -> int:
        if self.redis is not None:
            return int(self.redis.get(self.key) or 0)
        return int(self.path.read_text()) if self.path.exists() else 0

    def write(self, number: int) -> None:
        if self.redis is not None:
            self.redis.set(self.key, number)
        else:
            written = self.path.with_suffix(".new")
            written.write_text(str(number))
            written.replace(self.path)


def increment() -> None:
    """One more, inside and then outside: the outside is never ahead of the database that is written to."""
    with transaction.atomic():
        row, _ = RestoreCounter.objects.select_for_update().get_or_create(pk=1)
        RestoreCounter.objects.filter(pk=1).update(number=F("number") + 1)
    ExternalCounter(row).write(row.number + 1)


def freeze_if_restored() -> Pause | None:
    """Called once by each worker before it claims anything. Freezes when the database has counted less than the outside
    has, and once only: the database counts on from there."""
    with transaction.atomic():
        row, _ = RestoreCounter.objects.select_for_update().get_or_create(pk=1)
        outside = ExternalCounter(row).read()
        if row.number >= outside:
            return None
        RestoreCounter.objects.filter(pk=1).update(number=outside)
        pause = pauses.start_pause(reason=REASON, by=None)
        number = _look_for_what_fell_due(clock.database_now())
        mail.freeze_after_restore()
    log.warning("the database was restored; publishing is on hold", looked_for=number)
    return pause


def _look_for_what_fell_due(now: datetime) -> int:
    """What was scheduled and has fallen due may have gone out after the backup: unknown, until read-back or a person
    says. The house's own surfaces were restored with the rest, so what is missing there is really missing."""
    house = [kind for kind, adapter in adapter_classes().items() if issubclass(adapter, OwnSiteAdapter)]
    fallen = (
        Publication.objects.select_for_update(of=("self",))
        .due_or_claimed(now)
        .filter(channel__connection__isnull=False)
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
    and the one that it was sent with is lost. Nobody reads back from a kind that this installation does not have."""
    adapter = find_adapter_class(publication.channel.connection)
    if adapter is None:
        return False
    abilities: Abilities = adapter.abilities
    key_is_lost = abilities.found_by_key and publication.key is None
    return abilities.reads_back and not abilities.reads_own_rows and not key_is_lost
