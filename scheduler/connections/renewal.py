"""Keeps the sign-ins of connections alive: asks each channel once a day who we are, renews what can be renewed before
it ends, and warns of what will end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import cast

import structlog
from django.db import transaction
from django.db.models import QuerySet
from pydantic import ValidationError

from scheduler import signals
from scheduler.channels.contract import NotSent, OutcomeUnknown, RefreshingAdapter
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.errors import NotConnected
from scheduler.leases import database_clock, row_leases

EVERY = timedelta(days=1)
REFRESH_BEFORE = timedelta(days=10)
WARN_DAYS = (14, 7, 1)
SOON = timedelta(days=max(WARN_DAYS) + 1)
"""Whole days are counted, so that many and some hours are warned of too."""
TIMEOUT = 20.0  # seconds

log = structlog.get_logger("promenade.scheduler")


def due(*, limit: int) -> list[int]:
    """Ids of connections to look after now; each is reserved for one worker. None costs one read."""
    rows = Connection.objects.all()
    return row_leases.reserve(
        rows, column="next_check_at", now=database_clock.database_now(), lasting=EVERY, limit=limit
    )


def maintain_connection(*, connection_id: int) -> None:
    """Renew where it is time, check, and warn at 14, 7 and 1 days before the end, each once. A channel that does not
    answer is asked again tomorrow."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        adapter = connections.adapter_of(connection)
        ends = connection.expires_at
        if adapter.abilities.refreshes and ends is not None and ends - database_clock.database_now() < REFRESH_BEFORE:
            connection = refresh(connection=connection)
        connection = connections.check_connection(connection=connection)
    except NotConnected as error:
        log.warning("connection cannot be looked after", connection=connection_id, code=error.code)
        return
    warn(connection=connection)


def refresh(*, connection: Connection) -> Connection:
    """Ask the channel for new secrets and store them; until they are stored the present ones stay. Returns the
    connection as it stands afterwards. A refusal leaves it as it is and says so in its message. Raises NotConnected."""
    adapter = cast("RefreshingAdapter", connections.adapter_of(connection))
    try:
        secrets = adapter.refresh(timeout=TIMEOUT)
        adapter.Secrets.model_validate(secrets)
    except (NotSent, OutcomeUnknown) as failure:
        Connection.objects.filter(pk=connection.pk).update(message=str(failure))
        log.warning("sign-in could not be renewed", connection=connection.pk, code=failure.code)
        return connection
    except ValidationError:  # its message would show the secrets
        log.warning("sign-in could not be renewed", connection=connection.pk, code="unusable_answer")
        return connection
    return _store(connection, json.dumps(secrets))


@transaction.atomic
def _store(asked: Connection, secrets: str) -> Connection:
    """Unless the channel was connected anew meanwhile: those secrets are the newer ones."""
    row = Connection.objects.select_for_update().get(pk=asked.pk)
    if (row.kind, row.secrets) == (asked.kind, asked.secrets):
        row.secrets = secrets
        row.warned_days = row.expires_at = None  # the next check tells the new end
        row.save(update_fields=["secrets", "warned_days", "expires_at"])
        log.info("sign-in renewed", connection=row.pk)
    return row


@transaction.atomic
def warn(*, connection: Connection) -> int | None:
    """Announce the end of a sign-in once for each of the three days. Returns which one it was, or None."""
    days = days_left(connection, database_clock.database_now())
    if days is None:
        return None
    step = min((each for each in WARN_DAYS if days <= each), default=None)
    if step is None:
        Connection.objects.filter(pk=connection.pk, warned_days__isnull=False).update(warned_days=None)
        return None
    fresh = Connection.objects.filter(pk=connection.pk).exclude(warned_days__lte=step)
    if not fresh.update(warned_days=step):
        return None
    signals.connection_expiring.send(sender=Connection, connection=connection, days=days)
    log.warning("a sign-in ends soon", connection=connection.pk, days=days)
    return step


def ending(now: datetime) -> QuerySet[Connection]:
    """Connections whose sign-in ends soon enough to warn of, or has ended."""
    return Connection.objects.filter(expires_at__lt=now + SOON)


def ends_soon(connection: Connection, now: datetime) -> bool:
    """The same of one."""
    return connection.expires_at is not None and connection.expires_at < now + SOON


def days_left(connection: Connection, now: datetime) -> int | None:
    """Whole days until the sign-in ends, 0 once it has; None where it does not end, or nobody knows."""
    if connection.expires_at is None:
        return None
    return max(0, (connection.expires_at - now).days)
