"""What we ask of a Mastodon server, by Mastodon.py, which is made to speak through a guarded session."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from typing import Any

import mastodon
import requests
from dateutil import parser as dates

from scheduler.channels.contract import Picture
from scheduler.channels.lib import http, wording
from scheduler.channels.mastodon.settings import MastodonSecrets, MastodonSettings
from scheduler.net import answer
from scheduler.net.network import Network

POSTS_READ = 40
"""Posts that one answer holds at most."""
API_VERSION = "4.0.0"
"""What is asked exists since then. Named, so that the library does not ask the server for its version."""
POLL_EVERY = 0.5
"""Seconds between two questions whether a picture is ready."""


class MastodonClient(http.ChannelClient[mastodon.Mastodon]):
    label = "Mastodon"

    def __init__(self, via: Network, settings: MastodonSettings, secrets: MastodonSecrets) -> None:
        super().__init__(via)
        self._instance, self._secrets = settings.instance, secrets

    def connect(self, session: requests.Session) -> mastodon.Mastodon:
        client = mastodon.Mastodon(
            api_base_url=self._instance,
            session=session,
            ratelimit_method="throw",  # it would sleep inside the worker
            mastodon_version=API_VERSION,
            version_check_mode="created",
            user_agent="Promenade",
        )
        # Not by the constructor, which opens a file of this name if there is one.
        client.access_token = self._secrets.access_token.get_secret_value()
        return client

    def explain(self, response: requests.Response) -> str:
        return answer.text_of(response.json()["error"])

    def retry_after(self, response: requests.Response) -> float | None:
        """Mastodon tells the moment when it takes calls again; others the seconds."""
        seconds = super().retry_after(response)
        reset = response.headers.get("X-RateLimit-Reset", "")
        if seconds is not None or not reset:
            return seconds
        return answer.seconds_until(answer.moment_of(reset) if reset.isdecimal() else dates.isoparse(reset))


def upload(client: mastodon.Mastodon, picture: Picture) -> str:
    """The id of the picture, once it is ready to be posted: until then it has no address."""
    media: Any = client.media_post(picture.data, picture.media_type, description=picture.alt_text)
    while media["url"] is None:
        time.sleep(POLL_EVERY)
        media = client.media(media["id"])
    return answer.identity_of(media["id"])


def pages(client: mastodon.Mastodon, account_id: str) -> Iterator[list[Any]]:
    """The account's posts, the newest first."""
    before = None
    while posts := client.account_statuses(account_id, exclude_reblogs=True, max_id=before, limit=POSTS_READ):
        if not isinstance(posts, list):
            raise answer.UnexpectedResponse("not a list of posts")
        yield posts
        before = posts[-1]["id"]


def created_at(post: Any) -> float:
    return float(post["created_at"].timestamp())


def has_link(post: Any, link: str) -> bool:
    """A link stands in its own address, however much of it the server shows."""
    return not post.get("reblog") and wording.contains_link(html.unescape(post["content"]), link)
