"""A server that behaves like a Bluesky account's PDS (com.atproto.*), and misbehaves on demand.

Started with `python -m tests.servers.pds_like --port 0 --state DIR`. Prints its port on the first line.
Every accepted record is on disk in DIR/posts.jsonl before it is answered, and is read again at the next start. What it
is sent is checked as the lexicons say. Sessions are counted: SIGN_INS in five minutes.
Under /_control: POST faults (faults.py; they meet putRecord), GET posts, POST reset, POST expire ({"refresh": true}
ends the refresh tokens, too).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import regex

from tests.servers.faults import BEFOREHAND, Faults, FaultyHandler, serve

HANDLE = "riverside.test"
PASSWORD = "abcd-efgh-ijkl-mnop"
DID = "did:plc:riverside222222222222222"
POSTS = "app.bsky.feed.post"
SIGN_INS = 30
LARGEST_IMAGE = 1_000_000
FIELDS = {"$type", "text", "facets", "langs", "createdAt", "embed"}
TID = re.compile("^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$")
FEATURES = {"app.bsky.richtext.facet#link": "uri", "app.bsky.richtext.facet#tag": "tag"}

Answer = tuple[int, dict[str, Any]]


class State:
    """What has been accepted. One lock guards it all."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self.faults = Faults()
        self.log = folder / "posts.jsonl"
        folder.mkdir(parents=True, exist_ok=True)
        self.resets = 0
        self.clear()
        for line in self.log.read_text().splitlines() if self.log.exists() else []:
            entry = json.loads(line)
            self.records[entry["rkey"]] = entry

    def clear(self) -> None:
        self.faults.configure({})
        self.records: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, dict[str, Any]] = {}
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.ended: set[str] = set()
        self.sign_ins: list[float] = []
        self.renewals = 0

    def reset(self) -> None:
        self.log.unlink(missing_ok=True)
        self.resets += 1
        self.clear()

    def expire(self, *, refresh: bool) -> None:
        self.ended |= self.access | (self.refresh if refresh else set())

    def session(self) -> dict[str, Any]:
        tokens = f"access-{uuid.uuid4()}", f"refresh-{uuid.uuid4()}"
        self.access.add(tokens[0])
        self.refresh.add(tokens[1])
        return {"did": DID, "handle": HANDLE, "accessJwt": tokens[0], "refreshJwt": tokens[1], "active": True}

    def write(self, rkey: str, record: dict[str, Any] | None) -> None:
        """The same record again is a no-op; None takes it down."""
        known = self.records.get(rkey, {}).get("record")
        if record == known:
            return
        entry = {"rkey": rkey, "record": record, "at": time.time()}
        with self.log.open("a") as log:
            log.write(json.dumps(entry) + "\n")
        self.records[rkey] = entry

    def live(self) -> list[dict[str, Any]]:
        return [entry for entry in self.records.values() if entry["record"] is not None]


def problem(error: str, message: str, status: int = 400) -> Answer:
    return status, {"error": error, "message": message}


def cid(data: bytes, codec: int) -> str:
    """Version 1, SHA-256, in base32: 0x55 for raw bytes, 0x71 for records."""
    digest = bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


def complaint(record: dict[str, Any], blobs: dict[str, dict[str, Any]]) -> str | None:
    """What the lexicon of a post says against it."""
    text = record.get("text")
    if record.get("$type") != POSTS or set(record) - FIELDS or not isinstance(text, str):
        return "Record must have only what a post has"
    if len(regex.findall(r"\X", text)) > 300 or len(text.encode()) > 3000:
        return "Record/text must not be longer than 300 graphemes or 3000 bytes"
    try:
        datetime.fromisoformat(record["createdAt"])
    except (KeyError, ValueError):
        return "Record/createdAt must be a valid atproto datetime"
    for facet in record.get("facets", []):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        whole = text.encode()
        if not 0 <= start < end <= len(whole) or not _is_text(whole[start:end]):
            return "Record/facets must lie within the text"
        if any(feature.get(FEATURES.get(feature.get("$type"), "")) is None for feature in facet["features"]):
            return "Record/facets must have known features"
    images = record.get("embed", {"images": []})["images"]
    if len(images) > 4:
        return "Record/embed/images must not have more than 4 elements"
    for image in images:
        known = blobs.get(image["image"]["ref"]["$link"])
        if known != image["image"] or "alt" not in image or known["size"] > LARGEST_IMAGE:
            return f"Could not find blob: {image['image']['ref']['$link']}"
    return None


def _is_text(part: bytes) -> bool:
    try:
        return bool(part.decode())
    except UnicodeDecodeError:
        return False


