"""The disk with database and queue is full for a while in the middle of sending. On SQLite: the database is a file."""

from __future__ import annotations

import errno
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outages.conftest import MakeHouse
from tests.outages.house import wait_for

SIZE = "32m"
FULL = 2.0  # seconds


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where mounting is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "promenade-test", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill_up(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return ballast


@pytest.mark.parametrize("killed", [False, True])
def test_what_was_accepted_is_not_sent_again_and_the_rest_goes_out(
    disk: Path, on_sqlite: MakeHouse, killed: bool
) -> None:
    house = on_sqlite(data=disk / "data")
    worker = house.start_worker()
    house.let_go(over=3)
    house.wait_for_accepted(8)

    ballast = fill_up(disk)
    wait_for(lambda: "disk is full" in worker.said(), "a word about the disk")
    time.sleep(FULL)
    states, accepted = house.states(), house.channels.accepted().total()
    if killed:
        worker.end(signal.SIGKILL)
    ballast.unlink()
    if killed:
        house.start_worker()

    house.wait_until_all_are_sent()
    assert states["scheduled"] > 0
    assert accepted > states["sent"]  # so these were not recorded while the disk was full
    house.check_each_went_out_once()
    said = worker.said()
    assert "Traceback" not in said
    if not killed:
        assert "publishing goes on" in said
        assert worker.end() == 0
