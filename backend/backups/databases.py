"""The database as one file: a copy of SQLite's, or what pg_dump writes. Both are consistent while programs write."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from backend.backups.errors import BackupError


def dump(to: Path) -> None:
    """Raises BackupError, also where PostgreSQL's own tools are not there."""
    if connection.vendor == "postgresql":
        _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}"])
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(to)])
    except sqlite3.OperationalError as error:
        raise BackupError(f"The database cannot be copied ({error}).") from None


def is_empty() -> bool:
    return not connection.introspection.table_names()


def load(dumped: Path, *, aside: Path) -> None:
    """Put the database in the place of what is there. A file of SQLite is kept, in the folder `aside`."""
    connection.close()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        connection.close()
        # The dump may make the schema itself, as pg_dump writes it for one that is not the server's own.
        _run(
            [
                "pg_restore",
                "--no-owner",
                "--no-privileges",
                "--exit-on-error",
                "--single-transaction",
                "--schema=public",
                f"--dbname={_parameters()['dbname']}",
                str(dumped),
            ]
        )
        return
    file = Path(settings.DATABASES["default"]["NAME"])
    for each in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if each.exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            shutil.move(each, aside / each.name)
    dumped.replace(file)


def aside_folder(now: datetime) -> Path:
    return Path(settings.DATA_DIR) / f"before-restore-{now:%Y%m%d-%H%M%S}"


def _parameters() -> dict[str, str]:
    found: dict[str, str] = {
        name: str(value)
        for name, value in connection.get_connection_params().items()
        if name in ("host", "port", "user", "password", "dbname", "sslmode")
    }
    return found


def _run(words: Sequence[str]) -> None:
    """With the connection in the environment: a command line can be read by everybody on this machine."""
    names = {
        "dbname": "PGDATABASE",
        "password": "PGPASSWORD",
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "sslmode": "PGSSLMODE",
    }
    given = {names[name]: value for name, value in _parameters().items()}
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            words, env={**os.environ, **given}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupError(
            f"{words[0]} is not installed. It comes with PostgreSQL: apt install postgresql-client"
        ) from None
    if done.returncode != 0:
        raise BackupError(f"{words[0]} failed: {done.stderr.strip()}")
