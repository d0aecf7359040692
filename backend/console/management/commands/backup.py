"""Makes a backup while Promenade runs."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.backups import services
from backend.backups.errors import BackupError


class Command(BaseCommand):
    help = "Write database and pictures into one file, with checksums. Promenade may run meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="Otherwise promenade-DATE-TIME.tar, here.")
        parser.add_argument(
            "--with-keys", action="store_true", help="Also the keys. Anyone who has this file can then read everything."
        )

    def handle(self, *, file: Path | None, with_keys: bool, **_: Any) -> None:
        file = file or Path(f"promenade-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar")
        try:
            with tempfile.TemporaryDirectory(prefix="promenade-backup-", dir=file.absolute().parent) as folder:
                manifest = services.write_backup(file, Path(folder), with_keys=with_keys)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{file} holds the database and {len(manifest.files) - 1 - 2 * with_keys} pictures.")
        if not with_keys:
            self.stdout.write(
                "It holds no keys. Keep secret_key and encryption_key elsewhere: without them it is lost."
            )
