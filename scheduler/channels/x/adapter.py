"""X: counts, sends, reads back and takes down posts through its v2 API, as the account itself (OAuth 1.0a).

Leaves to others what is said, when it goes out, and what is done after a named failure. Limits and the
counting are those of docs.x.com (counting characters); prices are X's pay-per-use list of 2026.
"""

from __future__ import annotations

import base64
import html
import importlib.resources
import re
import sys
import time
import types
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar

import requests
import tweepy
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth1, SignIn
from scheduler.channels.x import transport as x_transport

T = TypeVar("T")


def _import_twitter_text() -> Any:
    """The counting library asks setuptools' `pkg_resources`, which no longer exists, for one data file of its own."""
    stand_in = types.ModuleType("pkg_resources")
    stand_in.resource_string = lambda module, name: (  # type: ignore[attr-defined]
        importlib.resources.files(module.rpartition(".")[0]).joinpath(name).read_bytes()
    )
    real = sys.modules.get("pkg_resources")
    sys.modules["pkg_resources"] = stand_in
    try:
        import twitter_text
    finally:
        del sys.modules["pkg_resources"]
        if real is not None:
            sys.modules["pkg_resources"] = real
    return twitter_text


twitter_text = _import_twitter_text()

LIMIT = 280
PICTURES = contract.PictureLimits(most=4, bytes=5_000_000, side=4096, alt_text=1000)
"""docs.x.com: media best practices, and metadata of media."""
PRICE, PRICE_WITH_LINK = 15, 200
"""Thousandths of a US dollar a post."""
READ_ONLY = "X lets this sign-in read only. Give the app the permission “Read and write”, then connect again."
POSTS_READ = 100
"""The most that one question answers."""
LONGEST_COUNTED = 2_000
"""Characters. The counting takes seconds for odd texts beyond this, and none that long could fit."""
INVALID = re.compile("[\ufffe\ufeff\uffff]")
CASHTAG = re.compile(r"(?<![\w$&/#])\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?!\w)", re.IGNORECASE)


class XSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    api_base: str = Field(
        default="https://api.x.com",
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        title="Address of X's API",
    )

    @field_validator("api_base")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")


class XSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    consumer_key: SecretStr = Field(min_length=1, title="Consumer key of your app")
    consumer_secret: SecretStr = Field(min_length=1, title="Consumer secret of your app")
    access_token: SecretStr = Field(min_length=1, title="Access token of the account")
    access_token_secret: SecretStr = Field(min_length=1, title="Access token secret of the account")


def _make_credentials(context: AuthorizationContext, app: App, token: str, secret: str) -> Credentials:
    own = {"consumer_key": app.client_id, "consumer_secret": app.client_secret}
    return Credentials(dict(context.settings), own | {"access_token": token, "access_token_secret": secret})


SIGN_IN = OAuth1(label="X", base=lambda settings: settings["api_base"].rstrip("/"), make_credentials=_make_credentials)


