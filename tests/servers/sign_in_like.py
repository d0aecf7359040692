"""A server on which people sign in as on X (OAuth 1.0a) and as on a Mastodon server (OAuth 2.0 with PKCE).

Started with `python -m tests.servers.sign_in_like --port 0 --state DIR`; see tests.servers.posting. `more` of the
faults may name: `denies`, `unconfirmed`, `refuses`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode, urlsplit

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature, utils

from tests.servers import posting, x_like
from tests.servers.posting import Answer

REQUEST_TOKEN, REQUEST_TOKEN_SECRET = "request-token", "request-token-secret"
VERIFIER = "the-verifier"
CLIENT_ID, CLIENT_SECRET = "mastodon-client-id", "mastodon-client-secret"
MASTODON_TOKEN = "mastodon-access-token"
MASTODON_NAME = "riverside"
SCOPES = "read:accounts read:statuses write:media write:statuses"


class Handler(posting.Handler):
    def route(self) -> None:
        routes = {
            ("POST", "/oauth/request_token"): self.request_token,
            ("GET", "/oauth/authorize"): self.authorize,
            ("POST", "/oauth/access_token"): self.access_token,
            ("GET", "/2/users/me"): self.x_account,
            ("POST", "/api/v1/apps"): self.apps,
            ("POST", "/oauth/token"): self.token,
            ("GET", "/api/v1/accounts/verify_credentials"): self.mastodon_account,
            ("GET", "/api/v1/apps/verify_credentials"): self.mastodon_app,
        }
        found = routes.get((self.command, self.route_path))
        with self.state.lock:
            said = found() if found else (404, {}, {})
        if isinstance(said, str):
            return self.answer_bytes(200, said.encode())
        return self.answer(*said)

    def signed(self, token: str, token_secret: str, address: str = "") -> dict[str, str] | None:
        """The OAuth parameters if the signature is that of our app and this token."""
        authorization = self.headers.get("Authorization", "")
        if not authorization.startswith("OAuth "):
            return None
        headers = {"Authorization": authorization}
        given = {name: utils.unescape(value) for name, value in utils.parse_authorization_header(authorization)}
        request = Request((address or f"http://{self.headers['Host']}") + self.path, http_method=self.command)
        request.params = signature.collect_parameters(uri_query=urlsplit(self.path).query, headers=headers)
        request.signature = given.get("oauth_signature", "")
        good = signature.verify_hmac_sha1(request, x_like.CONSUMER_SECRET, token_secret)
        good = good and given["oauth_consumer_key"] == x_like.CONSUMER_KEY and given.get("oauth_token", "") == token
        return given if good else None

    def request_token(self) -> Answer | str:
        given = self.signed("", "")
        if given is None or self.state.more.get("refuses"):
            return 401, {"errors": [{"code": 32, "message": "Could not authenticate you"}]}, {}
        self.state.media["callback"] = {"address": given["oauth_callback"]}
        confirmed = "false" if self.state.more.get("unconfirmed") else "true"
        said = {"oauth_token": REQUEST_TOKEN, "oauth_token_secret": REQUEST_TOKEN_SECRET}
        return urlencode(said | {"oauth_callback_confirmed": confirmed})

    def authorize(self) -> Answer:
        """As if the person had agreed; or, with `denies`, had not."""
        if "oauth_token" in self.query:
            denied = {"denied": REQUEST_TOKEN}
            agreed = {"oauth_token": REQUEST_TOKEN, "oauth_verifier": VERIFIER}
            back = denied if self.state.more.get("denies") else agreed
            return 302, {}, {"Location": f"{self.state.media['callback']['address']}&{urlencode(back)}"}
        asked = self.query
        good = asked.get("client_id") == CLIENT_ID and asked.get("scope") == SCOPES
        good = good and asked.get("response_type") == "code" and asked.get("code_challenge_method") == "S256"
        if not good or asked["redirect_uri"] != self.state.media["app"]["address"]:
            return 400, {"error": "invalid_request"}, {}
        agreed = {"code": f"code for {asked['code_challenge']}"}
        back = {"error": "access_denied"} if self.state.more.get("denies") else agreed
        return 302, {}, {"Location": f"{asked['redirect_uri']}?{urlencode(back | {'state': asked['state']})}"}

    def access_token(self) -> Answer | str:
        given = self.signed(REQUEST_TOKEN, REQUEST_TOKEN_SECRET)
        if given is None or given.get("oauth_verifier") != VERIFIER:
            return 401, {"errors": [{"code": 32, "message": "Could not authenticate you"}]}, {}
        return urlencode({"oauth_token": x_like.ACCESS_TOKEN, "oauth_token_secret": x_like.ACCESS_TOKEN_SECRET})

    def x_account(self) -> Answer:
        if not self.signed(x_like.ACCESS_TOKEN, x_like.ACCESS_TOKEN_SECRET, x_like.SIGNED_ADDRESS):
            return 401, {"title": "Unauthorized"}, {}
        return 200, {"data": {"id": x_like.USER_ID, "username": x_like.USERNAME}}, {}

    def apps(self) -> Answer:
        form: dict[str, Any] = self.form()
        if form.get("scopes") != SCOPES or not form.get("client_name"):
            return 422, {"error": "Validation failed: scopes"}, {}
        self.state.media["app"] = {"address": form["redirect_uris"]}
        return 200, {"id": "1", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, {}

    def mastodon_account(self) -> Answer:
        if self.headers.get("Authorization") != f"Bearer {MASTODON_TOKEN}":
            return 401, {"error": "The access token is invalid"}, {}
        return 200, {"id": "7", "username": MASTODON_NAME}, {}

    def mastodon_app(self) -> Answer:
        return 200, {"id": "1", "name": "Promenade", "scopes": SCOPES.split(" ")}, {}

    def token(self) -> Answer:
        form = self.form()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        good = form.get("code") == f"code for {challenge.decode().rstrip('=')}"
        good = good and form.get("redirect_uri") == self.state.media["app"]["address"]
        good = good and (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if not good or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant", "error_description": "The authorization grant is invalid."}, {}
        return 200, {"access_token": MASTODON_TOKEN, "token_type": "Bearer", "scope": SCOPES, "created_at": 1}, {}


if __name__ == "__main__":
    posting.serve(Handler, __doc__)
