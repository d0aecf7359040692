"""What we ask of LinkedIn's versioned API for one organisation's page (learn.microsoft.com, “Posts API”, “Images
API”)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from scheduler.channels.contract import Picture
from scheduler.channels.lib import http, wording
from scheduler.channels.linkedin import text_format
from scheduler.channels.linkedin.settings import LinkedInSecrets, LinkedInSettings
from scheduler.net import answer
from scheduler.net.network import Network

POSTS_READ = 100
"""The most that one question answers."""


class LinkedInClient(http.ChannelClient["Page"]):
    label = "LinkedIn"
    account = "the page"

    def __init__(self, via: Network, settings: LinkedInSettings, secrets: LinkedInSecrets) -> None:
        super().__init__(via)
        self._settings, self._secrets = settings, secrets

    def connect(self, session: requests.Session) -> Page:
        session.headers.update(
            {
                "Authorization": f"Bearer {self._secrets.access_token.get_secret_value()}",
                "LinkedIn-Version": self._settings.api_version,
                "X-Restli-Protocol-Version": "2.0.0",
            }
        )
        return Page(session, self._settings)

    def explain(self, response: requests.Response) -> str:
        return answer.text_of(response.json()["message"])

    def is_duplicate(self, response: requests.Response) -> bool:
        return response.status_code == 422 and b"DUPLICATE_POST" in response.content


class Page:
    """The organisation's page, through a session that is signed in."""

    def __init__(self, session: requests.Session, settings: LinkedInSettings) -> None:
        self._session, self._settings = session, settings
        self._author = author(settings)

    def post(self, body: dict[str, Any]) -> str:
        response = http.expect_status(self._session.post(self._address("posts"), json=body), 201)
        return check_urn(response.headers.get("x-restli-id", ""))

    def upload(self, picture: Picture) -> str:
        upload_request = {"initializeUploadRequest": {"owner": self._author}}
        action = {"action": "initializeUpload"}
        response = self._session.post(self._address("images"), params=action, json=upload_request)
        target = http.expect_status(response, 200).json()["value"]
        if not self._is_linkedin(target["uploadUrl"]):
            raise answer.UnexpectedResponse("an upload address elsewhere")
        headers = {"Content-Type": picture.media_type}
        http.expect_status(self._session.put(target["uploadUrl"], data=picture.data, headers=headers), 200, 201)
        return check_urn(target["image"])

    def delete(self, urn: str) -> None:
        http.expect_status(self._session.delete(self._address("posts", urn)), 200, 204)

    def latest(self, count: int, start: int = 0) -> list[dict[str, Any]]:
        query = {"q": "author", "author": self._author, "sortBy": "CREATED", "count": str(count), "start": str(start)}
        response = self._session.get(self._address("posts"), params=query, headers={"X-RestLi-Method": "FINDER"})
        return answer.objects_of(http.expect_status(response, 200).json()["elements"])

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """The page's posts, the newest first."""
        start = 0
        while posts := self.latest(POSTS_READ, start):
            yield posts
            start += POSTS_READ

    def name(self) -> str:
        number = self._settings.organization_id
        response = self._session.get(self._address("organizations", number))
        if response.status_code == 403:  # the page's name needs a permission of its own, which posting does not
            return f"page {number}"
        return answer.text_of(http.expect_status(response, 200).json()["localizedName"])

    def _address(self, *parts: str) -> str:
        return "/".join([self._settings.api_base, "rest", *(quote(part, safe="") for part in parts)])

    def _is_linkedin(self, address: str) -> bool:
        """The token goes along with the upload."""
        theirs, ours = urlsplit(address), urlsplit(self._settings.api_base)
        if theirs.netloc == ours.netloc:
            return theirs.scheme == ours.scheme
        return theirs.scheme == "https" and f".{theirs.hostname}".endswith(".linkedin.com")


def author(settings: LinkedInSettings) -> str:
    return f"urn:li:organization:{settings.organization_id}"


def created_at(post: dict[str, Any]) -> float:
    return int(post["createdAt"]) / 1000


def has_link(post: dict[str, Any], link: str) -> bool:
    source = str(post.get("content", {}).get("article", {}).get("source", ""))
    return source == link or wording.contains_link(text_format.decode(str(post.get("commentary", ""))), link)


def check_urn(said: Any) -> str:
    urn = answer.identity_of(said)
    if not urn.startswith("urn:li:"):
        raise answer.UnexpectedResponse("an answer without an id")
    return urn