class X:
    kind: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    reaches: ClassVar[Literal["public", "staff"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=True,
        settling=10.0,
        text=contract.TextLimit(LIMIT, "weighted characters"),
        pictures=PICTURES,
        charges=True,
    )

    Settings: ClassVar[type[BaseModel]] = XSettings
    Secrets: ClassVar[type[BaseModel]] = XSecrets
    sign_in: ClassVar[SignIn] = SIGN_IN

    def __init__(self, settings: XSettings, secrets: XSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._client = http.ChannelClient("X", context.network, explain=_explained, wait=_wait)
        self._user_id = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        text = wording.build_text(draft, self.label)
        _refuse_what_x_refuses(text)
        wording.check_pictures(draft, self.label, PICTURES.most, PICTURES.alt_text)
        length: int = twitter_text.parse_tweet(text).weightedLength
        if length > LIMIT:
            raise wording.too_long(self.label, length - LIMIT, LIMIT, "a link counts 23, an emoji 2")
        return contract.Payload(
            text=text,
            length=length,
            limit=LIMIT,
            body={"text": text},
            warnings=(*_warnings(text), *wording.warnings(text, draft.pictures)),
            pictures=draft.pictures,
            price=PRICE_WITH_LINK if twitter_text.extract_urls(text) else PRICE,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:  # noqa: ARG002
        deadline = http.Deadline(timeout)
        media = [self._upload(picture, deadline) for picture in payload.pictures]

        def post(client: tweepy.Client) -> str:
            return _identity(client.create_tweet(text=payload.body["text"], media_ids=media or None))

        try:
            return _receipt(self._ask(post, deadline.left()))
        except http.CallFailed as error:
            if error.status == 403 and _mentions_duplicate(error):
                raise contract.OutcomeUnknown(
                    "X says that it has this text already, so the post may be live. Look at the account.",
                    code="duplicate_hint",
                ) from error
            raise _failure(self._client.failure(error), error) from error

    def _upload(self, picture: contract.Picture, deadline: http.Deadline) -> str:
        """Returns X's id of it. tweepy knows no v2 upload, but signs the request."""

        def upload(client: tweepy.Client) -> str:
            wanted = {
                "media": base64.b64encode(picture.data).decode(),
                "media_category": "tweet_image",
                "media_type": picture.media_type,
            }
            made = client.request("POST", "/2/media/upload", json=wanted, user_auth=True).json()
            identity = str(made["data"]["id"])
            if picture.alt_text:
                described = {"id": identity, "metadata": {"alt_text": {"text": picture.alt_text}}}
                client.request("POST", "/2/media/metadata", json=described, user_auth=True)
            return identity

        try:
            return self._ask(upload, deadline.left())
        except http.CallFailed as error:
            raise _failure(self._client.not_sent(error), error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        """Looks at the account's posts since our first try, a hundred at a time: X bills each that is read."""
        if not link:
            raise contract.CannotRead("Without a tracked link the post cannot be recognised on X. Look at the account.")

        def look(client: tweepy.Client) -> str | None:
            # Who we are never changes for one access token, and X bills and rations the question.
            self._user_id = self._user_id or _identity(client.get_me())
            posts = recent_posts.since_first_attempt(_pages(client, self._user_id), _moment, key)
            return next((str(post["id"]) for post in posts if _carries(post, link)), None)

        try:
            found = self._ask(look, timeout)
        except http.CallFailed as error:
            raise self._client.cannot_read(error) from error
        return _receipt(found) if found else None

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        def take_down(client: tweepy.Client) -> None:
            if client.delete_tweet(receipt.remote_id)["data"]["deleted"] is not True:
                raise ValueError("X does not say that it is deleted")

        try:
            self._ask(take_down, timeout)
        except http.CallFailed as error:
            if error.status != 404:
                raise self._client.failure(error, http.TAKEN_DOWN) from error

    def check(self, *, timeout: float) -> contract.Health:
        def who_and_what(client: tweepy.Client) -> tuple[str, str]:
            client.return_type = requests.Response
            answer = client.get_me()
            return f"@{answer.json()['data']['username']}", answer.headers.get("x-access-level", "")

        try:
            account, level = self._ask(who_and_what, timeout)
        except http.CallFailed as error:
            if error.status == 401:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            raise self._client.cannot_read(error) from error
        if level == "read":
            return contract.Health(ok=False, account=account, message=READ_ONLY)
        return contract.Health(ok=True, account=account, message=f"Connected to X as {account}.")

    def _ask(self, work: Callable[[tweepy.Client], T], timeout: float) -> T:
        """A client of its own for each question, so that threads share nothing."""
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        secrets = {name: getattr(self._secrets, name).get_secret_value() for name in names}

        def through_tweepy(session: requests.Session) -> T:
            client = tweepy.Client(**secrets, wait_on_rate_limit=False, return_type=dict)
            sign = tweepy.OAuth1UserHandler(**secrets).apply_auth()
            client.session = session
            session.mount("https://", x_transport.through(session, self._settings.api_base, sign))
            return work(client)

        return self._client.ask(through_tweepy, timeout)


def _refuse_what_x_refuses(text: str) -> None:
    if INVALID.search(text):
        raise contract.DoesNotFit(
            "The text holds an invisible character that X refuses. Type the text again, or paste it as plain text."
        )
    if len(CASHTAG.findall(text)) > 1:
        raise contract.DoesNotFit("X takes at most one cashtag, such as $ABC, in a post. Remove the others.")
    if len(text) > LONGEST_COUNTED:
        raise contract.DoesNotFit(f"This is {len(text)} characters long, and X takes {LIMIT}. Shorten the text.")


def _warnings(text: str) -> list[str]:
    if not twitter_text.extract_urls(text):
        return []
    prices = f"${PRICE_WITH_LINK / 1000:.2f} for a post with a link instead of ${PRICE / 1000:.3f}"
    return [f"X charges about {prices}. Leave the link out if the post can do without it."]


def _pages(client: tweepy.Client, user_id: str) -> Iterator[list[dict[str, Any]]]:
    """The account's posts, the newest first."""
    asked = {"max_results": POSTS_READ, "tweet_fields": ["entities", "created_at"], "user_auth": True}
    token = None
    while True:
        answer = client.get_users_tweets(user_id, pagination_token=token, **asked)
        if "data" not in answer and answer["meta"]["result_count"] != 0:
            raise ValueError("neither posts nor the word that there are none")
        yield answer.get("data", [])
        token = answer["meta"].get("next_token")
        if not token:
            return


def _moment(post: dict[str, Any]) -> float:
    return datetime.fromisoformat(post["created_at"]).timestamp()


def _carries(post: dict[str, Any], link: str) -> bool:
    if post["text"].startswith("RT @"):  # somebody else's post, which our account repeated
        return False
    addresses = [
        str(url.get(name, "")).rstrip("/")
        for url in post.get("entities", {}).get("urls", [])
        for name in ("expanded_url", "unwound_url")
    ]
    return link.rstrip("/") in addresses or wording.contains_link(html.unescape(post["text"]), link)


def _identity(answer: Any) -> str:
    identity = str(answer["data"]["id"])
    if not identity:
        raise ValueError("an answer without an id")
    return identity


def _receipt(remote_id: str) -> contract.Receipt:
    return contract.Receipt(remote_id=remote_id, url=f"https://x.com/i/web/status/{remote_id}")


def _explained(response: requests.Response) -> str:
    said = response.json()
    return " ".join(error["message"] for error in said.get("errors", [])) or str(said.get("detail", ""))


def _failure(failure: contract.ChannelError, error: http.CallFailed) -> contract.ChannelError:
    """Where the sign-in may only read, no post of it can succeed before there is a new one."""
    if error.status == 403 and error.response is not None and b"oauth1-permissions" in error.response.content:
        return contract.NotSent(f"Nothing was posted. {READ_ONLY}", code="needs_sign_in", permanent=True)
    return failure


def _mentions_duplicate(error: http.CallFailed) -> bool:
    return error.response is not None and b"duplicate" in error.response.content.lower()


def _wait(response: requests.Response) -> float | None:
    """Seconds until every allowance that X calls used up is renewed; posting also has one of 24 hours."""
    headers = response.headers
    resets = [
        headers.get(f"{allowance}-reset", "")
        for allowance in ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
        if allowance == "x-rate-limit" or headers.get(f"{allowance}-remaining") == "0"
    ]
    waits = [int(reset) - time.time() for reset in resets if reset.isdecimal()]
    if not waits and headers.get("Retry-After", "").isdecimal():
        waits = [float(headers["Retry-After"])]
    return max(0.0, *waits) if waits else None
