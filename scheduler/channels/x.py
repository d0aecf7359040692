"""X: counts, sends, reads back and takes down posts through its v2 API, as the account itself (OAuth 1.0a).

Leaves to others what is said, when it goes out, and what is done after a named failure. Limits and the
counting are those of docs.x.com (counting characters); prices are X's pay-per-use list of 2026.
"""

from __future__ import annotations

import html
import importlib.resources
import re
import sys
import time
import types
import unicodedata
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar

import requests
import tweepy
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract, x_transport

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
LONGEST_COUNTED = 2_000
"""Characters. The counting takes seconds for odd texts beyond this, and none that long could fit."""
INVALID = re.compile("[\ufffe\ufeff\uffff]")
CASHTAG = re.compile(r"(?<![\w$&/#])\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?!\w)", re.IGNORECASE)
HASHTAG = re.compile(r"(?<![\w&/?=])#(\w+)")
HARD_TO_HEAR = 10
"""Letters, beyond which a hashtag is taken for several words that a screen reader would run together."""

# Answers after which the post is certainly not live; 401 and 429 have sentences of their own.
REFUSALS = frozenset({301, 302, 307, 308, 400, 402, 403, 404, 405, 413, 415, 422})

POSTED = "posted"
TAKEN_DOWN = "taken down"
SIGN_IN_AGAIN = "X no longer accepts this sign-in. Connect the account again."


class _Trouble(Exception):
    """X did not give the answer asked for: how far the call came, and what X said."""

    def __init__(self, call: x_transport.Call, error: Exception) -> None:
        super().__init__("X gave no usable answer.")
        self.sent = call.sent
        self.response = call.response
        self.status = None if call.response is None else call.response.status_code
        self.reason = " ".join(str(message) for message in getattr(error, "api_messages", []))[:200]


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

    consumer_key: SecretStr = Field(min_length=1)
    consumer_secret: SecretStr = Field(min_length=1)
    access_token: SecretStr = Field(min_length=1)
    access_token_secret: SecretStr = Field(min_length=1)


