"""A server that behaves like X's v2 API, and misbehaves on demand.

Started with `python -m tests.servers.x_like --port 0 --state DIR`.
Prints its port on the first line. Every accepted post is on disk in DIR/posts.jsonl before it is answered, and is
read again at the next start. What it is sent is checked: signature, age and nonce, shape, weighted length, repeats.
Under /_control, unsigned: POST faults, GET posts, POST reset. FAULTS names the ways in which a post can go wrong.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import re
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature, utils

from scheduler.channels.x import twitter_text  # only for its import: the counting is the library's own

CONSUMER_KEY = "test-consumer-key"
CONSUMER_SECRET = "test-consumer-secret"
ACCESS_TOKEN = "4242-test-access-token"
ACCESS_TOKEN_SECRET = "test-access-token-secret"
USER_ID = "4242"
USERNAME = "riverside_trust"

SIGNED_ADDRESS = "https://api.twitter.com"
"""What tweepy signs, whatever address the request is then carried to."""
OLDEST_SIGNATURE = 300
REPEATS_REFUSED = 3_600
LIMIT = 280
LARGEST_PICTURE = 5_000_000  # bytes
LONGEST_ALT_TEXT = 1000  # characters
MOST_PICTURES = 4

FAULTS = (
    "accept_then_hang",  # published, no answer
    "accept_then_drop",  # published, connection reset
    "429",
    "500_before",
    "502_after",  # published
    "slow",  # published after `seconds`
    "trickle",  # published, the body a byte at a time
    "trickle_headers",  # published, the headers a byte at a time
    "malformed_200",  # published
    "empty_200",  # published
    "huge_200",  # published, five megabytes
    "redirect",
    "401",
    "402",
    "403",
    "read_only",
    "refuse_400",
)

Answer = tuple[int, dict[str, Any]]


class State:
    """What has been accepted, and what is to go wrong next. One lock guards it all."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self.log = folder / "posts.jsonl"
        self.posts: list[dict[str, Any]] = []
        self.deleted: set[str] = set()
        self.nonces: set[str] = set()
        self.media: dict[str, str] = {}
        """Alternative texts by id of what was uploaded."""
        self.resets = 0
        self.clear_faults()
        folder.mkdir(parents=True, exist_ok=True)
        for line in self.log.read_text().splitlines() if self.log.exists() else []:
            entry = json.loads(line)
            if "deleted" in entry:
                self.deleted.add(entry["deleted"])
            else:
                self.posts.append(entry)

    def clear_faults(self) -> None:
        self.configure({})

    def configure(self, wanted: dict[str, Any]) -> None:
        self.queue: list[str] = list(wanted.get("queue", []))
        self.mix: dict[str, float] = dict(wanted.get("mix", {}))
        unknown = {*self.queue, *self.mix} - {*FAULTS, "ok"}
        if unknown:
            raise ValueError(f"unknown faults: {sorted(unknown)}")
        self.chance = random.Random(wanted.get("seed", 0))
        self.seconds = float(wanted.get("seconds", 2.0))
        self.access = str(wanted.get("access", "read-write"))
        self.read_outage = bool(wanted.get("read_outage", False))
        self.read_lag = float(wanted.get("read_lag", 0.0))

    def next_fault(self) -> str:
        """The queue first, then by chance: `mix` gives each fault's probability, the rest goes well."""
        if self.queue:
            return self.queue.pop(0)
        if not self.mix:
            return "ok"
        modes = [*self.mix, "ok"]
        return self.chance.choices(modes, [*self.mix.values(), max(0.0, 1 - sum(self.mix.values()))])[0]

    def append(self, entry: dict[str, Any]) -> None:
        with self.log.open("a") as log:
            log.write(json.dumps(entry) + "\n")

    def publish(self, text: str, alt_texts: list[str]) -> dict[str, Any]:
        last = int(self.posts[-1]["id"]) if self.posts else 0
        post = {
            "id": str(max(last + 1, int(time.time() * 1000) << 22)),
            "text": text,
            "at": time.time(),
            "alt_texts": alt_texts,
        }
        self.append(post)
        self.posts.append(post)
        return post

    def live(self) -> list[dict[str, Any]]:
        return [post for post in self.posts if post["id"] not in self.deleted]

    def repeats(self, text: str) -> bool:
        since = time.time() - REPEATS_REFUSED
        return any(post["text"] == text and post["at"] > since for post in self.live())


