"""What we ask of X, by tweepy, which is made to speak through a guarded session; and what X's answers mean."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import requests
import tweepy

from scheduler.channels.contract import NotSent, Picture
from scheduler.channels.lib import http, wording
from scheduler.channels.x import transport
from scheduler.channels.x.settings import XSecrets, XSettings
from scheduler.net import answer
from scheduler.net.network import Network

POSTS_READ = 100
"""The most that one question answers."""
READ_ONLY = "The access token is read-only. Give the app the permission “Read and write”, then connect again."


class XClient(http.ChannelClient[tweepy.Client]):
    label = "X"

    def __init__(self, via: Network, settings: XSettings, secrets: XSecrets) -> None:
        super().__init__(via)
        self._api_base, self._secrets = settings.api_base, secrets

    def connect(self, session: requests.Session) -> tweepy.Client:
        secrets = {name: getattr(self._secrets, name).get_secret_value() for name in XSecrets.model_fields}
        client = tweepy.Client(**secrets, wait_on_rate_limit=False, return_type=dict)
        sign = tweepy.OAuth1UserHandler(**secrets).apply_auth()
        client.session = session
        session.mount("https://", transport.for_session(session, self._api_base, sign))
        return client

    def explain(self, response: requests.Response) -> str:
        said = response.json()
        return answer.words_of(error["message"] for error in said.get("errors", [])) or str(said.get("detail", ""))

    def retry_after(self, response: requests.Response) -> float | None:
        """Seconds until every allowance that X calls used up is renewed; posting also has one of 24 hours."""
        headers = response.headers
        resets = [
            headers.get(f"{allowance}-reset", "")
            for allowance in ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
            if allowance == "x-rate-limit" or headers.get(f"{allowance}-remaining") == "0"
        ]
        waits = [answer.seconds_until(answer.moment_of(reset)) for reset in resets]
        return max((wait for wait in waits if wait is not None), default=None) or super().retry_after(response)

    def is_duplicate(self, response: requests.Response) -> bool:
        return response.status_code == 403 and b"duplicate" in response.content.lower()

    def not_sent(self, error: http.CallFailed, done: str = http.POSTED) -> NotSent:
        """Where the sign-in may only read, no post of it can succeed before there is a new one."""
        said = error.response.content if error.response is not None and error.status == 403 else b""
        if done == http.POSTED and b"oauth1-permissions" in said:
            return NotSent(f"Nothing was posted. {READ_ONLY}", code="needs_sign_in", permanent=True)
        return super().not_sent(error, done)


def upload(client: tweepy.Client, picture: Picture) -> str:
    """Returns X's id of it. tweepy knows no v2 upload, but signs the request."""
    media = {
        "media": base64.b64encode(picture.data).decode(),
        "media_category": "tweet_image",
        "media_type": picture.media_type,
    }
    identity = identity_of(client.request("POST", "/2/media/upload", json=media, user_auth=True).json())
    if picture.alt_text:
        description = {"id": identity, "metadata": {"alt_text": {"text": picture.alt_text}}}
        client.request("POST", "/2/media/metadata", json=description, user_auth=True)
    return identity


def pages(client: tweepy.Client, user_id: str) -> Iterator[list[dict[str, Any]]]:
    """The account's posts, the newest first. X bills each that is read."""
    query = {"max_results": POSTS_READ, "tweet_fields": ["entities", "created_at"], "user_auth": True}
    token = None
    while True:
        page = client.get_users_tweets(user_id, pagination_token=token, **query)
        if "data" not in page and page["meta"]["result_count"] != 0:
            raise answer.UnexpectedResponse("neither posts nor the word that there are none")
        yield answer.objects_of(page.get("data", []))
        token = page["meta"].get("next_token")
        if not token:
            return


def created_at(post: dict[str, Any]) -> float:
    return datetime.fromisoformat(post["created_at"]).timestamp()


def has_link(post: dict[str, Any], link: str) -> bool:
    if post["text"].startswith("RT @"):  # somebody else's post, which our account repeated
        return False
    addresses = [
        str(url.get(name, "")).rstrip("/")
        for url in post.get("entities", {}).get("urls", [])
        for name in ("expanded_url", "unwound_url")
    ]
    return link.rstrip("/") in addresses or wording.contains_link(html.unescape(post["text"]), link)


def identity_of(said: Any) -> str:
    return answer.identity_of(said["data"]["id"])
