"""A server that behaves like Facebook's Graph API and its sign-in, and misbehaves on demand.

Started with `python -m tests.servers.facebook_like --port 0 --state DIR`; see tests.servers.posting.
What it is sent is checked as developers.facebook.com describes it. Errors have status 400 and a code of their own.
`more` of the faults may name: `no_read`, `scopes`, `ended`, `is` (who the token belongs to), `code` (of the refusal),
`usage`, `forbids_delete`, `upload_fails`, `upload_seconds`, `pages` (that the person manages), `denies`, `minutes`.
"""

from __future__ import annotations

import email.parser
import email.policy
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.servers import posting
from tests.servers.posting import Answer

PAGE = "1029384756"
NAME = "Riverside Hospitals Trust"
PAGE_TOKEN = "facebook-page-token"
APP_ID = "facebook-app-id"
APP_SECRET = "facebook-app-secret"
SHORT_TOKEN = "facebook-short-token"
LONG_TOKEN = "facebook-long-token"
VERSION = "v24.0"
SCOPES = ["pages_manage_posts", "pages_read_engagement", "pages_show_list"]
DAYS_60 = 60 * 86_400
LIMIT = 63_206


def refused(code: int, message: str, *, status: int = 400, subcode: int = 0) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b2C3"}
    if subcode:
        error["error_subcode"] = subcode
    return status, {"error": error}, {}


REFUSED = {
    "429": (400, 32, "Page request limit reached"),
    "500_before": (500, 2, "The post is refused"),
    "401": (400, 190, "The post is refused"),
    "403": (403, 200, "The post is refused"),
    "refuse_400": (400, 368, "The post is refused"),
}
"""Status, code and message of each fault."""


