"""Is publishing alive? Asked by /readyz and by the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.planning.models import Publication, PublicationState
from scheduler.models import Worker

SILENT_AFTER = timedelta(seconds=15)
OVERDUE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Health:
    worker_seen_at: datetime | None
    worker_alive: bool
    oldest_overdue_seconds: int
    """How long the oldest publication that should be out has been waiting; 0 when none is."""

    @property
    def ok(self) -> bool:
        return self.worker_alive and self.oldest_overdue_seconds <= OVERDUE_AFTER.total_seconds()


def health(now: datetime) -> Health:
    """Two queries."""
    seen = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    oldest = (
        Publication.objects.filter(state=PublicationState.SCHEDULED, due_at__lte=now)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    return Health(
        worker_seen_at=seen,
        worker_alive=seen is not None and abs(now - seen) <= SILENT_AFTER,
        oldest_overdue_seconds=int((now - oldest).total_seconds()) if oldest else 0,
    )
