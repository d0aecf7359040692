"""The control side of `smtp_like`: what it took, and what it is to do wrong."""

from __future__ import annotations

import base64
import email
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers.running import KEPT, running


class MailServer:
    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.port = folder, int(urlsplit(address).port or 0)

    def go_wrong(self, *queue: str, **more: Any) -> None:
        (self.folder / "faults.json").write_text(json.dumps({"queue": queue, **more}))

    def reset(self) -> None:
        for name in ("faults.json", "mails.jsonl"):
            (self.folder / name).unlink(missing_ok=True)

    def taken(self) -> list[dict[str, Any]]:
        """Envelopes, with the mail as `mail`."""
        log = self.folder / "mails.jsonl"
        found = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        for row in found:
            row["raw"] = base64.b64decode(row.pop("content"))
            row["mail"] = email.message_from_bytes(row["raw"], policy=policy.default)
        return found

    def recipients(self) -> list[str]:
        return [row["to"][0] for row in self.taken()]

    def mails(self) -> list[EmailMessage]:
        return [row["mail"] for row in self.taken()]


@contextmanager
def mail_server(folder: Path, *arguments: str) -> Iterator[MailServer]:
    with running("tests.servers.smtp_like", folder, *arguments) as address:
        yield MailServer(folder, address)


@cache
def _kept() -> MailServer:
    folder = Path(KEPT.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
    return KEPT.enter_context(mail_server(folder))


def clean_mail_server() -> MailServer:
    """The one that many tests share, as if just started; it knows no encryption and nobody signs in."""
    server = _kept()
    server.reset()
    return server
