"""Starting and stopping as `make run` does."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.installation import Installation, installation


def read(house: Installation, path: str) -> str:
    with urllib.request.urlopen(house.url + path, timeout=10) as answer:
        return str(answer.read().decode())


def test_it_starts_publishes_ends_with_ctrl_c_and_goes_on_with_its_people(tmp_path: Path) -> None:
    with installation(tmp_path) as house:
        house.environment["DEMO"] = "1"
        house.start()
        house.wait_until("/readyz")
        assert re.search(r"Password +\S{12,}", house.log.read_text())
        secret = tmp_path / "data" / "secret_key"
        kept = secret.read_text()
        assert secret.stat().st_mode & 0o777 == 0o600
        deadline = time.monotonic() + 60
        while "acute inpatient" not in read(house, "/vacancies") and time.monotonic() < deadline:
            time.sleep(0.5)
        assert "acute inpatient" in read(house, "/vacancies")

        assert house.stop(signal.SIGINT) == 0
        assert "Promenade has stopped." in house.log.read_text()
        house.log.unlink()
        house.start()
        house.wait_until("/readyz")
        assert "Password" not in house.log.read_text()
        assert secret.read_text() == kept
        assert read(house, "/feeds/blog.rss").count("<item>") == 1


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
