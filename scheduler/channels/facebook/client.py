"""What we ask of Facebook's Graph API for one Page, and what its error codes mean.

Sources: developers.facebook.com, “Page Feed”, “Page Photos”, “Debug-Token”, “Handle Errors”, “Rate Limits”.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests

from scheduler.channels.contract import Picture
from scheduler.channels.facebook.settings import FacebookSecrets, FacebookSettings
from scheduler.channels.lib import http, wording
from scheduler.net import answer
from scheduler.net.network import Network

POSTS_READ = 100
"""The most that one question answers."""
# Facebook says by a code of its own, mostly under status 400, what others say by the status.
STATUS_OF_CODE = {
    1: 500,  # unknown error
    2: 500,  # service for the moment not there
    102: 401,
    190: 401,
    4: 429,  # the app's calls
    17: 429,  # the person's calls
    32: 429,  # the Page's calls
    613: 429,
    80001: 429,  # the Page's calls, as counted for businesses
}
DUPLICATE = 506
NOT_THERE_OR_NOT_ALLOWED = (100, 33)
PERMISSION_CODES = frozenset({3, 10, *range(200, 300)})


@dataclass(frozen=True)
class Token:
    """What Facebook says of an access token."""

    is_valid: bool
    permissions: frozenset[str]
    ends: datetime | None
    """The earlier of the token's end and that of its access."""


class FacebookClient(http.ChannelClient["Page"]):
    label = "Facebook"
    account = "the Page"

    def __init__(self, via: Network, settings: FacebookSettings, secrets: FacebookSecrets) -> None:
        super().__init__(via)
        self._settings, self._secrets = settings, secrets

    def connect(self, session: requests.Session) -> Page:
        return Page(session, self._settings, self._secrets)

    def status(self, response: requests.Response) -> int:
        return STATUS_OF_CODE.get(_codes(response)[0], response.status_code)

    def explain(self, response: requests.Response) -> str:
        error = response.json()["error"]
        return str(error.get("error_user_msg") or error.get("message", ""))

    def retry_after(self, response: requests.Response) -> float | None:
        """Seconds until Facebook takes calls for the Page again, which it tells in minutes."""
        try:
            usage = json.loads(response.headers.get("x-business-use-case-usage", "{}"))
            minutes = [each["estimated_time_to_regain_access"] for kinds in usage.values() for each in kinds]
            return 60.0 * float(max(minutes)) or super().retry_after(response)
        except answer.ODD:
            return super().retry_after(response)

    def is_duplicate(self, response: requests.Response) -> bool:
        return _codes(response)[0] == DUPLICATE


class Page:
    """By default signed in as the Page."""

    def __init__(self, session: requests.Session, settings: FacebookSettings, secrets: FacebookSecrets) -> None:
        self._session, self._settings, self._secrets = session, settings, secrets
        session.headers["Authorization"] = f"Bearer {secrets.access_token.get_secret_value()}"

    def post(self, body: dict[str, Any]) -> str:
        response = self._session.post(self._address(f"{self._settings.page_id}/feed"), json=body)
        return answer.identity_of(http.expect_status(response, 200).json()["id"])

    def upload(self, picture: Picture) -> str:
        """Unpublished, until a post carries it."""
        response = self._session.post(
            self._address(f"{self._settings.page_id}/photos"),
            data={"published": "false", "alt_text_custom": picture.alt_text},
            files={"source": ("picture", picture.data, picture.media_type)},
        )
        return answer.identity_of(http.expect_status(response, 200).json()["id"])

    def show(self, post: str) -> None:
        """Fails where we see no such post."""
        http.expect_status(self._session.get(self._address(post), params={"fields": "id"}), 200)

    def delete(self, post: str) -> None:
        if http.expect_status(self._session.delete(self._address(post)), 200).json()["success"] is not True:
            raise answer.UnexpectedResponse("Facebook does not say that it is deleted")

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """The Page's posts, the newest first."""
        page = self.latest(POSTS_READ)
        yield answer.objects_of(page["data"])
        while "next" in page.get("paging", {}):
            page = self.latest(POSTS_READ, after=page["paging"]["cursors"]["after"])
            yield answer.objects_of(page["data"])

    def latest(self, count: int, after: str | None = None) -> dict[str, Any]:
        query = {"fields": "id,message,created_time,attachments{unshimmed_url}", "limit": str(count), "after": after}
        response = self._session.get(self._address(f"{self._settings.page_id}/published_posts"), params=query)
        return answer.object_of(http.expect_status(response, 200).json())

    def me(self) -> tuple[str, str, int]:
        """Id and name of the account, and per cent of our calls that are used up."""
        response = http.expect_status(self._session.get(self._address("me"), params={"fields": "id,name"}), 200)
        said = response.json()
        return answer.identity_of(said["id"]), answer.text_of(said["name"]), _used(response)

    def debug_token(self) -> Token | None:
        """What Facebook says of the Page's token, asked as the app; None where the app is not known."""
        app_id, app_secret = (getattr(self._secrets, name).get_secret_value() for name in ("app_id", "app_secret"))
        if not (app_id and app_secret):
            return None
        token = self._secrets.access_token.get_secret_value()
        # The token to look at is a parameter of the address; in a batch that address is part of the body.
        question = {"method": "GET", "relative_url": f"debug_token?{urlencode({'input_token': token})}"}
        form = {"batch": json.dumps([question]), "include_headers": "false"}
        headers = {"Authorization": f"Bearer {app_id}|{app_secret}"}
        response = self._session.post(self._address(""), data=form, headers=headers)
        (single,) = http.expect_status(response, 200).json()
        if single["code"] != 200:
            raise answer.UnexpectedResponse("another status")
        said = answer.object_of(json.loads(single["body"])["data"])
        ends = [answer.moment_of(said.get(name)) for name in ("expires_at", "data_access_expires_at")]
        permissions = frozenset(answer.text_of(each) for each in said.get("scopes", []))
        return Token(said["is_valid"] is True, permissions, min(filter(None, ends), default=None))

    def _address(self, path: str) -> str:
        return f"{self._settings.api_base}/{self._settings.api_version}/{path}"


def created_at(post: dict[str, Any]) -> float:
    return datetime.fromisoformat(post["created_time"]).timestamp()


def has_link(post: dict[str, Any], link: str) -> bool:
    attached = [str(each.get("unshimmed_url", "")) for each in post.get("attachments", {}).get("data", [])]
    return link in attached or wording.contains_link(str(post.get("message", "")), link)


def may_not_read(error: http.CallFailed) -> bool:
    return _codes(error.response)[0] in PERMISSION_CODES


def is_absent(error: http.CallFailed) -> bool:
    """For a post that is gone, and for one that we may not touch, Facebook has the same answer."""
    return _codes(error.response) == NOT_THERE_OR_NOT_ALLOWED


def _codes(response: requests.Response | None) -> tuple[int, int]:
    """Facebook's own error code and sub-code; 0 where it names none."""
    try:
        error = response.json()["error"] if response is not None else {}
        return answer.number_of(error.get("code", 0)), answer.number_of(error.get("error_subcode", 0))
    except answer.ODD:
        return 0, 0


def _used(response: requests.Response) -> int:
    try:
        usage = json.loads(response.headers.get("x-app-usage", "{}"))
        return int(max([0, *usage.values()]))
    except answer.ODD:  # it counts in another way
        return 0
