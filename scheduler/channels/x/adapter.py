"""X: counts, sends, reads back and takes down posts through its v2 API, as the account itself (OAuth 1.0a).

Leaves to others what is said, when it goes out, and what is done after a named failure. Prices are X's pay-per-use
list of 2026.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

import requests
import tweepy
from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import SignIn
from scheduler.channels.x import client as x
from scheduler.channels.x import text as x_text
from scheduler.channels.x.settings import XSecrets, XSettings
from scheduler.channels.x.sign_in import SIGN_IN
from scheduler.net import answer

PICTURES = contract.PictureLimits(maximum=4, bytes=5_000_000, side=4096, alt_text=1000)
"""docs.x.com: media best practices, and metadata of media."""
PRICE, PRICE_WITH_LINK = 15, 200
"""Thousandths of a US dollar a post."""
PRICE_WARNING = (
    f"X charges about ${PRICE_WITH_LINK / 1000:.2f} for a post with a link instead of ${PRICE / 1000:.3f}. "
    "Leave out the link if the post does not need it."
)


class X:
    kind: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    reaches: ClassVar[Literal["public", "staff"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=True,
        settling=10.0,
        text=contract.TextLimit(x_text.LIMIT, "characters"),
        pictures=PICTURES,
        charges=True,
    )

    Settings: ClassVar[type[BaseModel]] = XSettings
    Secrets: ClassVar[type[BaseModel]] = XSecrets
    sign_in: ClassVar[SignIn] = SIGN_IN

    def __init__(self, settings: XSettings, secrets: XSecrets, context: contract.AdapterContext) -> None:
        self._client = x.XClient(context.network, settings, secrets)
        self._user_id = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        text = wording.build_text(draft, self.label)
        x_text.check(text)
        wording.check_pictures(draft, self.label, PICTURES)
        length = x_text.weighted_length(text)
        wording.check_length(self.label, length, x_text.LIMIT, "a link counts as 23, an emoji as 2")
        has_address = x_text.has_address(text)
        return wording.build_payload(
            draft,
            text,
            length=length,
            limit=x_text.LIMIT,
            body={"text": text},
            warnings=[PRICE_WARNING] if has_address else [],
            price=PRICE_WITH_LINK if has_address else PRICE,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        media = [
            self._client.prepare(partial(x.upload, picture=picture), deadline.left()) for picture in payload.pictures
        ]

        def post(client: tweepy.Client) -> str:
            return x.identity_of(client.create_tweet(text=payload.body["text"], media_ids=media or None))

        return _receipt(self._client.send(post, deadline.left()))

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        self._client.require_link(link)

        def look(client: tweepy.Client) -> contract.Receipt | None:
            # Who we are never changes for one access token, and X bills and rations the question.
            self._user_id = self._user_id or x.identity_of(client.get_me())
            pages = x.pages(client, self._user_id)
            post = recent_posts.find(pages, key=key, link=link, created_at=x.created_at, has_link=x.has_link)
            return _receipt(answer.identity_of(post["id"])) if post else None

        return self._client.read(look, timeout)

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        def take_down(client: tweepy.Client) -> None:
            if client.delete_tweet(receipt.remote_id)["data"]["deleted"] is not True:
                raise answer.UnexpectedResponse("X does not say that it is deleted")

        self._client.delete(take_down, timeout)

    def check(self, *, timeout: float) -> contract.Health:
        def who_and_what(client: tweepy.Client) -> tuple[str, str]:
            client.return_type = requests.Response
            said = client.get_me()
            name = answer.text_of(said.json()["data"]["username"])
            return f"@{name}", said.headers.get("x-access-level", "")

        try:
            account, level = self._client.call(who_and_what, timeout)
        except http.CallFailed as error:
            return self._client.signed_out(error)
        if level == "read":
            return contract.Health(ok=False, account=account, message=x.READ_ONLY)
        return contract.Health(ok=True, account=account, message=f"Connected to X as {account}.")


def _receipt(remote_id: str) -> contract.Receipt:
    return contract.Receipt(remote_id=remote_id, url=f"https://x.com/i/web/status/{remote_id}")
