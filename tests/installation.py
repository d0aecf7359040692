"""A whole installation of its own: data folder, database, web and worker, as `make run` starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import dj_database_url
import psycopg

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
"""Seconds to wait for the installation to be ready, and to end."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """Environment and processes of one installation. `log` holds what it printed."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log.txt"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "ENCRYPTION_KEYS")},
            "DATA_DIR": str(folder / "data"),
            "STATE_DIR": str(folder / "state"),
            "PORT": str(self.port),
            "DEMO": "0",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a command of manage.py to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def start(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *(arguments or ("run",))],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, path: str, status: int = 200) -> float:
        """Wait for an answer; returns the seconds it took."""
        started = time.monotonic()
        while time.monotonic() - started < PATIENCE:
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            if self.answer(path) == status:
                return time.monotonic() - started
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer {status}:\n{self.log.read_text()}")

    def answer(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as found:
                return int(found.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Signal the installation as Ctrl-C does, and wait. Returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """On SQLite, or on a database of its own where DATABASE_URL names a server."""
    server = os.environ.get("DATABASE_URL", "")
    folder.mkdir(parents=True, exist_ok=True)
    if not server:
        yield from _ended(Installation(folder, {}))
        return
    name = f"promenade_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            url = server.rsplit("/", 1)[0] + f"/{name}"
            assert dj_database_url.parse(url)["NAME"] == name
            yield from _ended(Installation(folder, {"DATABASE_URL": url}))
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _ended(found: Installation) -> Iterator[Installation]:
    try:
        yield found
    finally:
        if found.process is not None:
            found.stop(signal.SIGTERM)
