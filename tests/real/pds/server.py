"""A real PDS on this machine only, for as long as a `with` lasts, and accounts on it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import control
from tests.servers.running import ROOT, running_command

HOW = "install make and g++, and run tests/real/pds/install.sh: make test-real does it"
INSTALLED = ROOT / ".venv/real/pds"
OWN_NODE = ROOT / ".venv/real/node/bin/node"
"""Where the machine has none that is new enough."""
SCRIPT = Path(__file__).with_name("server.cjs")
PASSWORD = "correct-horse-battery"
ACCOUNTS = itertools.count(1)
POSTS = "app.bsky.feed.post"
PAGE = 100
PATIENCE = 90.0
"""Seconds until it answers, on a busy machine."""


def is_installed() -> bool:
    return bool(_node()) and (INSTALLED / "installed-lock.json").exists()


def _node() -> str:
    return str(OWN_NODE) if OWN_NODE.exists() else shutil.which("node") or ""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Yields its address; its files go into the folder."""
    with running_command([_node(), str(SCRIPT), str(INSTALLED), str(folder)], folder, PATIENCE) as address:
        yield address


class Account:
    """A new one, with an app password."""

    def __init__(self, pds: str) -> None:
        self.pds = pds
        self.handle = f"ward-{next(ACCOUNTS)}.test"
        wanted = {"handle": self.handle, "email": f"{self.handle}@example.org", "password": PASSWORD}
        made = control.call(f"{pds}/xrpc/com.atproto.server.createAccount", wanted)
        self.did, self.token = str(made["did"]), str(made["accessJwt"])
        self.app_password = str(self.ask("server.createAppPassword", {"name": "Promenade"})["password"])

    def ask(self, what: str, wanted: dict[str, Any] | None = None) -> Any:
        return control.call(f"{self.pds}/xrpc/com.atproto.{what}", wanted, Authorization=f"Bearer {self.token}")

    def posts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Addresses and records, the oldest first."""
        query = f"repo.listRecords?repo={self.did}&collection={POSTS}&reverse=true&limit={PAGE}"
        cursor = ""
        while True:
            page = self.ask(query + cursor)
            yield from ((each["uri"], each["value"]) for each in page["records"])
            if len(page["records"]) < PAGE:
                return
            cursor = f"&cursor={page['cursor']}"
