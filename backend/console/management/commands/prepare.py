"""Brings database and files up to date, for programs that are started one by one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from backend.console.management import preparation
from backend.startup import preparation_lock


class Command(BaseCommand):
    help = "Migrate the database, collect static files, make the first administrator. Twice changes nothing."
    requires_system_checks = []

    def handle(self, **_: Any) -> None:
        preparation.check_ground()
        preparation.collect_static_files()
        try:
            with preparation_lock():
                preparation.prepare_database(preparation.check_database(), self.stdout)
                self.stdout.write("\n".join(preparation.first_sign_in()))
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from None
