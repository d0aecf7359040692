"""Stands in front of any HTTP server on this machine: forwards requests, twice if it is told to, and loses or spoils
the answers that it is told to.

Started with `python -m tests.servers.dropping_proxy --port 0 --state DIR --to http://127.0.0.1:3000`.
Prints its port on the first line. Under /_control: POST faults, GET requests, POST reset. `faults` takes the words of
faults.py, and `on`, a regular expression over "METHOD /path": requests that match it meet the faults, the others never
do. With `read_outage`, every GET is refused. `repeat_after` names the seconds after which a request that matches `on`
is sent once more (0: before it is answered with what came of the first). Each forwarded request of a method that
changes something is on disk in DIR/requests.jsonl before it is answered, with the status and the ids that the server
gave; no credentials are.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers.faults import BEFOREHAND, Faults, FaultyHandler

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}
"""RFC 9110, section 7.6.1; and what is written anew."""
PATIENCE = 60.0
"""Seconds for the server behind."""
TOLD = ("id", "uri", "status")
"""What is noted of an answer: which post it speaks of, and whether that is published."""


class State:
    def __init__(self, folder: Path, to: str) -> None:
        self.faults = Faults()
        self.lock = threading.Lock()
        self.log = folder / "requests.jsonl"
        self.to = urlsplit(to)
        self.on = re.compile("^POST ")
        self.repeat_after: float | None = None
        self.resets = 0
        folder.mkdir(parents=True, exist_ok=True)

    def configure(self, wanted: dict[str, Any]) -> None:
        self.faults.configure(wanted)
        self.on = re.compile(wanted.get("on", "^POST "))
        self.repeat_after = wanted.get("repeat_after")

    def note(self, entry: dict[str, Any]) -> None:
        with self.lock, self.log.open("a") as log:
            log.write(json.dumps(entry) + "\n")

    def noted(self) -> list[dict[str, Any]]:
        with self.lock:
            return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


class Handler(FaultyHandler):
    state: State

    def handle_request(self) -> None:
        body = self.read_body()
        path = urlsplit(self.path).path
        if path.startswith("/_control/"):
            self.control(path.removeprefix("/_control/"), body)
            return
        faults = self.state.faults
        if self.command == "GET" and faults.read_outage:
            self.answer(503, {"error": "Service unavailable"})
            return
        fault = faults.next() if self.state.on.search(f"{self.command} {path}") else "ok"
        if fault in BEFOREHAND:
            self.refuse(fault, faults.seconds)
            return
        resets = self.state.resets
        if fault == "slow":
            time.sleep(faults.seconds)
        if self.state.resets != resets:  # a slow request of an earlier test
            self.reset_connection()
            return
        self.forward(fault, path, body)

    def control(self, action: str, body: bytes) -> None:
        if action == "faults":
            try:
                self.state.configure(json.loads(body))
            except (ValueError, re.error) as error:
                self.answer(400, {"error": str(error)})
                return
            self.answer(200, {})
        elif action == "requests":
            self.answer(200, {"requests": self.state.noted()})
        elif action == "reset":
            self.state.resets += 1
            self.state.configure({})
            self.state.log.unlink(missing_ok=True)
            self.answer(200, {})
        else:
            self.answer(404, {})

    def forward(self, fault: str, path: str, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        request = (self.command, self.path, body, headers | {"Host": self.state.to.netloc})
        at = time.time()
        try:
            status, said, given = self.ask_behind(*request)
        except OSError:
            self.answer(502, {"error": "Bad gateway"})
            return
        if self.state.repeat_after is not None and self.state.on.search(f"{self.command} {path}"):
            self.repeat(self.state.repeat_after, request)
        if self.command != "GET":
            entry = {"method": self.command, "path": path, "status": status, "fault": fault, "at": at}
            self.state.note({**entry, "key": self.headers.get("Idempotency-Key", ""), "told": _told(said)})
        self.answer_with_fault(fault, status, said, {name.title(): value for name, value in given.items()})

    def ask_behind(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, dict[str, str]]:
        behind = http.client.HTTPConnection(self.state.to.hostname or "", self.state.to.port, timeout=PATIENCE)
        try:
            behind.request(method, path, body, headers)
            answer = behind.getresponse()
            given = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            return answer.status, answer.read(), given
        finally:
            behind.close()

    def repeat(self, seconds: float, request: tuple[str, str, bytes, dict[str, str]]) -> None:
        """The next request may come meanwhile, by the same line."""
        again = threading.Timer(seconds, self.ask_behind, request)
        again.daemon = True
        again.start()
        if not seconds:
            again.join()


def _told(said: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(said)
    except ValueError:
        return {}
    return {name: answer[name] for name in TOLD if name in answer} if isinstance(answer, dict) else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--to", required=True, help="address of the server behind")
    arguments = parser.parse_args()
    Handler.state = State(arguments.state, arguments.to)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()


if __name__ == "__main__":
    main()
