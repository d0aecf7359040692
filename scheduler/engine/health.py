"""Is publishing alive? Asked by /readyz and by the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from campaigns.planning.models import Publication
from scheduler.connections.models import Connection
from scheduler.engine import rate_limit, statements
from scheduler.engine.models import Worker

SILENT_AFTER = timedelta(seconds=15)
OVERDUE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Health:
    worker_seen_at: datetime | None
    worker_alive: bool
    oldest_overdue_seconds: int
    """How long the oldest publication that should be out has been waiting; 0 when none is."""
    throttled_channels: int
    """Channels for which something is due, and which take no more at this moment: they asked to be left alone, give no
    answer, or have a pace of their own. That is not late."""

    @property
    def ok(self) -> bool:
        return self.worker_alive and self.oldest_overdue_seconds <= OVERDUE_AFTER.total_seconds()


def health(now: datetime) -> Health:
    """Two queries, and two more where something is due."""
    seen = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    due = Publication.objects.due_or_claimed(now).order_by()
    oldest = dict(due.values_list("channel_id").annotate(oldest=Min("due_at")))
    resting = _at_rest(list(oldest), now) if oldest else set()
    late = min((at for channel_id, at in oldest.items() if channel_id not in resting), default=now)
    return Health(
        worker_seen_at=seen,
        worker_alive=seen is not None and abs(now - seen) <= SILENT_AFTER,
        oldest_overdue_seconds=int((now - late).total_seconds()),
        throttled_channels=len(resting),
    )


def _at_rest(channel_ids: list[int], now: datetime) -> set[int]:
    busy = statements.in_flight(now)
    connected = Connection.objects.filter(channel_id__in=channel_ids)
    return {row.channel_id for row in connected if rate_limit.permits(row, now, busy=busy.get(row.channel_id, 0)) == 0}
