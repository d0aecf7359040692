"""What the database wants done from time to time. PostgreSQL does it by itself."""

from __future__ import annotations

from contextlib import suppress

from django.db import OperationalError, connection


def refresh_statistics() -> None:
    """Lets SQLite look again at tables that have changed much, at a few hundred rows of each index; it takes
    milliseconds, and nothing where it sees no use. Our own queries find their indexes without."""
    if connection.vendor == "sqlite":
        with suppress(OperationalError), connection.cursor() as cursor:  # somebody writes: in an hour then
            cursor.execute("PRAGMA analysis_limit = 400")
            cursor.execute("PRAGMA optimize(0x10002)")
