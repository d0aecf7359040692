"""`make run` keeps its programs running, ends with them, and shares its place with nobody."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.installation import Installation, installation


def worker_pid(house: Installation) -> int:
    """The worker writes its host and process id into its own log line."""
    found = re.findall(r"worker started.*name=[^:]+:(\d+)", house.log.read_text())
    return int(found[-1])


def web_pids(house: Installation) -> list[int]:
    """The server's own process first, then the one that it has started."""
    found = subprocess.run(
        ["pgrep", "-f", f"granian .*--port {house.port}"], stdout=subprocess.PIPE, text=True, check=False
    )
    return [int(line) for line in found.stdout.split()]


def await_that(holds: Callable[[], object], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def is_gone(pid: int) -> bool:
    """Ended; whoever started it may not have asked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_whatever_is_killed_comes_back(tmp_path: Path) -> None:
    with installation(tmp_path) as house:
        house.start()
        house.wait_until("/readyz")
        killed = worker_pid(house)
        os.kill(killed, signal.SIGKILL)
        await_that(lambda: worker_pid(house) != killed)
        assert "The worker was ended by SIGKILL. It is started again" in house.log.read_text()
        for pid in web_pids(house):
            os.kill(pid, signal.SIGKILL)
        await_that(lambda: "The web server was ended by SIGKILL. It is started again" in house.log.read_text())
        house.wait_until("/healthz")

        assert house.stop(signal.SIGINT) == 0


def test_what_is_killed_takes_web_server_and_worker_along_and_the_next_start_waits_for_their_end(
    tmp_path: Path,
) -> None:
    with installation(tmp_path) as house:
        house.start()
        house.wait_until("/readyz")
        left = [worker_pid(house), *web_pids(house)]
        assert house.stop(signal.SIGKILL) == -signal.SIGKILL

        house.start()
        house.wait_until("/readyz")

        assert all(is_gone(pid) for pid in left)
        assert house.process is not None
        second = house.manage("run", check=False)
        assert f"Promenade is running already, at {house.url}/ (process {house.process.pid})" in second


def test_of_two_starts_at_the_same_moment_on_one_port_one_stays(tmp_path: Path) -> None:
    with installation(tmp_path / "one") as one, installation(tmp_path / "two") as two:
        two.environment["PORT"] = one.environment["PORT"]
        one.start()
        two.start()
        assert one.process is not None
        assert two.process is not None
        await_that(lambda: [one.process.poll(), two.process.poll()].count(None) == 1)  # type: ignore[union-attr]

        ended, stays = (one, two) if one.process.poll() is not None else (two, one)
        assert f"Port {one.port} is already in use" in ended.log.read_text()
        stays.port, stays.url = one.port, one.url
        stays.wait_until("/readyz")
