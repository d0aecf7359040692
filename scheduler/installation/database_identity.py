"""What a database's server or file says of itself that a copy does not carry along."""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Max

from scheduler.engine.models import Attempt
from scheduler.installation.models import Installation

MACHINE_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id")


def read() -> dict[str, str]:
    """On SQLite this machine and the file's inode: a copy has another one. On PostgreSQL the cluster, its timeline,
    which recovery raises, and the numbers of database and table, which a dump does not carry along."""
    if connection.vendor == "postgresql":
        return _of_server()
    return {"machine": _machine(), "file": str(Path(settings.DATABASES["default"]["NAME"]).stat().st_ino)}


def last_attempt() -> int:
    """The highest id that was ever given to an attempt in this database, also where its row was deleted since."""
    table = Attempt._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)", [table])
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        given = cursor.fetchone()
    there = Attempt.objects.aggregate(last=Max("pk"))["last"]
    return max(int(given[0] or 0) if given else 0, there or 0)


def _of_server() -> dict[str, str]:
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::text, %s::regclass::oid::text FROM pg_database WHERE datname = current_database()",
            [Installation._meta.db_table],
        )
        found["database"], found["table"] = cursor.fetchone()
    # Some hosted servers keep this to themselves.
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier::text, timeline_id::text FROM pg_control_system(), pg_control_checkpoint()"
        )
        found["cluster"], found["timeline"] = cursor.fetchone()
    return found


def _machine() -> str:
    """As systemd asks of applications: not the machine's id itself, but what follows from it."""
    for path in MACHINE_IDS:
        with suppress(OSError):
            known = Path(path).read_text().strip()
            if known:
                return hashlib.blake2s(f"promenade {known}".encode(), digest_size=8).hexdigest()
    return platform.node() if os.name == "posix" else ""
