"""The keys that the encrypted columns need: which they are, and whether they are there. Works before Django's settings,
which would make new ones."""

from __future__ import annotations

from pathlib import Path

from backend import env
from backend.backups import archive
from backend.backups.errors import BackupError
from scheduler.installation.key_fingerprints import key_fingerprints

FILES = ("secret_key", "encryption_key")


def bring_keys(path: Path, environment: env.Environment) -> None:
    """Put the keys of a backup into the data folder, where they are not there or given. Raises BackupError where the
    backup needs other keys than are there, and has none itself."""
    folder = environment.data_dir
    with archive.opened(path) as backup:
        there = _keys_there(environment)
        if there is not None and backup.manifest.keys in there:
            return
        held = [f"{archive.KEYS}{name}" for name in FILES]
        if set(held) <= set(backup.manifest.files):
            if there is not None:
                raise BackupError(
                    f"{folder} holds other keys than the backup. Move its secret_key and encryption_key aside if "
                    "nothing there needs them any more, or restore into an empty DATA_DIR."
                )
            for name in FILES:
                backup.extract(f"{archive.KEYS}{name}", folder / name)
            return
    raise BackupError(
        "This backup was made without keys, and its data cannot be read without them. Put the secret_key and "
        f"encryption_key of the installation that it was made from into {folder}, or set SECRET_KEY and "
        "ENCRYPTION_KEYS as they were set there."
    )


def _keys_there(environment: env.Environment) -> list[str] | None:
    """Fingerprints of the keys that are given or in the folder; none where one of them is nowhere."""
    secret, encryption = (environment.data_dir / name for name in FILES)
    secrets = [environment.secret_key] if environment.secret_key else [_read(secret)]
    encryptions = environment.encryption_keys or [_read(encryption)]
    if not all([*secrets, *encryptions]):
        return None
    return key_fingerprints([*secrets, *environment.secret_key_fallbacks], encryptions)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