def signature_is_good(
    method: str, path: str, authorization: str, *, address: str = SIGNED_ADDRESS
) -> dict[str, str] | None:
    """The OAuth parameters if the signature over `address` + path is ours, else None. The JSON body is not signed."""
    if not authorization.startswith("OAuth "):
        return None
    headers = {"Authorization": authorization}
    given = dict(utils.parse_authorization_header(authorization))
    request = Request(address + path, http_method=method, headers=headers)
    request.params = signature.collect_parameters(uri_query=urlsplit(path).query, headers=headers)
    request.signature = utils.unescape(given.get("oauth_signature", ""))
    good = (
        given.get("oauth_consumer_key") == CONSUMER_KEY
        and given.get("oauth_token") == ACCESS_TOKEN
        and given.get("oauth_signature_method") == "HMAC-SHA1"
        and signature.verify_hmac_sha1(request, CONSUMER_SECRET, ACCESS_TOKEN_SECRET)
    )
    return given if good else None


def problem(status: int, title: str, detail: str) -> Answer:
    return status, {"title": title, "detail": detail, "type": "about:blank", "status": status}


READ_ONLY: Answer = (
    403,
    {
        "title": "Forbidden",
        "detail": "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
        "type": "https://api.twitter.com/2/problems/oauth1-permissions",
        "status": 403,
    },
)


