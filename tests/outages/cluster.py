"""A PostgreSQL of the test's own, which can be restarted and made read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.installation import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
OWNER = "postgres"
"""PostgreSQL refuses to run as root."""


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.programs = PROGRAMS[-1].parent
        self.folder = folder
        self.port = free_port()
        self.url = f"postgres://{OWNER}@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), "-D", str(self.folder / "cluster"), *arguments],
            cwd=self.folder,
            user=OWNER if os.geteuid() == 0 else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str) -> None:
        self.run("pg_ctl", "-w", "-m", mode, "stop")

    def take_no_writes(self, wanted: bool) -> None:
        """As after a failover to a standby, and once it is promoted: sessions end, new ones find it so."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(f"ALTER DATABASE postgres SET default_transaction_read_only = {'on' if wanted else 'off'}")
            if wanted:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )


@contextmanager
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="promenade-cluster-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        made = Cluster(folder)
        made.run("initdb", "-A", "trust", "-U", OWNER, "--no-sync", "--no-locale", "-E", "UTF8")
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
