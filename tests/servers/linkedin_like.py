"""A server that behaves like LinkedIn's versioned API and its sign-in, and misbehaves on demand.

Started with `python -m tests.servers.linkedin_like --port 0 --state DIR`; see tests.servers.posting.
What it is sent is checked as learn.microsoft.com describes it: headers, the shape of posts and uploads, and the
“little” format, whose first unescaped reserved character ends the text. `more` of the faults may name:
`no_read`, `no_name`, `scope`, `shortens`, `ended`, `version_ended`, `elsewhere` (upload address), `upload_fails`,
`upload_seconds`, `denies`, `no_refresh_token`.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode

from tests.servers import posting
from tests.servers.posting import Answer

ORGANIZATION = "5583111"
AUTHOR = f"urn:li:organization:{ORGANIZATION}"
NAME = "Riverside Hospitals Trust"
ACCESS_TOKEN = "linkedin-access-token"
REFRESH_TOKEN = "linkedin-refresh-token"
CLIENT_ID = "linkedin-client-id"
CLIENT_SECRET = "linkedin-client-secret"
NEW_ACCESS_TOKEN = "linkedin-new-access-token"
SCOPES = "r_organization_social,w_organization_social"
DAYS_60 = 60 * 86_400
LIMIT = 3_000
FIELDS = {
    "author",
    "commentary",
    "visibility",
    "distribution",
    "lifecycleState",
    "isReshareDisabledByAuthor",
}
DISTRIBUTION = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}


def refused(status: int, message: str, code: str = "INVALID") -> Answer:
    details = {"inputErrors": [{"code": code, "description": message}]}
    return status, {"message": message, "status": status, "errorDetails": details}, {}


def plain(commentary: str) -> str:
    """The text that readers see; what comes after an unescaped reserved character is lost, as on LinkedIn."""
    found, rest = "", commentary
    while rest:
        template = re.match(r"\{hashtag\|\\#\|((?:\\.|[^\\|{}@\[\]()<>#*_~])+)\}", rest)
        if template:
            found += "#" + re.sub(r"\\(.)", r"\1", template[1])
            rest = rest[template.end() :]
        elif rest[0] == "\\":
            found += rest[1:2]
            rest = rest[2:]
        elif rest[0] in "|{}@[]()<>#*_~":
            break
        else:
            found += rest[0]
            rest = rest[1:]
    return found


class Handler(posting.Handler):
    REFUSALS: ClassVar = {
        "429": refused(429, "Resource level throttle limit for calls to this resource is reached.")[:2],
        "500_before": refused(500, "The post is refused")[:2],
        "401": refused(401, "The post is refused")[:2],
        "403": refused(403, "Not enough permissions")[:2],
        "refuse_400": refused(400, "The post is refused")[:2],
    }

    def route(self) -> None:
        path = self.route_path
        if path.startswith("/oauth/v2/"):
            return self.answer(*self.sign_in(path.removeprefix("/oauth/v2/")))
        problem = self.unfit()
        if problem:
            return self.answer(*problem)
        if (self.command, path) == ("POST", "/rest/posts"):
            return self.publish(self.create)
        with self.state.lock:
            return self.answer(*self.other(path))

    def other(self, path: str) -> Answer:
        if (self.command, path) == ("GET", "/rest/posts"):
            return self.by_author()
        if self.command == "DELETE" and path.startswith("/rest/posts/"):
            self.state.delete(unquote(path.removeprefix("/rest/posts/")))
            return 204, {}, {}
        if (self.command, path) == ("POST", "/rest/images"):
            return self.begin_upload()
        if self.command == "PUT" and path.startswith("/uploads/"):
            return self.upload(path.removeprefix("/uploads/"))
        if (self.command, path) == ("GET", f"/rest/organizations/{ORGANIZATION}"):
            if self.state.more.get("no_name"):
                return refused(403, "Not enough permissions to access: organizations.GET", "ACCESS_DENIED")
            return 200, {"id": int(ORGANIZATION), "localizedName": NAME}, {}
        return refused(404, "No such resource")

    def unfit(self) -> Answer | None:
        tokens = {f"Bearer {token}" for token in (ACCESS_TOKEN, NEW_ACCESS_TOKEN)}
        if self.headers.get("Authorization") not in tokens or self.state.more.get("ended"):
            return refused(401, "The token used in the request has expired", "EXPIRED_ACCESS_TOKEN")
        if self.route_path.startswith("/uploads/"):
            return None
        version = self.headers.get("LinkedIn-Version", "")
        if not re.fullmatch(r"20\d{4}", version):
            return refused(400, "A version must be present", "VERSION_MISSING")
        if self.state.more.get("version_ended"):
            return refused(426, f"Requested version {version} is not active", "NONEXISTENT_VERSION")
        if self.headers.get("X-Restli-Protocol-Version") != "2.0.0":
            return refused(400, "Invalid protocol version")
        return None

    def create(self) -> Answer:
        try:
            wanted = self.wanted()
        except ValueError as error:
            return refused(400, str(error))
        number = self.state.new_number()
        text = plain(wanted["commentary"])
        if any(post["commentary"] == wanted["commentary"] for post in self.state.live()):
            return refused(422, f"Content is a duplicate of urn:li:share:{number}", "DUPLICATE_POST")
        alt_texts = self.alt_texts(wanted.get("content", {}))
        if alt_texts is None:
            return refused(400, "content: no such image")
        urn = f"urn:li:share:{number}"
        self.state.add(number, {"id": urn, "text": text, "alt_texts": alt_texts, **wanted})
        return 201, {}, {"x-restli-id": urn}

    def wanted(self) -> dict[str, Any]:
        wanted = json.loads(self.body)
        if set(wanted) - {"content"} != FIELDS:
            raise ValueError(f"fields: {sorted(wanted)}")
        if (wanted["author"], wanted["visibility"], wanted["lifecycleState"]) != (AUTHOR, "PUBLIC", "PUBLISHED"):
            raise ValueError("author, visibility or lifecycleState")
        if wanted["distribution"] != DISTRIBUTION:
            raise ValueError("distribution")
        if len(plain(wanted["commentary"]).encode("utf-16-le")) // 2 > LIMIT:
            raise ValueError("commentary is too long")
        return dict(wanted)

    def alt_texts(self, content: dict[str, Any]) -> list[str] | None:
        if set(content) == {"media"}:
            images = [content["media"]]
        elif set(content) == {"multiImage"} and 2 <= len(content["multiImage"]["images"]) <= 20:
            images = content["multiImage"]["images"]
        elif not content or (set(content) == {"article"} and set(content["article"]) >= {"source", "title"}):
            return []
        else:
            return None
        if any(not self.state.media.get(image["id"], {}).get("uploaded") for image in images):
            return None
        return [image["altText"] for image in images]

    def begin_upload(self) -> Answer:
        if self.query != {"action": "initializeUpload"}:
            return refused(400, "action")
        if json.loads(self.body) != {"initializeUploadRequest": {"owner": AUTHOR}}:
            return refused(400, "owner")
        name = f"C{len(self.state.media)}"
        self.state.media[f"urn:li:image:{name}"] = {"uploaded": False}
        host = self.state.more.get("elsewhere") or f"http://{self.headers['Host']}"
        value = {
            "uploadUrlExpiresAt": int(time.time() * 1000) + 3_600_000,
            "uploadUrl": f"{host}/uploads/{name}",
            "image": f"urn:li:image:{name}",
        }
        return 200, {"value": value}, {}

    def upload(self, name: str) -> Answer:
        time.sleep(self.state.more.get("upload_seconds", 0))
        if self.state.more.get("upload_fails"):
            return 503, {}, {}
        known = self.state.media.get(f"urn:li:image:{name}")
        if known is None or not self.body.startswith((b"\x89PNG", b"\xff\xd8")):
            return refused(400, "not a picture")
        known["uploaded"] = True
        return 201, {}, {}

    def by_author(self) -> Answer:
        if self.state.faults.read_outage:
            return refused(503, "Service Unavailable")
        if self.state.more.get("no_read"):
            return refused(403, "Not enough permissions to access: posts.FINDER-author", "ACCESS_DENIED")
        if self.headers.get("X-RestLi-Method") != "FINDER" or self.query.get("author") != AUTHOR:
            return refused(400, "author")
        if self.query.get("q") != "author" or self.query.get("sortBy") != "CREATED":
            return refused(400, "q or sortBy")
        count = int(self.query.get("count", 10))
        if count > 100:
            return refused(400, "count")
        start = int(self.query.get("start", 0))
        elements = [self.shown(post) for post in self.state.visible()[start : start + count]]
        return 200, {"paging": {"start": start, "count": count, "links": []}, "elements": elements}, {}

    def shown(self, post: dict[str, Any]) -> dict[str, Any]:
        commentary = post["commentary"]
        found = {"id": post["id"], "author": AUTHOR, "createdAt": int(post["at"] * 1000), "lifecycleState": "PUBLISHED"}
        if self.state.more.get("shortens"):
            commentary = re.sub(r"https?://\S+", "https://lnkd.in/eXaMpLe1", commentary)
        if "content" in post:
            found["content"] = post["content"]
        return found | {"commentary": commentary}

    def sign_in(self, action: str) -> Answer:
        if (self.command, action) == ("GET", "authorization"):
            return self.authorize()
        form = self.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}, {}
        if (self.command, action) == ("POST", "introspectToken"):
            return 200, self.introspected(form.get("token", "")), {}
        if (self.command, action) == ("POST", "accessToken"):
            return self.tokens(form)
        return 404, {}, {}

    def introspected(self, token: str) -> dict[str, Any]:
        if token not in (ACCESS_TOKEN, NEW_ACCESS_TOKEN) or self.state.more.get("ended"):
            return {"active": False, "status": "expired"}
        return {
            "active": True,
            "status": "active",
            "client_id": CLIENT_ID,
            "expires_at": int(time.time()) + DAYS_60,
            "scope": self.state.more.get("scope", SCOPES),
            "auth_type": "3L",
        }

    def authorize(self) -> Answer:
        """As if the person had agreed; or, with `denies`, had not."""
        asked = self.query
        good = asked.get("response_type") == "code" and asked.get("client_id") == CLIENT_ID and asked.get("state")
        if not good or set(asked["scope"].split(" ")) != set(SCOPES.split(",")):
            return 400, {"error": "invalid_request"}, {}
        back = {"code": f"code for {asked['redirect_uri']}"}
        if self.state.more.get("denies"):
            back = {"error": "user_cancelled_authorize", "error_description": "The user cancelled the authorization"}
        return 302, {}, {"Location": f"{asked['redirect_uri']}?{urlencode(back | {'state': asked['state']})}"}

    def tokens(self, form: dict[str, str]) -> Answer:
        if form.get("grant_type") == "refresh_token":
            good = form.get("refresh_token") == REFRESH_TOKEN
        else:
            good = form.get("grant_type") == "authorization_code"
            good = good and form.get("code") == f"code for {form.get('redirect_uri')}"
        if not good:
            return 400, {"error": "invalid_grant", "error_description": "The token is invalid or has expired"}, {}
        said = {"access_token": NEW_ACCESS_TOKEN, "expires_in": DAYS_60, "scope": SCOPES, "token_type": "Bearer"}
        if not self.state.more.get("no_refresh_token"):
            said |= {"refresh_token": REFRESH_TOKEN, "refresh_token_expires_in": 365 * 86_400}
        return 200, said, {}


if __name__ == "__main__":
    posting.serve(Handler, __doc__)
