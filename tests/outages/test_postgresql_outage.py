"""PostgreSQL restarts, or takes no writes, while posts fall due: they wait for it, and the same worker goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outages.cluster import PROGRAMS, Cluster, cluster
from tests.outages.house import Channels, House, ended, fill

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="there is no PostgreSQL server here")
NAME = "outage"
AWAY = 1.0  # seconds
READ_ONLY = 2.0  # seconds


@pytest.fixture(scope="module")
def server(channels: Channels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """With a database of posts for tomorrow, to be copied."""
    with cluster() as made:
        made.sql("CREATE DATABASE filled")
        fill(House(tmp_path_factory.mktemp("filled"), channels, {"DATABASE_URL": made.url("filled")}))
        yield made


@pytest.fixture
def house(server: Cluster, channels: Channels, tmp_path: Path) -> Iterator[House]:
    # Without the checkpoint PostgreSQL counts the copied sequences back when it recovers from a crash.
    server.sql(f"CREATE DATABASE {NAME} TEMPLATE filled", "CHECKPOINT")
    with ended(House(tmp_path, channels, {"DATABASE_URL": server.url(NAME)})) as found:
        channels.begin()
        yield found
    server.sql(f"DROP DATABASE {NAME} WITH (FORCE)")


def check_the_same_worker_went_on(house: House) -> None:
    house.wait_until_all_are_sent()
    (worker,) = house.workers
    assert worker.lives()
    house.check_each_went_out_once()
    said = worker.said()
    assert "the database cannot be used; publishing waits for it" in said
    assert "publishing goes on" in said
    assert "Traceback" not in said
    assert worker.end() == 0


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_posts_wait_for_a_restarted_database_and_go_out_once(house: House, server: Cluster, mode: str) -> None:
    house.start_worker()
    house.let_go(over=3)
    house.wait_for_accepted(8)

    server.stop(mode)
    time.sleep(AWAY)
    server.start()
    waiting = house.states()["scheduled"]

    assert waiting > 0
    check_the_same_worker_went_on(house)


def test_posts_wait_for_a_database_that_takes_writes_again(house: House, server: Cluster) -> None:
    house.start_worker()
    house.let_go(over=3)
    house.wait_for_accepted(8)

    server.take_no_writes(NAME)
    before = house.channels.accepted().total()
    time.sleep(READ_ONLY)
    after = house.channels.accepted().total()
    waiting = house.states()["scheduled"]
    server.take_writes(NAME)

    assert waiting > 0
    assert after - before <= 8  # what was under way
    check_the_same_worker_went_on(house)
