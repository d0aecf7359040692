"""Several X-like accounts on one port, each under its own path: `python -m tests.chaos.network --state DIR`.

An account whose name ends in `-careful` refuses a text that it has already, as X does; the others take it again, as
most channels do. What was offered a second time is on disk in DIR/<account>/repeats.jsonl either way.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections import defaultdict
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.servers import x_like

ACCOUNTS = ("careful", "plain", "simple", "trusting")


class Account(x_like.State):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.refuses = folder.name.endswith("-careful")
        self.offered_again = folder / "repeats.jsonl"

    def repeats(self, text: str) -> bool:
        repeated = super().repeats(text)
        if repeated:
            with self.offered_again.open("a") as log:
                log.write(json.dumps({"text": text, "at": time.time()}) + "\n")
        return repeated and self.refuses


class Handler(x_like.Handler):
    folder: Path
    accounts: dict[str, Account] = {}
    opening = threading.Lock()

    def handle_request(self) -> None:
        _, name, rest = self.path.split("/", 2)
        with self.opening:
            if name not in self.accounts:
                self.accounts[name] = Account(self.folder / name)
        self.state = self.accounts[name]
        self.path = f"/{rest}"
        super().handle_request()


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def read_logs(folder: Path, file: str) -> dict[str, list[dict[str, object]]]:
    """What each account wrote, by its name."""
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for path in folder.glob(f"*/{file}"):
        found[path.parent.name] = [json.loads(line) for line in path.read_text().splitlines()]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    Handler.folder = arguments.state
    server = Server(("127.0.0.1", arguments.port), Handler)
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()


if __name__ == "__main__":
    main()
