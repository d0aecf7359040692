"""Starting and stopping as `make run` does."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from tests.installation import ROOT, Installation, installation

BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OURS = {"backend", "campaigns", "media", "scheduler"}


def read(house: Installation, path: str) -> str:
    with urllib.request.urlopen(house.url + path, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.django_db
def test_an_installation_from_its_first_start_to_a_database_that_it_refuses(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """In a row, because a start takes longer than all that is asked of it."""
    with installation(tmp_path) as house:
        house.environment["DEMO"] = "1"
        house.start()
        house.wait_until("/readyz")
        secret = tmp_path / "data" / "secret_key"
        kept = secret.read_text()
        with subtests.test("it starts, publishes and ends with Ctrl-C"):
            assert re.search(r"Password +\S{12,}", house.log.read_text())
            assert secret.stat().st_mode & 0o777 == 0o600
            deadline = time.monotonic() + 60
            while "acute inpatient" not in read(house, "/vacancies") and time.monotonic() < deadline:
                time.sleep(0.5)
            assert "acute inpatient" in read(house, "/vacancies")
            assert house.stop(signal.SIGINT) == 0
            assert "Promenade has stopped." in house.log.read_text()
        with (
            subtests.test("migrations make the tables that tests make from the models"),
            database_of(house) as migrated,
        ):
            assert tables(migrated) == tables(connection)

        house.log.unlink()
        house.start()
        house.wait_until("/readyz")
        with subtests.test("it goes on with its people"):
            assert "Password" not in house.log.read_text()
            assert secret.read_text() == kept
            assert read(house, "/feeds/blog.rss").count("<item>") == 1
        with subtests.test("the commands of docs/first-steps.md do what it says"):
            take_first_steps(house)

        assert house.stop(signal.SIGINT) == 0
        with subtests.test("a database of an unreleased version gets one sentence"):
            with database_of(house) as changed, changed.cursor() as cursor:
                cursor.execute("ALTER TABLE planning_team RENAME COLUMN location TO place")
            printed = house.manage("run", check=False)
            assert "made by an earlier Promenade" in printed
            assert "Traceback" not in printed


@contextlib.contextmanager
def database_of(house: Installation) -> Iterator[BaseDatabaseWrapper]:
    server = house.environment["DATABASE_URL"]
    file = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(house.folder / "data" / "promenade.sqlite3")}
    opened = ConnectionHandler({"default": dj_database_url.parse(server) if server else file})["default"]
    with contextlib.closing(opened):
        yield opened


def tables(of: BaseDatabaseWrapper) -> list[tuple[object, ...]]:
    """The columns and rules of our models, one after another."""
    found: list[tuple[object, ...]] = []
    with of.cursor() as cursor:
        ours = {model._meta.db_table for model in apps.get_models() if model.__module__.split(".")[0] in OURS}
        for table in ours & set(of.introspection.table_names(cursor)):
            columns = of.introspection.get_table_description(cursor, table)
            found += [("column", table, *column[:2], *column[3:]) for column in columns]
            for rule in of.introspection.get_constraints(cursor, table).values():
                told = [rule[part] for part in ("columns", "unique", "primary_key", "check", "foreign_key")]
                found.append(("rule", table, *told))
    assert found
    return sorted(found, key=str)


def take_first_steps(house: Installation) -> None:
    script = ["set -eu -o pipefail"]
    expected: list[str] = []
    for kind, text in BLOCK.findall((ROOT / "docs" / "first-steps.md").read_text()):
        if kind == "bash":
            script.append(text.replace(".venv/bin/python", sys.executable))
        else:
            expected += text.strip().splitlines()
    done = subprocess.run(
        ["bash", "-c", "\n".join(script).replace("http://127.0.0.1:8000", house.url)],
        cwd=ROOT,
        env=house.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    printed = done.stdout.splitlines()
    missing = [line for line in expected if line.replace("http://127.0.0.1:8000", house.url) not in printed]
    assert not missing, done.stdout
    assert expected


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
