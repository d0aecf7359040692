"""Refuses to start on a data folder whose database or keys are gone: a new, empty one would begin without a word."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection

from scheduler.installation.key_fingerprints import key_fingerprints
from scheduler.installation.models import Installation


class StartRefused(Exception):
    """The sentence says what is missing and what to do."""


def check_installation() -> None:
    """Raises StartRefused where this folder held an installation whose database is gone, or that needs other keys."""
    there = Installation._meta.db_table in connection.introspection.table_names()
    row = Installation.objects.first() if there else None
    marker = settings.INSTALLATION_MARKER
    if row is None and marker.exists():
        raise StartRefused(
            f"{settings.DATA_DIR} held an installation, and its database is missing or empty. Restore a backup: "
            f"manage.py restore FILE. To begin anew, choose another DATA_DIR, or remove the file {marker}."
        )
    if row is not None and row.keys and row.keys not in present_keys():
        raise StartRefused(
            "What is stored in the database was encrypted with other keys. Put the secret_key and encryption_key of "
            f"this installation back into {settings.DATA_DIR}, or set SECRET_KEY and ENCRYPTION_KEYS as they were set."
        )


def record_installation() -> None:
    """Once the database is up to date: from now on this folder refuses to start without it, and without its keys."""
    row, _ = Installation.objects.get_or_create(pk=1)
    if not row.keys:
        Installation.objects.update(keys=present_keys()[0])
    settings.INSTALLATION_MARKER.write_text(f"{row.database}\n")


def record_rotation() -> None:
    """Every encrypted column was written anew with the first key."""
    Installation.objects.update(keys=present_keys()[0])


def record_backup(at: datetime) -> None:
    """A backup that was begun at this moment is whole."""
    Installation.objects.update(backed_up_at=at)


def check_unless_away() -> None:
    """As check_installation, for a process that may start before its database answers."""
    try:
        check_installation()
    except DatabaseError:
        connection.close()


def present_keys() -> list[str]:
    """Fingerprints of the keys that can be read with; the first is of those that are written with."""
    return key_fingerprints([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS], settings.SALT_KEY)
