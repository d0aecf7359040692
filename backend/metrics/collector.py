"""What Prometheus is told of this installation: how publishing goes, and whether what it needs is there. Numbers only:
no titles, no names, nothing of a candidate."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from backend.database_away import drop_sessions
from backend.metrics import requests
from scheduler.engine import backlog, queue
from scheduler.engine.backlog import AT_MOST, LATEST, Backlog, Workforce
from scheduler.errors import ANY_DATABASE_ERROR

UP_TO = f"At most {AT_MOST} are counted."
LATEST_SENT = f"the last {LATEST} posts that we sent within the past hour"


class InstallationCollector:
    """Asks anew each time. Without the database it says so, and what it knows by itself."""

    def collect(self) -> Iterator[Metric]:
        yield from _disk()
        yield _gauge("queue_up", "Whether the task queue answers.", queue.answers())
        now = timezone.now()
        try:
            told = [*_publishing(backlog.read_backlog(now), now), *_workers(backlog.read_workforce(now)), _backup()]
        except ANY_DATABASE_ERROR as error:
            drop_sessions(error)
            told = []
        yield _gauge("database_up", "Whether the database answers.", bool(told))
        yield from told


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"promenade_{name}", help_text, value=value)


def _disk() -> Iterator[Metric]:
    usage = shutil.disk_usage(settings.DATA_DIR)
    yield _gauge("disk_free_bytes", "Free where DATA_DIR is.", usage.free)
    yield _gauge("disk_size_bytes", "All that there is where DATA_DIR is.", usage.total)


def _publishing(found: Backlog, now: datetime) -> Iterator[Metric]:
    since = (now - found.due_since).total_seconds() if found.due_since else 0.0
    yield _gauge("publications_due", f"Posts at or past their time that are not out yet. {UP_TO}", found.due)
    yield _gauge("publications_oldest_due_seconds", "How long the oldest of them has been due.", since)
    yield _gauge("publications_unknown", f"Posts that may be live or not. {UP_TO}", found.unknown)
    yield _gauge("publications_needing_person", f"Posts that wait for a person to act. {UP_TO}", found.needing_person)
    yield _labelled("publications_held", f"Posts on hold, by reason. {UP_TO}", "reason", found.held)
    yield _gauge("publications_sent_last_hour", f"Posts that went out in the past hour. {UP_TO}", found.sent_lately)
    late, median = max(found.lateness, default=0.0), found.lateness_median
    yield _gauge("publications_lateness_max_seconds", f"The greatest lateness of {LATEST_SENT}.", late)
    yield _gauge("publications_lateness_median_seconds", f"The median lateness of {LATEST_SENT}.", median)
    yield _gauge("mail_deliveries_waiting", f"Emails that wait to be sent. {UP_TO}", found.mails)
    yield _gauge("webhook_deliveries_waiting", f"Messages that wait for their receivers. {UP_TO}", found.webhooks)
    signed_out = found.connections_signed_out
    yield _gauge("connections_needing_sign_in", "Channels in use whose access was not accepted.", signed_out)


def _labelled(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"promenade_{name}", help_text, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family


def _workers(found: Workforce) -> Iterator[Metric]:
    yield _gauge("workers", "Worker processes that were seen in the past 15 seconds.", found.workers)
    yield _gauge("worker_threads", "Threads of theirs.", found.threads)
    yield _gauge("worker_threads_busy", "Threads that are sending a post at this moment.", found.busy)
    yield _moment("worker_last_seen", "When a worker last said that it is alive; 0 if none ever did.", found.seen_at)


def _backup() -> Metric:
    return _moment("last_backup", "When the latest backup was begun; 0 if there is none.", backlog.backed_up_at())


def _moment(name: str, help_text: str, at: datetime | None) -> Metric:
    """As a Unix time, which Prometheus takes the age from: that goes on rising while nobody answers."""
    return _gauge(f"{name}_timestamp_seconds", help_text, at.timestamp() if at else 0.0)


registry = requests.registry
registry.register(InstallationCollector())
