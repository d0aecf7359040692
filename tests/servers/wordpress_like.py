"""A server that behaves like WordPress's REST API, and misbehaves on demand.

Started with `python -m tests.servers.wordpress_like --port 0 --state DIR`. Prints its port on the first line. Like
WordPress it looks for a free slug first and inserts after that, so sends at the same time can make twins; it numbers a
row when its insert begins. Everything is in memory. Under /_control, unsigned: POST faults (`queue` of what happens to
publishing, `inserts`: seconds that the next inserts take, `gap`: seconds between the look for a slug and the insert),
GET posts, GET media, GET log, POST reset.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import time
from collections.abc import Callable
from email import message_from_bytes
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import x_like

USERNAME = "schwester-jo"
APPLICATION_PASSWORD = "abcd EFGH 1234 ijkl MNOP 6789"
ACCOUNT = "Riverside Hospitals"
AUTHOR = {"publish_posts": True, "delete_published_posts": True, "upload_files": True, "edit_posts": True}
TERMS = {"categories": {"jobs": 5, "news": 6}, "tags": {"nursing": 8}}
STATUSES = {"draft", "pending", "publish", "future", "private"}
POST_FIELDS = {"title", "content", "excerpt", "slug", "status", "featured_media", "categories", "tags"}

Answer = tuple[int, Any]


class State(x_like.State):
    def __init__(self, folder: Path) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.numbers = itertools.count(10)
        super().__init__(folder)

    def configure(self, wanted: dict[str, Any]) -> None:
        super().configure(wanted)
        self.inserts: list[float] = list(wanted.get("inserts", []))
        self.gap = float(wanted.get("gap", 0.0))
        self.able = {**AUTHOR, **wanted.get("able", {})}
        self.reviewed = bool(wanted.get("reviewed", False))
        self.slug_plugin = bool(wanted.get("slug_plugin", False))
        self.media_fault = str(wanted.get("media_fault", ""))

    def free_slug(self, slug: str) -> str:
        taken = {row["slug"] for row in self.rows.values()}
        endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
        return next(slug + ending for ending in endings if slug + ending not in taken)


def refused(status: int, code: str, message: str) -> Answer:
    return status, {"code": code, "message": message, "data": {"status": status}}


GONE = refused(404, "rest_post_invalid_id", "Invalid post ID.")


class Handler(x_like.Handler):
    state: State

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        self.query = {name: each[0] for name, each in parse_qs(parts.query).items()}
        if parts.path.startswith("/_control/"):
            return self.answer(*self.control(parts.path.removeprefix("/_control/")))
        route = self.query.pop("rest_route", "").removeprefix("/wp/v2/")
        self.state.calls.append(f"{self.command} {route}")
        if parts.path != "/":
            return self.answer(*refused(404, "rest_no_route", "No route was found."))
        given = base64.b64encode(f"{USERNAME}:{APPLICATION_PASSWORD}".encode()).decode()
        if self.headers.get("Authorization", "") != f"Basic {given}":
            return self.answer(*self.to_a_stranger(route))
        return self.route(*route.split("/"))

    def to_a_stranger(self, route: str) -> Answer:
        """Nobody is told that a password was wrong."""
        if (self.command, route) == ("GET", "posts") and self.query.get("context") != "edit":
            return refused(400, "rest_invalid_param", "Invalid parameter(s): status")
        return refused(401, "rest_not_logged_in", "You are not currently logged in.")

    def route(self, kind: str, number: str = "") -> None:
        if (self.command, kind, number) == ("GET", "users", "me"):
            return self.answer(200, {"name": ACCOUNT, "capabilities": self.state.able})
        if self.command == "GET" and kind in TERMS:
            wanted = self.query["slug"].split(",")
            found = [{"id": each, "slug": slug} for slug, each in TERMS[kind].items() if slug in wanted]
            return self.answer(200, found)
        if (self.command, kind) == ("GET", "posts"):
            return self.answer(*(self.single(int(number)) if number else self.listed()))
        if (self.command, kind) == ("GET", "media"):
            return self.answer(200, [{"id": n} for n, f in self.state.files.items() if f["parent"] == self.number()])
        if (self.command, kind) == ("POST", "posts"):
            return self.update(int(number)) if number else self.answer(*self.insert())
        if (self.command, kind) == ("POST", "media"):
            return self.answer(*self.upload())
        if self.command == "DELETE" and kind in ("posts", "media"):
            return self.answer(*self.remove(self.state.rows if kind == "posts" else self.state.files, int(number)))
        return self.answer(*refused(404, "rest_no_route", "No route was found."))

    def number(self) -> int:
        return int(self.query["parent"])

    def control(self, action: str) -> Answer:
        shown: dict[str, Callable[[], Any]] = {
            "posts": lambda: list(self.state.rows.values()),
            "media": lambda: list(self.state.files.values()),
            "log": lambda: self.state.calls,
        }
        if self.command == "GET" and action in shown:
            return 200, {"found": shown[action]()}
        if (self.command, action) == ("POST", "reset"):
            self.state.rows, self.state.files, self.state.calls = {}, {}, []
            self.state.numbers = itertools.count(10)
        return super().control(action)

    def single(self, number: int) -> Answer:
        with self.state.lock:
            row = self.state.rows.get(number)
            return (200, self.shown(row)) if row else GONE

    def listed(self) -> Answer:
        if self.state.read_outage:
            return refused(503, "down", "Briefly unavailable for scheduled maintenance.")
        if self.query["status"] != "any":
            return refused(400, "rest_invalid_param", "Invalid parameter(s): status")
        slugs, seen_until = self.query["slug"].split(","), time.time() - self.state.read_lag
        with self.state.lock:
            rows = [r for _, r in sorted(self.state.rows.items()) if r["slug"] in slugs and r["at"] <= seen_until]
            return 200, [self.shown(row) for row in rows[: int(self.query["per_page"])]]

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        address = f"http://{self.headers['Host']}"
        link = f"{address}/{row['slug']}/" if row["status"] == "publish" else f"{address}/?p={row['id']}"
        return {"id": row["id"], "slug": row["slug"], "status": row["status"], "link": link}

    def refusal_of_shape(self) -> Answer | None:
        wanted = json.loads(self.body)
        if self.headers.get_content_type() != "application/json" or set(wanted) - POST_FIELDS:
            return refused(400, "rest_invalid_param", "Invalid parameter(s)")
        if wanted.get("status") not in STATUSES or not wanted.get("title"):
            return refused(400, "empty_content", "Content, title, and excerpt are empty.")
        for taxonomy, known in TERMS.items():
            if not set(wanted.get(taxonomy, [])) <= set(known.values()):
                return refused(400, "rest_invalid_param", f"Invalid parameter(s): {taxonomy}")
        return None

    def insert(self) -> Answer:
        """Two steps with time between them, like WordPress's own; the number is given when the second begins."""
        refusal = self.refusal_of_shape()
        if refusal:
            return refusal
        wanted = json.loads(self.body)
        with self.state.lock:
            slug = self.state.free_slug(wanted["title"].lower() if self.state.slug_plugin else wanted["slug"])
            gap, lasts = self.state.gap, self.state.inserts.pop(0) if self.state.inserts else 0.0
        time.sleep(gap)
        number = next(self.state.numbers)
        time.sleep(lasts)
        with self.state.lock:
            row = {**wanted, "id": number, "slug": slug, "at": time.time()}
            self.state.rows[number] = row
            return 201, self.shown(row)

    def update(self, number: int) -> None:
        """One statement on the row, if there still is one."""
        refusal = self.refusal_of_shape()
        if number not in self.state.rows or refusal:
            return self.answer(*(refusal or GONE))
        with self.state.lock:
            fault, seconds, resets = self.state.next_fault(), self.state.seconds, self.state.resets
        if fault in ("429", "500_before", "redirect", "401", "402", "403", "refuse_400"):
            return self.refuse(fault, seconds)
        if fault == "slow":
            time.sleep(seconds)
        with self.state.lock:
            row = self.state.rows.get(number)
            if row is None or self.state.resets != resets:
                return self.answer(*GONE)
            row.update(json.loads(self.body))
            if self.state.reviewed:
                row["status"] = "pending"
            said = self.shown(row)
        return self.answer_with_fault(fault, said)

    def refuse(self, fault: str, seconds: float) -> None:
        answers = {
            "429": refused(429, "too_many_requests", "Too many requests."),
            "500_before": refused(500, "db_update_error", "Could not update post in the database."),
            "redirect": refused(301, "moved", "Moved Permanently"),
            "401": refused(401, "incorrect_password", "The provided password is an invalid application password."),
            "402": refused(402, "payment", "Payment Required"),
            "403": refused(403, "rest_cannot_publish", "Sorry, you are not allowed to publish posts &amp; pages."),
            "refuse_400": refused(400, "rest_invalid_param", "Invalid parameter(s): content"),
        }
        headers = {
            "429": {"Retry-After": str(int(seconds))},
            "redirect": {"Location": "https://www.blog.example.org/?rest_route=x"},
        }
        self.answer(*answers[fault], headers.get(fault))

    def upload(self) -> Answer:
        whole = message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + self.body)
        parts: dict[str, Any] = {
            str(part.get_param("name", header="content-disposition")): part for part in whole.get_payload()
        }
        file, form = parts.pop("file"), {name: part.get_payload(decode=True).decode() for name, part in parts.items()}
        data = file.get_payload(decode=True)
        if self.state.media_fault == "refuse":
            return refused(500, "rest_upload_unknown_error", "The uploaded file exceeds the upload_max_filesize.")
        if not file.get_filename() or file.get_content_type() not in ("image/png", "image/jpeg"):
            return refused(500, "rest_upload_unknown_error", "Sorry, you are not allowed to upload this file type.")
        with self.state.lock:
            number = next(self.state.numbers)
            self.state.files[number] = {
                "id": number, "parent": int(form["post"]), "alt_text": form["alt_text"], "bytes": len(data)
            }  # fmt: skip
        return 201, {"id": number}

    def remove(self, table: dict[int, dict[str, Any]], number: int) -> Answer:
        if self.query.get("force") != "true":
            return refused(501, "rest_trash_not_supported", "The post does not support trashing.")
        with self.state.lock:
            if table.pop(number, None) is None:
                return GONE
            for file in self.state.files.values():
                if file["parent"] == number:
                    file["parent"] = 0
        return 200, {"deleted": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    Handler.state = State(arguments.state)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()


if __name__ == "__main__":
    main()
