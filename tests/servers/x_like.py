"""A server that behaves like X's v2 API, and misbehaves on demand.

Started with `python -m tests.servers.x_like --port 0 --state DIR`; see tests.servers.posting.
What it is sent is checked: signature, age and nonce, shape, weighted length, repeats. `more` of the faults may name:
`access` (read, or read-write).
"""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any, ClassVar
from urllib.parse import urlsplit

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature, utils

from scheduler.channels.x.text import twitter_text  # only for its import: the counting is the library's own
from tests.servers import posting

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

Answer = tuple[int, dict[str, Any]]


class State(posting.State):
    def forget(self) -> None:
        super().forget()
        self.nonces: set[str] = set()
        self.alt_texts: dict[str, str] = {}
        """By id of what was uploaded."""

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


class Handler(posting.Handler):
    REFUSALS: ClassVar = {
        "429": problem(429, "Too Many Requests", "Too Many Requests"),
        "500_before": problem(500, "Internal Server Error", "Something went wrong."),
        "401": problem(401, "Unauthorized", "Unauthorized"),
        "402": problem(402, "Payment Required", "Your account has no credits left."),
        "403": problem(403, "Forbidden", "You are not permitted to perform this action."),
        "refuse_400": problem(400, "Invalid Request", "The text of your post is invalid."),
    }

    def route(self) -> None:
        path = self.route_path
        if not self.is_signed():
            self.answer(*problem(401, "Unauthorized", "Unauthorized"))
        elif (self.command, path) == ("POST", "/2/tweets"):
            self.create()
        elif (self.command, path) == ("POST", "/2/media/upload"):
            self.answer(*self.upload())
        elif (self.command, path) == ("POST", "/2/media/metadata"):
            self.answer(*self.describe())
        elif (self.command, path) == ("GET", "/2/users/me"):
            said = {"data": {"id": USER_ID, "username": USERNAME, "name": "Riverside Hospitals Trust"}}
            self.answer(200, said, {"x-access-level": self.state.more.get("access", "read-write")})
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
            identity = str(10**18 + len(self.state.alt_texts))
            self.state.alt_texts[identity] = ""
        return 200, {"data": {"id": identity, "media_key": f"3_{identity}", "expires_after_secs": 86400}}

    def describe(self) -> Answer:
        wanted = json.loads(self.body)
        said = wanted["metadata"]["alt_text"]["text"]
        with self.state.lock:
            if wanted["id"] not in self.state.alt_texts or not 0 < len(said) <= LONGEST_ALT_TEXT:
                return problem(400, "Invalid Request", "The metadata is not valid.")
            self.state.alt_texts[wanted["id"]] = said
        return 200, {"data": {"id": wanted["id"]}}

    def create(self) -> None:
        refusal = self.refusal_of_shape()
        if refusal:
            return self.answer(*refusal)
        return self.publish(self.accept)

    def accept(self) -> Answer:
        wanted = json.loads(self.body)
        text = wanted["text"].strip()
        if self.state.repeats(text):
            return problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        number = self.state.new_number()
        described = [self.state.alt_texts[each] for each in wanted.get("media", {}).get("media_ids", [])]
        post = self.state.add(number, {"id": str(number), "text": text, "alt_texts": described})
        said = {"id": post["id"], "text": as_timeline_shows(post)["text"], "edit_history_tweet_ids": [post["id"]]}
        return 201, {"data": said}

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
        if len(attached) > MOST_PICTURES or not set(attached) <= set(self.state.alt_texts):
            return invalid
        if not twitter_text.parse_tweet(wanted["text"].strip()).valid:
            return problem(403, "Forbidden", f"Your text is invalid or longer than {LIMIT}.")
        return None

    def refuse(self, fault: str, seconds: float) -> None:
        """An app that may only read says so in its own words."""
        if fault == "403" and self.state.more.get("access") == "read":
            return self.answer(*READ_ONLY)
        return super().refuse(fault, seconds)

    def wait(self, seconds: float) -> dict[str, str]:
        return {"x-rate-limit-reset": str(int(time.time()) + int(seconds)), "retry-after": str(int(seconds))}

    def timeline(self) -> Answer:
        start, count = int(self.query.get("pagination_token", 0)), int(self.query.get("max_results", 10))
        if self.state.faults.read_outage:
            return problem(503, "Service Unavailable", "Service Unavailable")
        with self.state.lock:
            posts = self.state.visible()[start:]
        more = {"next_token": str(start + count)} if len(posts) > count else {}
        posts = posts[:count]
        answer: dict[str, Any] = {"meta": {"result_count": len(posts), **more}}
        if posts:
            answer["data"] = [as_timeline_shows(post) for post in posts]
        return 200, answer

    def delete(self, identity: str) -> Answer:
        with self.state.lock:
            if not self.state.delete(identity):
                return problem(404, "Not Found", "Could not find that post.")
        return 200, {"data": {"deleted": True}}


if __name__ == "__main__":
    posting.serve(Handler, __doc__, State)
