"""Starting and stopping as `make run` does."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installation import Installation, installation


def read(house: Installation, path: str) -> str:
    with urllib.request.urlopen(house.url + path, timeout=10) as answer:
        return str(answer.read().decode())


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


def test_it_starts_brings_back_what_is_killed_publishes_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with installation(tmp_path) as house:
        house.environment["DEMO"] = "1"
        house.start()
        house.wait_until("/readyz")
        assert re.search(r"Password +\S{12,}", house.log.read_text())
        secret = tmp_path / "data" / "secret_key"
        kept = secret.read_text()
        assert secret.stat().st_mode & 0o777 == 0o600
        killed = worker_pid(house)
        os.kill(killed, signal.SIGKILL)
        await_that(lambda: worker_pid(house) != killed)
        assert "The worker was ended by SIGKILL. It is started again" in house.log.read_text()
        for pid in web_pids(house):
            os.kill(pid, signal.SIGKILL)
        await_that(lambda: "The web server was ended by SIGKILL. It is started again" in house.log.read_text())
        house.wait_until("/healthz")

        assert house.stop(signal.SIGINT) == 0
        house.log.unlink()
        house.start()
        house.wait_until("/readyz")
        assert "Password" not in house.log.read_text()
        assert secret.read_text() == kept
        await_that(lambda: "acute inpatient" in read(house, "/vacancies"), 60)
        assert read(house, "/feeds/blog.rss").count("<item>") == 1

        assert house.stop(signal.SIGINT) == 0
        assert "Promenade has stopped." in house.log.read_text()


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


TABLES = """
from django.apps import apps
from django.db import connection
OURS = {"backend", "campaigns", "media", "scheduler"}
with connection.cursor() as cursor:
    tables = {model._meta.db_table for model in apps.get_models() if model.__module__.split(".")[0] in OURS}
    for table in sorted(tables & set(connection.introspection.table_names(cursor))):
        for column in sorted(connection.introspection.get_table_description(cursor, table)):
            print("column", table, *column[:2], *column[3:])
        for rule in connection.introspection.get_constraints(cursor, table).values():
            told = [rule[of] for of in ("columns", "unique", "primary_key", "check", "foreign_key")]
            print("rule", table, *told)
"""


def tables() -> list[str]:
    """Of the tests' own database."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(TABLES, {})  # noqa: S102 - the same words as are given to the other one
    return printed.getvalue().splitlines()


@pytest.mark.django_db
def test_migrations_make_the_tables_that_tests_make_from_the_models_and_an_unreleased_one_gets_one_sentence(
    tmp_path: Path,
) -> None:
    with installation(tmp_path) as house:
        house.manage("migrate")
        migrated = house.manage("shell", "-v0", "-c", TABLES).splitlines()
        house.manage(
            "shell",
            "-c",
            "from django.db import connection;"
            "connection.cursor().execute('ALTER TABLE planning_team RENAME COLUMN location TO place')",
        )

        printed = house.manage("run", check=False)

    assert sorted(each for each in migrated if "django_migrations" not in each) == sorted(tables())
    assert "made by an earlier Promenade" in printed
    assert "Traceback" not in printed


def test_a_busy_port_gets_one_sentence(tmp_path: Path) -> None:
    with installation(tmp_path) as house, socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()

        printed = house.manage("run", check=False)

    assert f"Port {house.port} is already in use" in printed
    assert "Traceback" not in printed


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    with installation(tmp_path) as house:
        (tmp_path / "data").mkdir(mode=0o500)

        printed = house.manage("run", check=False)

    assert "cannot be written" in printed
    assert "Traceback" not in printed


def test_a_data_folder_that_is_a_file_gets_one_sentence(tmp_path: Path) -> None:
    with installation(tmp_path) as house:
        (tmp_path / "data").write_text("not a folder")

        printed = house.manage("run", check=False)

    assert "cannot be written" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("given", [{}, {"SECRET_KEY": "short"}, {"ALLOWED_HOSTS": "*"}])
def test_production_refuses_to_start_unsafe(tmp_path: Path, given: dict[str, str]) -> None:
    with installation(tmp_path) as house:
        house.environment.update({"PROMENADE_MODE": "production", **given})

        printed = house.manage("check", check=False)

    assert "Promenade cannot start." in printed
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS", "BASE_URL", "TRUSTED_PROXIES"):
        assert name in printed
    assert "Traceback" not in printed
