from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.notifications import rounds
from backend.notifications.models import Message
from scheduler.engine.models import Worker


@pytest.fixture(autouse=True)
def worker(db: None, clock: time_machine.Traveller) -> Callable[[], None]:
    """One that is alive, or nothing but its silence would be told of."""

    def beat() -> None:
        now = timezone.now()
        Worker.objects.update_or_create(name="w", defaults={"started_at": now, "seen_at": now, "threads": 1})

    beat()
    return beat


@pytest.fixture
def pass_time(clock: time_machine.Traveller, worker: Callable[[], None]) -> Callable[..., list[Message]]:
    """Rounds as a worker runs them, over so long. Returns the messages that were written meanwhile."""

    def go_on(**span: float) -> list[Message]:
        known = set(Message.objects.values_list("pk", flat=True))
        until = timezone.now() + timedelta(**(span or {"minutes": 2}))
        while timezone.now() < until:
            worker()
            rounds.run_if_due(timezone.now())
            clock.shift(timedelta(seconds=max(20.0, (until - timezone.now()).total_seconds() / 12)))
        worker()
        return list(Message.objects.exclude(pk__in=known).select_related("destination__person").order_by("pk"))

    return go_on
