"""The negative control: how it is usually done. One task a post with an eta and retries; the post's state is written
once the channel has answered. The attempts are written only so that the same checker can judge it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from huey import RedisHuey, SqliteHuey
from huey.api import Task

from campaigns.planning.models import Publication, PublicationState, SentPost
from scheduler.channels.contract import ChannelError
from scheduler.connections.services import adapter_of
from scheduler.engine.models import Attempt
from scheduler.posts.drafts import compose, link_of
from tests.chaos.worker import DEADLINE

RETRIES, RETRY_DELAY = 5, 1
POLL = 0.05


def _make() -> Any:
    name = f"naive_{settings.DATA_DIR.parent.name}"
    if settings.REDIS_URL:
        return RedisHuey(name, url=settings.REDIS_URL, results=False)
    return SqliteHuey(name, filename=str(settings.DATA_DIR / "naive.sqlite3"), timeout=20, results=False)


huey = _make()


@huey.task(retries=RETRIES, retry_delay=RETRY_DELAY, context=True)
def publish(publication_id: int, task: Task | None = None) -> None:
    close_old_connections()
    publication = Publication.objects.with_content().get(pk=publication_id)
    if publication.state == PublicationState.SENT:
        return
    adapter = adapter_of(publication.channel.connection)
    payload = compose(publication, adapter, link=link_of(publication))
    tries = publication.attempts.count() + 1
    Attempt.objects.create(publication=publication, fence=tries, worker="naive", started_at=timezone.now())
    try:
        receipt = adapter.send(payload, key="", timeout=DEADLINE)
    except ChannelError:
        if task is not None and not task.retries:
            Publication.objects.filter(pk=publication_id).update(state=PublicationState.FAILED, needs_person=True)
        raise
    now = timezone.now()
    Publication.objects.filter(pk=publication_id).update(state=PublicationState.SENT, sent_at=now)
    SentPost.objects.update_or_create(
        publication_id=publication_id, defaults={"remote_id": receipt.remote_id, "url": receipt.url, "at": now}
    )


def schedule_all() -> None:
    for publication in Publication.objects.filter(channel__slug__startswith="naive-"):
        publish.schedule((publication.pk,), eta=publication.publish_at)


def left() -> int:
    """Tasks that are waiting, now or for their time."""
    return int(huey.pending_count() + huey.scheduled_count())


def consume() -> None:
    huey.create_consumer(
        workers=settings.WORKER_THREADS, periodic=False, initial_delay=POLL, max_delay=POLL, graceful_signal="TERM"
    ).run()
