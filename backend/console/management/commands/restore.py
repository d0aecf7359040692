"""Puts a backup in the place of what is there."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.backups import services
from backend.backups.errors import BackupError


class Command(BaseCommand):
    help = "Restore a backup. Publishing then starts on hold: what may have gone out since is looked for first."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="Also where there is a database: it is put aside, or lost."
        )

    def handle(self, *, file: Path, replace: bool, **_: Any) -> None:
        try:
            restored = services.restore_backup(file, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Restored as of {restored.made_at}. Publishing is on hold: start Promenade, look at Publishing."
        )
        if restored.aside is not None:
            self.stdout.write(f"What was here before is in {restored.aside}.")
