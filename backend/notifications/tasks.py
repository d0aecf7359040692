"""What the worker does for notifications, and what the web server does while there is no worker."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import structlog
from django.db import close_old_connections, connection

from backend.notifications import delivery, rounds
from scheduler.engine.health import SILENT_AFTER
from scheduler.engine.models import Worker
from scheduler.engine.queue import huey
from scheduler.engine.tasks import with_database
from scheduler.errors import ANY_DATABASE_ERROR
from scheduler.leases import database_clock

AT_ONCE = 4
WATCH_EVERY = 20.0
"""Seconds between two looks of the web server after the worker."""
SILENT_FOR = SILENT_AFTER + timedelta(seconds=15)
"""Longer than a worker takes to be started again."""

log = structlog.get_logger("promenade.notifications")


@huey.task(name="deliver_message")
@with_database
def deliver_message(message_id: int, fence: int) -> None:
    delivery.deliver(delivery.MessageClaim(message_id, fence))


def run_round() -> None:
    rounds.run_if_due(database_clock.database_now())
    for claim in delivery.claim_due(limit=AT_ONCE):
        deliver_message(claim.message_id, claim.fence)


def run_without_worker() -> bool:
    """Tell people that the worker is silent, which it cannot say itself. Returns whether it was."""
    now = database_clock.database_now()
    seen = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    if seen is not None and now - seen <= SILENT_FOR:
        return False
    rounds.run_if_due(now)
    for claim in delivery.claim_due(limit=AT_ONCE):
        delivery.deliver(claim)
    return True


class WorkerWatch(threading.Thread):
    """Looks after the worker from each process of the web server."""

    def __init__(self) -> None:
        super().__init__(name="worker-watch", daemon=True)

    def run(self) -> None:
        while True:
            time.sleep(WATCH_EVERY)
            try:
                close_old_connections()
                run_without_worker()
            except ANY_DATABASE_ERROR as error:  # /readyz says it; there is nobody to be told without a database
                log.info("the worker cannot be watched", error=type(error).__name__)
            except Exception:
                log.exception("the watch over the worker stumbled")
            finally:
                connection.close()
