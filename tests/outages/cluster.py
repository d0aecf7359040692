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

    def url(self, database: str) -> str:
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/{database}"

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            for statement in statements:
                admin.execute(statement)

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

    def take_no_writes(self, database: str) -> None:
        """As after a failover to a standby: sessions end, and new ones find it so."""
        self.sql(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))

    def take_writes(self, database: str) -> None:
        """As once it is promoted, for sessions that are opened from then on."""
        self.sql(f"ALTER DATABASE {database} SET default_transaction_read_only = off")


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
