"""The task queue. It carries out and decides nothing: a lost message costs a lease, never a publication.

With Redis, all workers share one queue. Without it, each worker hands what it has claimed to its own threads: nothing
that a file could add would outlive the claim.
"""

from __future__ import annotations

import json
import threading
from typing import Any

import redis
from django.conf import settings
from huey import Huey, RedisHuey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import MemoryStorage

LOOK_UP = 1.0
"""Seconds after which a thread that waits for work looks whether the worker is to stop."""
ERRORS = (redis.RedisError,)
"""What the queue raises while it is away."""


class JSONSerializer(Serializer):
    """Messages as JSON: they hold ids only, and a forged one can run nothing but our own tasks."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


class WaitingMemoryStorage(MemoryStorage):
    """Huey's memory storage, whose threads sleep until there is work instead of looking again and again."""

    blocking = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._filled = threading.Condition()

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        with self._filled:
            super().enqueue(data, priority)
            self._filled.notify()

    def dequeue(self) -> bytes | None:
        with self._filled:
            self._filled.wait_for(self.queue_size, timeout=LOOK_UP)
            found: bytes | None = super().dequeue()
        return found


def _make() -> Any:
    common: dict[str, Any] = {"results": False, "utc": True, "serializer": JSONSerializer()}
    if settings.REDIS_URL:
        return RedisHuey("promenade", url=settings.REDIS_URL, **common)
    return Huey("promenade", storage_class=WaitingMemoryStorage, **common)


huey = _make()


def answers() -> bool:
    try:
        huey.pending_count()
    except ERRORS:
        return False
    return True