class Handler(posting.Handler):
    def route(self) -> None:
        path = self.route_path.removeprefix(f"/{VERSION}/")
        if path == self.route_path:
            return self.answer(*refused(2635, "This version of the Graph API is not served"))
        if (self.command, path) == ("GET", "dialog/oauth"):
            return self.answer(*self.dialog())
        if (self.command, path) == ("POST", "oauth/access_token"):
            return self.answer(*self.tokens())
        if (self.command, path) == ("POST", ""):
            return self.batch()
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if (self.command, path) == ("GET", "me/accounts") and token == LONG_TOKEN:
            return self.answer(*self.accounts())
        if token != PAGE_TOKEN or self.state.more.get("ended"):
            return self.answer(*refused(190, "Error validating access token: Session has expired", subcode=463))
        if (self.command, path) == ("POST", f"{PAGE}/feed"):
            return self.publish(self.create)
        with self.state.lock:
            return self.answer(*self.other(path))

    def other(self, path: str) -> Answer:
        if (self.command, path) == ("GET", "me"):
            who = self.state.more.get("is", {"id": PAGE, "name": NAME})
            usage = {"call_count": self.state.more.get("usage", 3), "total_time": 1, "total_cputime": 0}
            return 200, who, {"x-app-usage": json.dumps(usage)}
        if (self.command, path) == ("GET", f"{PAGE}/published_posts"):
            return self.published()
        if (self.command, path) == ("POST", f"{PAGE}/photos"):
            return self.photo()
        if self.command == "GET" and path.startswith(f"{PAGE}_"):
            return self.post(path)
        if self.command == "DELETE":
            if not self.state.more.get("forbids_delete") and self.state.delete(path):
                return 200, {"success": True}, {}
            said = (
                f"Unsupported delete request. Object with ID '{path}' does not exist, cannot be loaded due to missing"
            )
            return refused(100, f"{said} permissions, or does not support this operation.", subcode=33)
        return refused(100, "Unsupported request")

    def post(self, identity: str) -> Answer:
        if self.state.more.get("no_read"):
            return refused(10, "(#10) This endpoint requires the 'pages_read_engagement' permission", status=403)
        if identity in [post["id"] for post in self.state.live()]:
            return 200, {"id": identity}, {}
        return refused(100, f"Unsupported get request. Object with ID '{identity}' does not exist", subcode=33)

    def create(self) -> Answer:
        try:
            wanted = json.loads(self.body)
        except ValueError:
            return refused(100, "Invalid parameter")
        fields = set(wanted)
        if "message" not in fields or fields - {"message", "link", "attached_media"} or len(fields) > 2:
            return refused(100, "Invalid parameter")
        if not 0 < len(wanted["message"].encode("utf-16-le")) // 2 <= LIMIT:
            return refused(100, "Invalid parameter: message")
        media = [self.state.media.get(each["media_fbid"]) for each in wanted.get("attached_media", [])]
        if None in media:
            return refused(100, "Invalid parameter: attached_media")
        if any(post["text"] == wanted["message"] for post in self.state.live()):
            return refused(506, "Duplicate status message")
        number = self.state.new_number()
        alt_texts = [each["alt_text"] for each in media if each is not None]
        post = {"id": f"{PAGE}_{number}", "text": wanted["message"], "link": wanted.get("link"), "alt_texts": alt_texts}
        self.state.add(number, post)
        return 200, {"id": post["id"]}, {}

    def photo(self) -> Answer:
        time.sleep(self.state.more.get("upload_seconds", 0))
        if self.state.more.get("upload_fails"):
            return refused(self.state.more["upload_fails"], "Try again")
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        if set(parts) != {"published", "alt_text_custom", "source"} or parts["published"].get_payload() != "false":
            return refused(100, "Invalid parameter")
        if not (parts["source"].get_payload(decode=True) or b"").startswith((b"\x89PNG", b"\xff\xd8")):
            return refused(324, "Missing or invalid image file")
        identity = f"77{len(self.state.media)}"
        alt_text = parts["alt_text_custom"].get_payload(decode=True).decode()
        self.state.media[identity] = {"alt_text": alt_text}
        return 200, {"id": identity}, {}

    def published(self) -> Answer:
        if self.state.faults.read_outage:
            return refused(2, "Service temporarily unavailable", status=503)
        if self.state.more.get("no_read"):
            return refused(10, "(#10) This endpoint requires the 'pages_read_engagement' permission", status=403)
        count = int(self.query.get("limit", 25))
        if count > 100 or "message,created_time" not in self.query.get("fields", ""):
            return refused(100, "limit or fields")
        start = int(self.query.get("after", 0))
        posts = self.state.visible()[start:]
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + count)}}
        if len(posts) > count:
            paging["next"] = f"https://graph.facebook.com/{VERSION}/{PAGE}/published_posts?after={start + count}"
        return 200, {"data": [self.shown(post) for post in posts[:count]], "paging": paging}, {}

    def shown(self, post: dict[str, Any]) -> dict[str, Any]:
        found = {"id": post["id"], "message": post["text"]}
        found["created_time"] = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(post["at"]))
        if post["link"]:
            found["attachments"] = {"data": [{"unshimmed_url": "https://riverside.example.org/vacancies/nurse"}]}
        return found

    def refuse(self, fault: str, seconds: float) -> None:
        if fault not in REFUSED:
            return super().refuse(fault, seconds)
        status, code, message = REFUSED[fault]
        status, said, _ = refused(self.state.more.get("code", code), message, status=status)
        return self.answer(status, said, self.wait(seconds) if fault == "429" else None)

    def wait(self, seconds: float) -> dict[str, str]:
        minutes = self.state.more.get("minutes")
        if minutes is None:
            return super().wait(seconds)
        usage = {PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": minutes}]}
        return {"X-Business-Use-Case-Usage": json.dumps(usage)}

    def batch(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {APP_ID}|{APP_SECRET}":
            return self.answer(*refused(190, "Invalid OAuth access token"))
        (question,) = json.loads(self.form()["batch"])
        path, _, query = question["relative_url"].partition("?")
        token = parse_qs(query).get("input_token", [""])[0]
        if (question["method"], path) != ("GET", "debug_token"):
            return self.answer(*refused(100, "Unsupported request"))
        valid = token == PAGE_TOKEN and not self.state.more.get("ended")
        data = {
            "app_id": APP_ID,
            "type": "PAGE",
            "is_valid": valid,
            "expires_at": 0,
            "data_access_expires_at": int(time.time()) + DAYS_60,
            "scopes": self.state.more.get("scopes", SCOPES),
        }
        body = json.dumps([{"code": 200, "body": json.dumps({"data": data})}]).encode()
        return self.answer_bytes(200, body)

    def dialog(self) -> Answer:
        """As if the person had agreed; or, with `denies`, had not."""
        asked = self.query
        good = asked.get("response_type") == "code" and asked.get("client_id") == APP_ID and asked.get("state")
        if not good or set(asked["scope"].split(",")) != set(SCOPES):
            return refused(100, "Invalid dialog")
        back = {"code": f"code for {asked['redirect_uri']}"}
        if self.state.more.get("denies"):
            back = {"error": "access_denied", "error_reason": "user_denied", "error_description": "Permissions error"}
        return 302, {}, {"Location": f"{asked['redirect_uri']}?{urlencode(back | {'state': asked['state']})}"}

    def tokens(self) -> Answer:
        form = self.form()
        if (form.get("client_id"), form.get("client_secret")) != (APP_ID, APP_SECRET):
            return refused(1, "Error validating client secret.")
        if form.get("grant_type") == "fb_exchange_token":
            good, token = form.get("fb_exchange_token") == SHORT_TOKEN, LONG_TOKEN
        else:
            good, token = form.get("code") == f"code for {form.get('redirect_uri')}", SHORT_TOKEN
        if not good:
            return refused(100, "This authorization code has been used.", subcode=36009)
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": DAYS_60}, {}

    def accounts(self) -> Answer:
        pages = self.state.more.get("pages", [{"id": PAGE, "name": NAME, "tasks": ["CREATE_CONTENT", "MANAGE"]}])
        return 200, {"data": [{"access_token": PAGE_TOKEN, **page} for page in pages]}, {}


if __name__ == "__main__":
    posting.serve(Handler, __doc__)
