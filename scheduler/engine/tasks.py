"""What the queue carries out: fetch and call."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.db import close_old_connections, connection

from scheduler.connections import renewal
from scheduler.engine import reconcile, sending
from scheduler.engine.queue import huey
from scheduler.errors import DATA_ERRORS, DATABASE_ERRORS
from scheduler.posts import takedown
from scheduler.webhooks import deliveries

log = structlog.get_logger("promenade.scheduler")

WORKER_NAME = f"{socket.gethostname()}:{os.getpid()}"


def with_database(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*args: Any) -> Any:
        close_old_connections()  # one that the server has closed, or an error left behind, is opened anew
        try:
            return work(*args)
        except DATABASE_ERRORS as error:  # the row's lease ends by itself, and another turn takes it up
            log.warning("a task was left: the database cannot be used", task=work.__name__, error=type(error).__name__)
            connection.close()
        except DATA_ERRORS:
            log.exception("a task was left: the database refuses its values", task=work.__name__)

    return run


@huey.task(name="send")
@with_database
def send(publication_id: int, fence: int) -> None:
    sending.send_publication(publication_id=publication_id, fence=fence, worker=WORKER_NAME)


@huey.task(name="take_down")
@with_database
def take_down(publication_id: int) -> None:
    takedown.take_down(publication_id=publication_id)


@huey.task(name="maintain_connection")
@with_database
def maintain_connection(connection_id: int) -> None:
    renewal.maintain_connection(connection_id=connection_id)


@huey.task(name="read_back")
@with_database
def read_back(publication_id: int) -> None:
    reconcile.read_back(publication_id=publication_id)


@huey.task(name="deliver")
@with_database
def deliver(endpoint_id: int, fence: int) -> None:
    deliveries.deliver(deliveries.DeliveryClaim(endpoint_id, fence))
