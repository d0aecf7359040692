"""Says in one sentence which of DATABASE_URL and REDIS_URL does not answer; exit code 1 then."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import psycopg
import redis


def _place(url: str) -> str:
    """The address without its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}"


def main() -> None:
    database, queue = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    try:
        psycopg.connect(database, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        sys.exit(f"PostgreSQL does not answer at {_place(database)} ({reason}). Start it, or set DATABASE_URL.")
    try:
        redis.Redis.from_url(queue, socket_connect_timeout=5).ping()
    except redis.RedisError as error:
        sys.exit(f"Redis does not answer at {_place(queue)} ({error}). Start it, or set REDIS_URL.")


if __name__ == "__main__":
    main()
