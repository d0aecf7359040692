"""The control side of `smtp_like`: what it took, and what it is to do wrong."""

from __future__ import annotations

import base64
import email
import json
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers.running import running


class MailServer:
    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.port = folder, int(urlsplit(address).port or 0)

    def go_wrong(self, *queue: str, **more: Any) -> None:
        (self.folder / "faults.json").write_text(json.dumps({"queue": queue, **more}))

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
