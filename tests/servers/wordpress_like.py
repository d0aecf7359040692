"""A server that behaves like WordPress's REST API, and misbehaves on demand.

Started with `python -m tests.servers.wordpress_like --port 0 --state DIR`; see tests.servers.posting, but everything is
in memory. Like WordPress it looks for a free slug first and inserts after that, so sends at the same time can make
twins; it numbers a row when its insert begins. `more` of the faults may name: `inserts` (seconds that the next inserts
take), `gap` (seconds between the look for a slug and the insert), `able`, `reviewed`, `slug_plugin`, `media_fault`.
Under /_control there is also GET media.
"""

from __future__ import annotations

import base64
import itertools
import json
import time
from email import message_from_bytes
from typing import Any, ClassVar

from tests.servers import posting

USERNAME = "schwester-jo"
APPLICATION_PASSWORD = "abcd EFGH 1234 ijkl MNOP 6789"
ACCOUNT = "Riverside Hospitals"
AUTHOR = {"publish_posts": True, "delete_published_posts": True, "upload_files": True, "edit_posts": True}
TERMS = {"categories": {"jobs": 5, "news": 6}, "tags": {"nursing": 8}}
STATUSES = {"draft", "pending", "publish", "future", "private"}
POST_FIELDS = {"title", "content", "excerpt", "slug", "status", "featured_media", "categories", "tags"}

Answer = tuple[int, Any]


class State(posting.State):
    def forget(self) -> None:
        super().forget()
        self.rows: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, Any]] = {}
        self.numbers = itertools.count(10)

    def free_slug(self, slug: str) -> str:
        taken = {row["slug"] for row in self.rows.values()}
        endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
        return next(slug + ending for ending in endings if slug + ending not in taken)


def refused(status: int, code: str, message: str) -> Answer:
    return status, {"code": code, "message": message, "data": {"status": status}}


GONE = refused(404, "rest_post_invalid_id", "Invalid post ID.")


class Handler(posting.Handler):
    REFUSALS: ClassVar = {
        "429": refused(429, "too_many_requests", "Too many requests."),
        "500_before": refused(500, "db_update_error", "Could not update post in the database."),
        "401": refused(401, "incorrect_password", "The provided password is an invalid application password."),
        "403": refused(403, "rest_cannot_publish", "Sorry, you are not allowed to publish posts &amp; pages."),
        "refuse_400": refused(400, "rest_invalid_param", "Invalid parameter(s): content"),
    }
    ELSEWHERE = "https://www.blog.example.org/?rest_route=x"

    def route(self) -> None:
        route = self.query.pop("rest_route", "").removeprefix("/wp/v2/")
        if self.route_path != "/":
            return self.answer(*refused(404, "rest_no_route", "No route was found."))
        given = base64.b64encode(f"{USERNAME}:{APPLICATION_PASSWORD}".encode()).decode()
        if self.headers.get("Authorization", "") != f"Basic {given}":
            return self.answer(*self.to_a_stranger(route))
        return self.resource(*route.split("/"))

    def to_a_stranger(self, route: str) -> Answer:
        """Nobody is told that a password was wrong."""
        if (self.command, route) == ("GET", "posts") and self.query.get("context") != "edit":
            return refused(400, "rest_invalid_param", "Invalid parameter(s): status")
        return refused(401, "rest_not_logged_in", "You are not currently logged in.")

    def resource(self, kind: str, number: str = "") -> None:
        if (self.command, kind, number) == ("GET", "users", "me"):
            return self.answer(200, {"name": ACCOUNT, "capabilities": {**AUTHOR, **self.state.more.get("able", {})}})
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

    def control(self, action: str) -> tuple[int, Any]:
        shown = {"posts": self.state.rows, "media": self.state.files}
        if self.command == "GET" and action in shown:
            return 200, {action: list(shown[action].values())}
        return super().control(action)

    def single(self, number: int) -> Answer:
        with self.state.lock:
            row = self.state.rows.get(number)
            return (200, self.shown(row)) if row else GONE

    def listed(self) -> Answer:
        if self.state.faults.read_outage:
            return refused(503, "down", "Briefly unavailable for scheduled maintenance.")
        if self.query["status"] != "any":
            return refused(400, "rest_invalid_param", "Invalid parameter(s): status")
        slugs, seen_until = self.query["slug"].split(","), time.time() - self.state.faults.read_lag
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
            slug = self.state.free_slug(
                wanted["title"].lower() if self.state.more.get("slug_plugin") else wanted["slug"]
            )
            inserts = self.state.more.get("inserts")
            gap, lasts = self.state.more.get("gap", 0), inserts.pop(0) if inserts else 0
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

        def accept() -> Answer:
            row = self.state.rows.get(number)
            if row is None:
                return GONE
            row.update(json.loads(self.body))
            if self.state.more.get("reviewed"):
                row["status"] = "pending"
            return 200, self.shown(row)

        return self.publish(accept)

    def upload(self) -> Answer:
        whole = message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + self.body)
        parts: dict[str, Any] = {
            str(part.get_param("name", header="content-disposition")): part for part in whole.get_payload()
        }
        file, form = parts.pop("file"), {name: part.get_payload(decode=True).decode() for name, part in parts.items()}
        data = file.get_payload(decode=True)
        if self.state.more.get("media_fault") == "refuse":
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


if __name__ == "__main__":
    posting.serve(Handler, __doc__, State)
