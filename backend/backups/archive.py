"""The archive: a tar file with each file's checksum in its last member, the manifest. Knows nothing of Django."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from backend.backups.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
MEDIA = "media/"
KEYS = "keys/"
AT_ONCE = 1 << 20  # bytes


@dataclass(frozen=True)
class ArchivedFile:
    size: int
    """In bytes."""
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str
    """ISO 8601, UTC."""
    vendor: str
    """Of the database: `sqlite` or `postgresql`."""
    migrations: list[list[str]]
    """Each as app and name."""
    keys: str
    """Which keys the encrypted columns need: see backend.backups.keys."""
    missing: list[str] = field(default_factory=list)
    """Pictures that were deleted while the backup was made."""
    files: dict[str, ArchivedFile] = field(default_factory=dict)
    format: int = FORMAT


class ArchiveWriter:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, ArchivedFile] = {}

    def add(self, name: str, path: Path) -> bool:
        """False where the file is not there any more."""
        try:
            opened = path.open("rb")
        except FileNotFoundError:
            return False
        with opened:
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(opened.fileno()).st_size, 0o600
            reader = _Hashed(opened)
            self._tar.addfile(info, reader)
        self.files[name] = ArchivedFile(info.size, reader.digest.hexdigest())
        return True

    def add_all(self, under: str, folder: Path) -> list[str]:
        """Every file of a folder. Returns the names of those that went away meanwhile."""
        found = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
        names = {f"{under}{path.relative_to(folder).as_posix()}": path for path in found}
        return [name for name, path in names.items() if not self.add(name, path)]

    def finish(self, manifest: Manifest) -> None:
        content = json.dumps(asdict(manifest), indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(content), 0o600
        self._tar.addfile(info, io.BytesIO(content))


class _Hashed:
    """Reads, and adds up what was read."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found = self._opened.read(size)
        self.digest.update(found)
        return found


@contextmanager
def writing(path: Path) -> Iterator[ArchiveWriter]:
    """The archive appears under its name once it is whole. Raises BackupError where one is there already."""
    if path.exists():
        raise BackupError(f"{path} is there already. Choose another name.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}. Make it, or choose another one.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            with tarfile.open(fileobj=opened, mode="w") as tar:
                yield ArchiveWriter(tar)
            opened.flush()
            os.fsync(opened.fileno())
        unfinished.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}).") from None
    finally:
        unfinished.unlink(missing_ok=True)


class Archive:
    """One that was read to its end: every file is there, and is what it was."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar = tar
        self.manifest = manifest

    def extract(self, name: str, to: Path) -> None:
        """Whole or not at all, for this user alone."""
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = self._tar.extractfile(name)
        assert opened is not None  # noqa: S101 - every name of the manifest was read before
        with tempfile.NamedTemporaryFile(dir=to.parent, delete=False) as made:
            shutil.copyfileobj(opened, made, AT_ONCE)
            made.flush()
            os.fsync(made.fileno())
        Path(made.name).replace(to)

    def names(self, under: str) -> Iterable[str]:
        return [name for name in self.manifest.files if name.startswith(under)]


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Raises BackupError for what is no archive of ours, is cut short or was changed."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            manifest = _read_manifest(tar)
            for name, file in manifest.files.items():
                _check(tar, name, file)
            yield Archive(tar, manifest)
    except (OSError, tarfile.TarError, KeyError, ValueError, TypeError) as error:
        raise BackupError(f"{path} is no backup of Promenade, or not a whole one ({error}).") from None


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    found = tar.extractfile(MANIFEST)
    if found is None:
        raise KeyError(MANIFEST)
    known = json.load(found)
    if known["format"] != FORMAT:
        raise ValueError(f"format {known['format']}, and this version reads {FORMAT}")
    files = {_safe(name): ArchivedFile(**file) for name, file in known.pop("files").items()}
    return Manifest(files=files, **known)


def _safe(name: str) -> str:
    """A name that leads nowhere but below the folder it is extracted to."""
    if name.startswith("/") or ".." in name.split("/") or not name.startswith((DATABASE, MEDIA, KEYS)):
        raise ValueError(f"it names {name!r}")
    return name


def _check(tar: tarfile.TarFile, name: str, file: ArchivedFile) -> None:
    found = tar.extractfile(name)
    digest = hashlib.sha256()
    while found is not None and (part := found.read(AT_ONCE)):
        digest.update(part)
    if found is None or tar.getmember(name).size != file.size or digest.hexdigest() != file.sha256:
        raise ValueError(f"{name} is not what it was")
