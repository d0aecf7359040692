"""What the queue carries out: fetch and call."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import close_old_connections

from scheduler import reconcile, sending
from scheduler.outbound import deliveries
from scheduler.queue import huey

WORKER_NAME = f"{socket.gethostname()}:{os.getpid()}"


def _with_database(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*args: Any) -> Any:
        close_old_connections()  # one that the server has closed, or an error left behind, is opened anew
        return work(*args)

    return run


@huey.task(name="send")
@_with_database
def send(publication_id: int, fence: int) -> None:
    sending.send_publication(publication_id=publication_id, fence=fence, worker=WORKER_NAME)


@huey.task(name="look")
@_with_database
def look(publication_id: int) -> None:
    reconcile.look_for(publication_id=publication_id)


@huey.task(name="deliver")
@_with_database
def deliver(endpoint_id: int, fence: int) -> None:
    deliveries.deliver(deliveries.Turn(endpoint_id, fence))
