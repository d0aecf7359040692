"""How far a database has come, kept outside of it: in a folder of this machine that no backup of the data folder holds,
and in Redis where there is one. A database that has not come as far was restored from a backup."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

import redis
import structlog
from django.conf import settings

RAISE = """
for place = 1, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[2 * place - 1]) or '0')
  if tonumber(ARGV[2 * place]) > known then redis.call('HSET', KEYS[1], ARGV[2 * place - 1], ARGV[2 * place]) end
end
"""

log = structlog.get_logger("promenade.scheduler")


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=5)


@dataclass(frozen=True)
class Mark:
    count: int = 0
    """How often the workers have counted."""
    attempt: int = 0
    """The id of the latest attempt at sending."""


def read(database: UUID) -> Mark | None:
    """The highest that any place knows; none where no place knows this database. Raises RedisError."""
    known = [mark for mark in (_in_file(database), _in_redis(database)) if mark is not None]
    if not known:
        return None
    return Mark(max(mark.count for mark in known), max(mark.attempt for mark in known))


def raise_to(mark: Mark, *, database: UUID, durably: bool = False) -> None:
    """Never lowers. `durably`: also where the power fails. A place that cannot be written is left out: a send must not
    fail for it."""
    with suppress(OSError), _opened(database) as place:
        known = _parsed(os.pread(place, 60, 0))
        os.pwrite(place, f"{max(known.count, mark.count):020} {max(known.attempt, mark.attempt):020}\n".encode(), 0)
        if durably:
            os.fsync(place)
    if settings.REDIS_URL:
        with suppress(redis.RedisError):
            _client(settings.REDIS_URL).eval(RAISE, 1, _key(database), "count", mark.count, "attempt", mark.attempt)


def _in_file(database: UUID) -> Mark | None:
    path = _path(database)
    try:
        return _parsed(path.read_bytes()) if path.exists() else None
    except OSError:
        return None


def _in_redis(database: UUID) -> Mark | None:
    if not settings.REDIS_URL:
        return None
    found = _client(settings.REDIS_URL).hgetall(_key(database))
    return Mark(int(found.get(b"count", 0)), int(found.get(b"attempt", 0))) if found else None


def _parsed(line: bytes) -> Mark:
    """What was cut short when the power failed knows nothing."""
    words = line.split()
    return Mark(int(words[0]), int(words[1])) if len(words) == 2 and len(line) == 42 else Mark()


@contextmanager
def _opened(database: UUID) -> Iterator[int]:
    path = _path(database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield place
    finally:
        os.close(place)


def _path(database: UUID) -> Path:
    return Path(settings.STATE_DIR) / f"mark-{database}"


def _key(database: UUID) -> str:
    return f"promenade:mark:{database}"
