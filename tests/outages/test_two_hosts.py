"""Two workers with nothing in common but the settings: database, Redis and keys. One is lost, the other finishes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from tests.outages.house import Channels, House, ended, fill, wait_for

SERVERS = ("DATABASE_URL", "REDIS_URL")
pytestmark = pytest.mark.skipif(
    not all(os.environ.get(name) for name in SERVERS),
    reason="several hosts share PostgreSQL and Redis: make test-grown",
)
NAME = f"promenade_{uuid4().hex[:12]}"


@pytest.fixture
def house(channels: Channels, tmp_path: Path) -> Iterator[House]:
    server, queue = (os.environ[name] for name in SERVERS)
    own = f"{server.rsplit('/', 1)[0]}/{NAME}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{NAME}"')
        try:
            with ended(House(tmp_path, channels, {"DATABASE_URL": own, "REDIS_URL": queue})) as found:
                channels.begin()
                fill(found)
                yield found
        finally:
            admin.execute(f'DROP DATABASE "{NAME}" WITH (FORCE)')
            with redis.Redis.from_url(queue) as client:
                client.delete(f"huey.redis.promenade.{NAME}")


def test_both_get_work_and_when_one_is_lost_the_other_finishes(house: House, tmp_path: Path) -> None:
    folders = [tmp_path / host / "data" for host in ("one", "two")]
    for folder in folders:
        folder.mkdir(parents=True)
    # A worker's queue is called after the last part of its folder.
    lost, left = (house.start_worker(f"{folder.parent.name}/{NAME}", DATA_DIR=str(folder)) for folder in folders)

    house.let_go(over=3)
    wait_for(lambda: len(house.sql("SELECT DISTINCT worker FROM scheduler_attempt")) == 2, "work for both")
    house.wait_for_accepted(12)
    lost.end(signal.SIGKILL)

    house.wait_until_all_are_sent()
    house.check_each_went_out_once()
    assert left.end() == 0
    for folder in folders:
        assert not list(folder.glob("*_key")), "a host made secrets of its own"
