"""Makes and restores a backup. A restored installation starts with publishing on hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from backend.audit import acts
from backend.audit.models import LogEntry
from backend.backups import archive, databases, keys
from backend.backups.archive import Manifest
from backend.backups.errors import BackupError
from scheduler.engine.health import SILENT_AFTER
from scheduler.engine.models import Worker
from scheduler.errors import ANY_DATABASE_ERROR
from scheduler.installation import restore_detection, start_check

log = structlog.get_logger("promenade.backups")


@dataclass(frozen=True)
class Restored:
    made_at: str
    aside: Path | None
    """Where what was there before is kept."""


def write_backup(path: Path, workspace: Path, *, with_keys: bool) -> Manifest:
    """The database first, then the pictures: whatever it names is there, unless somebody deletes it meanwhile. The
    workspace holds the database for a moment. Raises BackupError."""
    if not MigrationRecorder(connection).has_table():
        raise BackupError("There is nothing to back up: this database is empty. Check DATA_DIR and DATABASE_URL.")
    began_at = datetime.now(UTC)
    made_at = began_at.isoformat(timespec="seconds")
    migrations = sorted(list(each) for each in MigrationRecorder(connection).applied_migrations())
    with archive.writing(path) as writer:
        databases.dump(workspace / "database")
        writer.add(archive.DATABASE, workspace / "database")
        missing = writer.add_all(archive.MEDIA, Path(settings.MEDIA_ROOT))
        for name in keys.FILES if with_keys else ():
            if not writer.add(f"{archive.KEYS}{name}", Path(settings.DATA_DIR) / name):
                raise BackupError(
                    "The keys are given by SECRET_KEY and ENCRYPTION_KEYS. Keep those, without --with-keys."
                )
        manifest = Manifest(
            made_at=made_at,
            vendor=connection.vendor,
            migrations=migrations,
            keys=start_check.present_keys()[0],
            missing=missing,
            files=writer.files,
        )
        writer.finish(manifest)
    _record(began_at, files=len(writer.files), with_keys=with_keys)
    return manifest


def _record(began_at: datetime, *, files: int, with_keys: bool) -> None:
    """The backup is good also where its database takes no note of it: because the disk is full, or because a newer
    version has yet to change its tables."""
    try:
        with transaction.atomic():
            start_check.record_backup(began_at)
            acts.record_operation(LogEntry.Event.BACKUP_MADE, {"files": files, "with_keys": with_keys})
    except ANY_DATABASE_ERROR as error:
        log.warning("the backup could not be noted in the database", error=type(error).__name__)


def restore_backup(path: Path, *, replace: bool) -> Restored:
    """Everything is checked before anything is changed. Raises BackupError."""
    aside = databases.aside_folder(datetime.now(UTC))
    with archive.opened(path) as backup:
        _check(backup.manifest, replace=replace)
        dumped = Path(settings.DATA_DIR) / "restoring"
        backup.extract(archive.DATABASE, dumped)
        try:
            databases.load(dumped, aside=aside)
        finally:
            dumped.unlink(missing_ok=True)
        for name in backup.names(archive.MEDIA):
            backup.extract(name, Path(settings.MEDIA_ROOT) / name.removeprefix(archive.MEDIA))
    call_command("migrate", interactive=False, verbosity=0)
    start_check.record_installation()
    restore_detection.freeze(
        f"{restore_detection.RESTORED} It was made on {datetime.fromisoformat(backup.manifest.made_at):%-d %B %Y}."
    )
    return Restored(backup.manifest.made_at, aside if aside.exists() else None)


def _check(manifest: Manifest, *, replace: bool) -> None:
    if manifest.vendor != connection.vendor:
        raise BackupError(
            f"This backup is of {manifest.vendor}, and DATABASE_URL leads to {connection.vendor}. Restore it where "
            "the same kind of database is."
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    newer = sorted({(app, name) for app, name in manifest.migrations} - set(known))
    if newer:
        app, name = newer[-1]
        raise BackupError(f"This backup was made by a newer Promenade (it knows {app}.{name}). Install that one first.")
    if manifest.keys not in start_check.present_keys():
        raise BackupError("This backup needs other keys than are here.")
    if not databases.is_empty():
        if _runs():
            raise BackupError("Promenade is running. Stop it first. If it was killed, wait 15 seconds.")
        if not replace:
            raise BackupError("There is a database here already. Give --replace to put the backup in its place.")


def _runs() -> bool:
    try:
        return Worker.objects.filter(seen_at__gt=timezone.now() - SILENT_AFTER).exists()
    except DatabaseError:  # a database without our tables
        return False