class X:
    kind: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    reaches: ClassVar[Literal["public", "staff"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(reads_back=True, deletes=True, settling=10.0)

    Settings: ClassVar[type[BaseModel]] = XSettings
    Secrets: ClassVar[type[BaseModel]] = XSecrets

    def __init__(self, settings: XSettings, secrets: XSecrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._user_id = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        text = _assemble(draft)
        _refuse_what_x_refuses(text)
        length: int = twitter_text.parse_tweet(text).weightedLength
        if length > LIMIT:
            raise contract.DoesNotFit(
                f"This is {length - LIMIT} too many for X, which takes {LIMIT}: a link counts 23, an emoji 2. "
                "Shorten the text."
            )
        return contract.Payload(
            text=text, length=length, limit=LIMIT, body={"text": text}, warnings=tuple(_warnings(text))
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:  # noqa: ARG002
        def post(client: tweepy.Client) -> str:
            return _identity(client.create_tweet(text=payload.body["text"]))

        try:
            return _receipt(self._ask(post, timeout))
        except _Trouble as trouble:
            if trouble.status == 403 and _mentions_duplicate(trouble):
                raise contract.OutcomeUnknown(
                    "X says that it has this text already, so the post may be live. Look at the account.",
                    code="duplicate_hint",
                ) from trouble
            raise _failure(trouble, POSTED) from trouble

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:  # noqa: ARG002
        """Looks at the account's latest hundred posts."""
        if not link:
            raise contract.CannotRead("Without a tracked link the post cannot be recognised on X. Look at the account.")

        def look(client: tweepy.Client) -> str | None:
            # Who we are never changes for one access token, and X bills and rations the question.
            self._user_id = self._user_id or _identity(client.get_me())
            answer = client.get_users_tweets(
                self._user_id, max_results=100, tweet_fields=["entities", "created_at"], user_auth=True
            )
            if "data" not in answer and answer["meta"]["result_count"] != 0:
                raise ValueError("neither posts nor the word that there are none")
            return next((str(post["id"]) for post in answer.get("data", []) if _carries(post, link)), None)

        try:
            found = self._ask(look, timeout)
        except _Trouble as trouble:
            raise _cannot_read(trouble) from trouble
        return _receipt(found) if found else None

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        def take_down(client: tweepy.Client) -> None:
            if client.delete_tweet(receipt.remote_id)["data"]["deleted"] is not True:
                raise ValueError("X does not say that it is deleted")

        try:
            self._ask(take_down, timeout)
        except _Trouble as trouble:
            if trouble.status != 404:
                raise _failure(trouble, TAKEN_DOWN) from trouble

    def check(self, *, timeout: float) -> contract.Health:
        try:
            account = self._ask(lambda client: f"@{client.get_me()['data']['username']}", timeout)
        except _Trouble as trouble:
            if trouble.status in (401, 403):
                return contract.Health(ok=False, account="", message=SIGN_IN_AGAIN)
            raise _cannot_read(trouble) from trouble
        return contract.Health(ok=True, account=account, message=f"Connected to X as {account}.")

    def _ask(self, work: Callable[[tweepy.Client], T], timeout: float) -> T:
        """One call, or a few in a row, under one deadline; a session of its own, so that threads share nothing."""
        call = x_transport.Call()
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        secrets = {name: getattr(self._secrets, name).get_secret_value() for name in names}
        client = tweepy.Client(**secrets, wait_on_rate_limit=False, return_type=dict)
        sign = tweepy.OAuth1UserHandler(**secrets).apply_auth()
        client.session.max_redirects = 0
        client.session.mount("https://", x_transport.Transport(call, self._settings.api_base, sign, timeout))

        def work_and_close() -> T:
            with client.session:
                return work(client)

        try:
            return call.run(work_and_close, timeout)
        except Exception as error:
            # Whatever failed, in the network, tweepy or the shape of the answer: what the call had reached
            # by then decides what is known, not which library noticed.
            raise _Trouble(call, error) from error


def _assemble(draft: contract.Draft) -> str:
    text = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", draft.text)).strip()
    if not text:
        raise contract.DoesNotFit("There is no text for X. Write one.")
    for given in draft.hashtags:
        tag = unicodedata.normalize("NFC", given).strip().lstrip("#")
        if re.search(r"\s", tag):
            raise contract.DoesNotFit(f"A hashtag on X ends at the first space: write “#{tag}” as one word.")
        if tag and not re.search(rf"(?<!\w)#{re.escape(tag)}(?!\w)", text, re.IGNORECASE):
            text += f" #{tag}"
    if draft.link and not _mentions(text, draft.link):
        text += f"\n\n{draft.link}"
    return text


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
    warnings = []
    if twitter_text.extract_urls(text):
        warnings.append(
            "X charges about $0.20 for a post with a link instead of $0.015. "
            "Leave the link out if the post can do without it."
        )
    warnings += [
        f"Screen readers run “#{tag}” together. If it is several words, begin each with a capital."
        for tag in dict.fromkeys(HASHTAG.findall(text))
        if tag.islower() and len(tag) > HARD_TO_HEAR
    ]
    return warnings


def _mentions(text: str, link: str) -> bool:
    """The link itself and not a longer one that begins like it."""
    return re.search(rf"{re.escape(link)}(?![.?]?[\w/%&=#~+-])", text) is not None


def _carries(post: dict[str, Any], link: str) -> bool:
    if post["text"].startswith("RT @"):  # somebody else's post, which our account repeated
        return False
    addresses = [
        str(url.get(name, "")).rstrip("/")
        for url in post.get("entities", {}).get("urls", [])
        for name in ("expanded_url", "unwound_url")
    ]
    return link.rstrip("/") in addresses or _mentions(html.unescape(post["text"]), link)


def _identity(answer: Any) -> str:
    identity = str(answer["data"]["id"])
    if not identity:
        raise ValueError("an answer without an id")
    return identity


def _receipt(remote_id: str) -> contract.Receipt:
    return contract.Receipt(remote_id=remote_id, url=f"https://x.com/i/web/status/{remote_id}")


def _mentions_duplicate(trouble: _Trouble) -> bool:
    return trouble.response is not None and b"duplicate" in trouble.response.content.lower()


def _failure(trouble: _Trouble, done: str) -> contract.NotSent | contract.OutcomeUnknown:
    """What the end of a call that changes something says about the post. `done` is POSTED or TAKEN_DOWN."""
    if trouble.response is None and not trouble.sent:
        return contract.NotSent(f"X could not be reached, so nothing was {done}.")
    if trouble.status == 401:
        return contract.NotSent(SIGN_IN_AGAIN, code="needs_sign_in", permanent=True)
    if trouble.response is not None and trouble.status == 429:
        return contract.NotSent(
            f"X takes no more calls from us for now, so nothing was {done}.",
            code="rate_limited",
            retry_after=_retry_after(trouble.response),
        )
    if trouble.status in REFUSALS:
        said = f" X says: {trouble.reason}" if trouble.reason else ""
        return contract.NotSent(
            f"X refused, so nothing was {done}.{said}",
            code="refused",
            permanent=True,
        )
    return contract.OutcomeUnknown(f"X gave no clear answer, so it is not known whether the post was {done}.")


def _cannot_read(trouble: _Trouble) -> contract.CannotRead:
    if trouble.status == 401:
        return contract.CannotRead(SIGN_IN_AGAIN, code="needs_sign_in")
    return contract.CannotRead("X gave no usable answer, so nothing is known. Try again later.")


def _retry_after(response: requests.Response) -> float | None:
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
