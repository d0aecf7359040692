"""A backup is made while posts go out, publishing goes on, and the backup comes back by each way that people use:
nothing goes out twice, nothing is lost, and what waits says why."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.outages.cluster import PROGRAMS, Cluster, cluster
from tests.outages.conftest import MakeHouse
from tests.outages.house import Channels, House, ended, fill, wait_for

REDIS_URL = os.environ.get("REDIS_URL", "")


@contextmanager
def publishing(house: House) -> Iterator[None]:
    """Inside, posts go out. Afterwards all are out, and the worker has ended as in a power cut."""
    house.start_worker()
    house.let_go(over=25)
    house.wait_for_accepted(8)
    yield
    made = house.channels.accepted().total()
    house.wait_until_all_are_sent()
    for worker in house.workers:
        worker.end(signal.SIGKILL)
    assert house.channels.accepted().total() > made + 3, "nothing went out after the backup"


def manage(house: House, *words: str) -> str:
    return house.product().manage(*words)


def check_it_starts_on_hold_and_sends_nothing_twice(house: House) -> None:
    """The engine finds what went out since; a person ends the hold, and the rest goes out."""
    at_first = house.channels.accepted().total()
    worker = house.start_worker("restored")
    wait_for(lambda: "the database was restored; publishing is on hold" in worker.said(), "a word about the restore")
    wait_for(lambda: not house.states()["unknown"] and not house.states()["sending"], "all to be found")
    assert house.channels.accepted().total() == at_first
    ((reason,),) = house.sql("SELECT reason FROM planning_pause WHERE ended_at IS NULL")
    assert "We are checking for posts" in reason
    assert {row[:1] for row in house.reasons()} <= {("scheduled",), ("held",)}

    manage(house, "shell", "-v0", "-c", END_HOLD)
    house.wait_until_all_are_sent()
    house.check_each_went_out_once()


END_HOLD = """
from campaigns.planning.models import Pause
from campaigns.planning.services.timing import pauses
for pause in Pause.objects.active():
    pauses.end_pause(pause=pause, held=pauses.PauseEnding.RELEASE, by=None)
"""


def test_a_backup_of_ours_on_sqlite(on_sqlite: MakeHouse) -> None:
    house = on_sqlite()
    with publishing(house):
        archive = str(house.folder / "backup.tar")
        manage(house, "backup", archive)
    house.sql("DELETE FROM scheduler_worker")  # else it would be 15 seconds until it counts as stopped

    said = manage(house, "restore", archive, "--replace")

    assert "Publishing is on hold" in said
    at_first = house.channels.accepted().total()
    house.start_worker("restored")
    wait_for(lambda: not house.states()["unknown"] and not house.states()["sending"], "all to be found")
    assert house.channels.accepted().total() == at_first
    manage(house, "shell", "-v0", "-c", END_HOLD)
    house.wait_until_all_are_sent()
    house.check_each_went_out_once()


@pytest.mark.parametrize("way", ["beside", "in place"])
def test_a_copied_folder(on_sqlite: MakeHouse, way: str) -> None:
    """Copied with cp while programs write, as people do: the file and its log, one after the other."""
    house = on_sqlite()
    with publishing(house):
        copy = house.folder / "copy"
        shutil.copytree(house.data(), copy)
    if way == "beside":
        house.environment["DATA_DIR"] = str(copy)
    else:
        for path in [path for path in copy.rglob("*") if path.is_file()]:  # over what is there: the files stay the same
            (house.data() / path.relative_to(copy)).write_bytes(path.read_bytes())
        for path in house.data().glob("promenade.sqlite3-*"):
            if not (copy / path.name).exists():
                path.unlink()

    check_it_starts_on_hold_and_sends_nothing_twice(house)


def test_a_copied_folder_on_another_machine(on_sqlite: MakeHouse) -> None:
    """Which knows nothing of what the first one noted."""
    house = on_sqlite()
    with publishing(house):
        copy = house.folder / "copy"
        shutil.copytree(house.data(), copy)
    house.environment |= {"DATA_DIR": str(copy), "STATE_DIR": str(house.folder / "other machine")}

    check_it_starts_on_hold_and_sends_nothing_twice(house)


@pytest.fixture(scope="module")
def server(channels: Channels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if not PROGRAMS:
        pytest.skip("there is no PostgreSQL server here")
    with cluster() as made:
        made.sql("CREATE DATABASE filled")
        fill(House(tmp_path_factory.mktemp("filled"), channels, {"DATABASE_URL": made.url("filled")}))
        yield made


@pytest.fixture
def on_postgresql(server: Cluster, channels: Channels, tmp_path: Path) -> Iterator[House]:
    server.sql("CREATE DATABASE house TEMPLATE filled")
    given = {"DATABASE_URL": server.url("house")} | ({"REDIS_URL": REDIS_URL} if REDIS_URL else {})
    with ended(House(tmp_path, channels, given)) as found:
        channels.begin()
        yield found
    server.sql("DROP DATABASE house WITH (FORCE)")


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@pytest.mark.parametrize("clean", [True, False])
def test_a_dump_with_an_emptied_redis_on_another_machine(on_postgresql: House, server: Cluster, clean: bool) -> None:
    """Into a new database, or with its tables dropped and made again."""
    house, url = on_postgresql, server.url("house")
    with publishing(house):
        dump = str(house.folder / "dump")
        run("pg_dump", "--format=custom", f"--file={dump}", url)
    if not clean:
        server.sql("DROP DATABASE house WITH (FORCE)", "CREATE DATABASE house")
    run("pg_restore", *(["--clean"] if clean else []), f"--dbname={url}", dump)
    house.environment["STATE_DIR"] = str(house.folder / "other machine")
    if REDIS_URL:
        with redis.Redis.from_url(REDIS_URL) as queue:
            queue.flushdb()

    check_it_starts_on_hold_and_sends_nothing_twice(house)


def test_a_backup_of_ours_on_postgresql(on_postgresql: House) -> None:
    house = on_postgresql
    with publishing(house):
        archive = str(house.folder / "backup.tar")
        manage(house, "backup", archive)
    house.sql("DELETE FROM scheduler_worker")

    manage(house, "restore", archive, "--replace")

    house.start_worker("restored")
    wait_for(lambda: not house.states()["unknown"] and not house.states()["sending"], "all to be found")
    manage(house, "shell", "-v0", "-c", END_HOLD)
    house.wait_until_all_are_sent()
    house.check_each_went_out_once()
