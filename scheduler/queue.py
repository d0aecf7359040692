"""The task queue. It carries out and decides nothing: a lost message costs a lease, never a publication."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import redis
from django.conf import settings
from huey import RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

WRITE_TIMEOUT = 20  # seconds to wait for another writer of the queue's file
ERRORS = (redis.RedisError, sqlite3.Error)
"""What the queue raises while it is away, or while its disk is full."""


class JSONSerializer(Serializer):
    """Messages as JSON: they hold ids only, and a forged one can run nothing but our own tasks."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def _make() -> Any:
    common: dict[str, Any] = {"results": False, "utc": True, "serializer": JSONSerializer()}
    if settings.REDIS_URL:
        return RedisHuey("promenade", url=settings.REDIS_URL, **common)
    settings.QUEUE_FILE.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("promenade", filename=str(settings.QUEUE_FILE), timeout=WRITE_TIMEOUT, **common)


huey = _make()


def answers() -> bool:
    try:
        huey.pending_count()
    except ERRORS:
        return False
    return True