def as_timeline_shows(post: dict[str, Any]) -> dict[str, Any]:
    """Like X: the text holds t.co addresses, the entities say what they stand for."""
    text, urls = post["text"], []
    for index, url in enumerate(re.findall(r"https?://\S+", text)):
        short = f"https://t.co/{post['id'][-8:]}{index:02d}"
        text = text.replace(url, short, 1)
        start = text.index(short)
        urls.append({"start": start, "end": start + len(short), "url": short, "expanded_url": url})
    shown: dict[str, Any] = {"id": post["id"], "text": text, "edit_history_tweet_ids": [post["id"]]}
    shown["created_at"] = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(post["at"]))
    if urls:
        shown["entities"] = {"urls": urls}
    return shown


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State

    def log_message(self, *arguments: object) -> None: ...

    def do_GET(self) -> None:
        self.handle_request()

    do_POST = do_DELETE = do_GET  # noqa: N815

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path.startswith("/_control/"):
            self.answer(*self.control(path.removeprefix("/_control/")))
        elif not self.is_signed():
            self.answer(*problem(401, "Unauthorized", "Unauthorized"))
        elif (self.command, path) == ("POST", "/2/tweets"):
            self.create()
        elif (self.command, path) == ("POST", "/2/media/upload"):
            self.answer(*self.upload())
        elif (self.command, path) == ("POST", "/2/media/metadata"):
            self.answer(*self.describe())
        elif (self.command, path) == ("GET", "/2/users/me"):
            said = {"data": {"id": USER_ID, "username": USERNAME, "name": "Riverside Hospitals Trust"}}
            self.answer(200, said, {"x-access-level": self.state.access})
        elif (self.command, path) == ("GET", f"/2/users/{USER_ID}/tweets"):
            self.answer(*self.timeline())
        elif self.command == "DELETE" and path.startswith("/2/tweets/"):
            self.answer(*self.delete(path.removeprefix("/2/tweets/")))
        else:
            self.answer(*problem(404, "Not Found", "There is nothing here."))

    def is_signed(self) -> bool:
        given = signature_is_good(self.command, self.path, self.headers.get("Authorization", ""))
        if not given or abs(time.time() - int(given["oauth_timestamp"])) > OLDEST_SIGNATURE:
            return False
        with self.state.lock:
            fresh = given["oauth_nonce"] not in self.state.nonces
            self.state.nonces.add(given["oauth_nonce"])
        return fresh

    def control(self, action: str) -> Answer:
        with self.state.lock:
            if (self.command, action) == ("POST", "faults"):
                try:
                    self.state.configure(json.loads(self.body))
                except ValueError as error:
                    return 400, {"error": str(error)}
                return 200, {}
            if (self.command, action) == ("GET", "posts"):
                deleted = self.state.deleted
                return 200, {"posts": [{**post, "deleted": post["id"] in deleted} for post in self.state.posts]}
            if (self.command, action) == ("POST", "reset"):
                self.state.log.unlink(missing_ok=True)
                self.state.posts, self.state.deleted = [], set()
                self.state.resets += 1
                self.state.clear_faults()
                return 200, {}
        return 404, {}

    def upload(self) -> Answer:
        """A JPEG or PNG of at most 5 MB, in base64."""
        wanted = json.loads(self.body)
        data = base64.b64decode(wanted["media"], validate=True)
        known = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg"}
        if wanted["media_category"] != "tweet_image" or known.get(data[:4]) != wanted["media_type"]:
            return problem(400, "Invalid Request", "The media is not valid.")
        if len(data) > LARGEST_PICTURE:
            return problem(400, "Invalid Request", "The media is too large.")
        with self.state.lock:
            identity = str(10**18 + len(self.state.media))
            self.state.media[identity] = ""
        return 200, {"data": {"id": identity, "media_key": f"3_{identity}", "expires_after_secs": 86400}}

    def describe(self) -> Answer:
        wanted = json.loads(self.body)
        said = wanted["metadata"]["alt_text"]["text"]
        with self.state.lock:
            if wanted["id"] not in self.state.media or not 0 < len(said) <= LONGEST_ALT_TEXT:
                return problem(400, "Invalid Request", "The metadata is not valid.")
            self.state.media[wanted["id"]] = said
        return 200, {"data": {"id": wanted["id"]}}

    def create(self) -> None:
        refusal = self.refusal_of_shape()
        if refusal:
            return self.answer(*refusal)
        wanted = json.loads(self.body)
        text = wanted["text"].strip()
        with self.state.lock:
            described = [self.state.media[each] for each in wanted.get("media", {}).get("media_ids", [])]
        with self.state.lock:
            fault, seconds, resets = self.state.next_fault(), self.state.seconds, self.state.resets
        if fault in ("429", "500_before", "redirect", "401", "402", "403", "read_only", "refuse_400"):
            return self.refuse(fault, seconds)
        if fault == "slow":
            time.sleep(seconds)
        with self.state.lock:
            if self.state.resets != resets:  # a slow post of an earlier test
                return self.reset_connection()
            repeated = self.state.repeats(text)
            post = None if repeated else self.state.publish(text, described)
        if post is None:
            detail = "You are not allowed to create a Tweet with duplicate content."
            return self.answer(*problem(403, "Forbidden", detail))
        said = {"id": post["id"], "text": as_timeline_shows(post)["text"], "edit_history_tweet_ids": [post["id"]]}
        return self.answer_with_fault(fault, {"data": said})

    def refusal_of_shape(self) -> Answer | None:
        invalid = problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        try:
            wanted = json.loads(self.body)
        except ValueError:
            return invalid
        if self.headers.get_content_type() != "application/json" or not isinstance(wanted, dict):
            return invalid
        if set(wanted) - {"media"} != {"text"} or not isinstance(wanted["text"], str) or not wanted["text"].strip():
            return invalid
        attached = wanted.get("media", {"media_ids": []})["media_ids"]
        if len(attached) > MOST_PICTURES or not set(attached) <= set(self.state.media):
            return invalid
        if not twitter_text.parse_tweet(wanted["text"].strip()).valid:
            return problem(403, "Forbidden", f"Your text is invalid or longer than {LIMIT}.")
        return None

    def refuse(self, fault: str, seconds: float) -> None:
        answers = {
            "429": problem(429, "Too Many Requests", "Too Many Requests"),
            "500_before": problem(500, "Internal Server Error", "Something went wrong."),
            "redirect": problem(302, "Found", "Elsewhere."),
            "401": problem(401, "Unauthorized", "Unauthorized"),
            "402": problem(402, "Payment Required", "Your account has no credits left."),
            "403": problem(403, "Forbidden", "You are not permitted to perform this action."),
            "read_only": READ_ONLY,
            "refuse_400": problem(400, "Invalid Request", "The text of your post is invalid."),
        }
        wait = int(seconds)
        headers = {
            "429": {"x-rate-limit-reset": str(int(time.time()) + wait), "retry-after": str(wait)},
            "redirect": {"Location": "/elsewhere"},
        }
        self.answer(*answers[fault], headers.get(fault))

    def answer_with_fault(self, fault: str, said: dict[str, Any]) -> None:
        whole = json.dumps(said).encode()
        if fault == "accept_then_hang":
            self.close_connection = True
            self.rfile.read(1)  # until the client gives up
        elif fault == "accept_then_drop":
            self.reset_connection()
        elif fault == "502_after":
            self.answer(*problem(502, "Bad Gateway", "Bad Gateway"))
        elif fault in ("trickle", "trickle_headers"):
            head = f"HTTP/1.1 201 Created\r\nContent-Length: {len(whole)}\r\n\r\n".encode()
            at_once = head if fault == "trickle" else b"HTTP/1.1"
            self.trickle(at_once, (head + whole).removeprefix(at_once))
        elif fault in ("malformed_200", "empty_200", "huge_200"):
            bodies = {"malformed_200": b'{"data": {', "empty_200": b"", "huge_200": b" " * 5_000_000 + whole}
            self.answer_bytes(200, bodies[fault])
        else:
            self.answer(201, said)

    def trickle(self, at_once: bytes, rest: bytes) -> None:
        self.close_connection = True
        try:
            self.wfile.write(at_once)
            for byte in rest:
                time.sleep(0.1)
                self.wfile.write(bytes([byte]))
        except OSError:  # the client gave up
            return

    def reset_connection(self) -> None:
        """Closes at once and for good; without lingering, the client sees a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def timeline(self) -> Answer:
        asked = {name: each[0] for name, each in parse_qs(urlsplit(self.path).query).items()}
        start, count = int(asked.get("pagination_token", 0)), int(asked.get("max_results", 10))
        with self.state.lock:
            if self.state.read_outage:
                return problem(503, "Service Unavailable", "Service Unavailable")
            seen_until = time.time() - self.state.read_lag
            posts = [post for post in self.state.live() if post["at"] <= seen_until][::-1][start:]
        more = {"next_token": str(start + count)} if len(posts) > count else {}
        posts = posts[:count]
        answer: dict[str, Any] = {"meta": {"result_count": len(posts), **more}}
        if posts:
            answer["data"] = [as_timeline_shows(post) for post in posts]
        return 200, answer

    def delete(self, identity: str) -> Answer:
        with self.state.lock:
            if identity not in [post["id"] for post in self.state.live()]:
                return problem(404, "Not Found", "Could not find that post.")
            self.state.append({"deleted": identity})
            self.state.deleted.add(identity)
        return 200, {"data": {"deleted": True}}

    def answer(self, status: int, said: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self.answer_bytes(status, json.dumps(said).encode(), headers)

    def answer_bytes(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client gave up
            self.close_connection = True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    Handler.state = State(arguments.state)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(server.server_address[1], flush=True)  # noqa: T201 - how the port is told
    server.serve_forever()


if __name__ == "__main__":
    main()