class Handler(FaultyHandler):
    state: ClassVar[State]

    def handle_request(self) -> None:
        body, where = self.read_body(), urlsplit(self.path)
        if where.path.startswith("/_control/"):
            with self.state.lock:
                self.answer(*self.control(where.path.removeprefix("/_control/"), body))
            return
        action = where.path.removeprefix("/xrpc/com.atproto.")
        if action == "repo.putRecord":
            self.put(body)
            return
        with self.state.lock:
            self.answer_xrpc(action, body, {name: values[0] for name, values in parse_qs(where.query).items()})

    def answer_xrpc(self, action: str, body: bytes, query: dict[str, str]) -> None:
        known = {
            ("POST", "server.createSession"): lambda: self.create_session(json.loads(body)),
            ("POST", "server.refreshSession"): self.refresh_session,
            ("GET", "server.getSession"): self.get_session,
            ("POST", "repo.uploadBlob"): lambda: self.upload(body),
            ("GET", "repo.getRecord"): lambda: self.get(query),
            ("POST", "repo.deleteRecord"): lambda: self.delete(json.loads(body)),
        }
        what = known.get((self.command, action))
        status, said = what() if what else problem("MethodNotImplemented", "Method Not Implemented", 501)
        oldest = self.state.sign_ins[0] if self.state.sign_ins else 0
        self.answer(status, said, {"RateLimit-Reset": str(int(oldest) + 300)} if status == 429 else None)

    def control(self, action: str, body: bytes) -> Answer:
        if action == "faults":
            try:
                self.state.faults.configure(json.loads(body))
            except ValueError as error:
                return 400, {"error": str(error)}
        elif action == "reset":
            self.state.reset()
        elif action == "expire":
            self.state.expire(refresh=bool(json.loads(body).get("refresh")))
        elif action == "posts":
            counts = {"sign_ins": len(self.state.sign_ins), "renewals": self.state.renewals}
            return 200, {"posts": self.state.live(), **counts}
        else:
            return 404, {}
        return 200, {}

    def refusal_of_token(self, known: set[str]) -> Answer | None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return problem("AuthMissing", "Authentication Required", 401)
        if token not in known:
            return problem("InvalidToken", "Token could not be verified")
        return problem("ExpiredToken", "Token has expired") if token in self.state.ended else None

    def create_session(self, wanted: dict[str, Any]) -> Answer:
        now = time.time()
        self.state.sign_ins = [at for at in self.state.sign_ins if at > now - 300]
        if len(self.state.sign_ins) >= SIGN_INS:
            return problem("RateLimitExceeded", "Rate Limit Exceeded", 429)
        self.state.sign_ins.append(now)
        if (wanted["identifier"], wanted["password"]) != (HANDLE, PASSWORD):
            return problem("AuthenticationRequired", "Invalid identifier or password", 401)
        return 200, self.state.session()

    def refresh_session(self) -> Answer:
        refusal = self.refusal_of_token(self.state.refresh)
        if refusal:
            return refusal
        self.state.renewals += 1
        return 200, self.state.session()

    def get_session(self) -> Answer:
        return self.refusal_of_token(self.state.access) or (200, {"did": DID, "handle": HANDLE, "active": True})

    def upload(self, data: bytes) -> Answer:
        refusal = self.refusal_of_token(self.state.access)
        if refusal:
            return refusal
        media_type = self.headers.get_content_type()
        if not media_type.startswith("image/"):
            return problem("InvalidRequest", "Request encoding (Content-Type) required but not provided")
        link = cid(data, 0x55)
        blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": media_type, "size": len(data)}
        self.state.blobs[link] = blob
        return 200, {"blob": blob}

    def put(self, body: bytes) -> None:
        with self.state.lock:
            refusal = self.refusal_of_token(self.state.access) or self.refusal_of_shape(json.loads(body))
            resets = self.state.resets
        if refusal:
            self.answer(*refusal)
            return
        fault, seconds = self.state.faults.next(), self.state.faults.seconds
        if fault in BEFOREHAND:
            self.refuse(fault, seconds)
            return
        if fault == "slow":
            time.sleep(seconds)
        wanted = json.loads(body)
        with self.state.lock:
            if self.state.resets == resets:  # else a slow one of an earlier test
                self.state.write(wanted["rkey"], wanted["record"])
        self.answer_with_fault(fault, 200, json.dumps(self.located(wanted["rkey"], wanted["record"])).encode())

    def refusal_of_shape(self, wanted: dict[str, Any]) -> Answer | None:
        if wanted.get("repo") != DID or wanted.get("collection") != POSTS:
            return problem("InvalidRequest", "Could not find repo or collection")
        if not TID.match(wanted.get("rkey", "")):
            return problem("InvalidRequest", "Invalid record key: it must be a TID")
        said = complaint(wanted["record"], self.state.blobs)
        return problem("InvalidRequest", f"Invalid {POSTS} record: {said}") if said else None

    def located(self, rkey: str, record: dict[str, Any]) -> dict[str, Any]:
        return {"uri": f"at://{DID}/{POSTS}/{rkey}", "cid": cid(json.dumps(record, sort_keys=True).encode(), 0x71)}

    def get(self, query: dict[str, str]) -> Answer:
        refusal = self.refusal_of_token(self.state.access)
        if refusal or self.state.faults.read_outage:
            return refusal or problem("UpstreamFailure", "Bad Gateway", 502)
        entry = self.state.records.get(query["rkey"], {"record": None, "at": 0})
        hidden = entry["at"] > time.time() - self.state.faults.read_lag
        if query["repo"] != DID or query["collection"] != POSTS or entry["record"] is None or hidden:
            return problem("RecordNotFound", f"Could not locate record: at://{DID}/{POSTS}/{query['rkey']}")
        return 200, {**self.located(query["rkey"], entry["record"]), "value": entry["record"]}

    def delete(self, wanted: dict[str, Any]) -> Answer:
        refusal = self.refusal_of_token(self.state.access)
        if refusal:
            return refusal
        if wanted["repo"] != DID or wanted["collection"] != POSTS:
            return problem("InvalidRequest", "Could not find repo or collection")
        self.state.write(wanted["rkey"], None)
        return 200, {}


if __name__ == "__main__":
    serve(Handler, State, __doc__)
