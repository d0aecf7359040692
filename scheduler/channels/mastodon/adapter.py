"""Mastodon, and servers that speak its API: counts, sends, reads back and takes down posts of one account.

Leaves to others what is said, when it goes out, and what is done after a named failure. The key goes along as
Idempotency-Key: a server that keeps it (Mastodon does, for about an hour) makes one post of two equal requests. As some
servers ignore it, `abilities` does not promise that.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, TypeVar

import mastodon
import regex
import requests
from dateutil import parser as dates
from mastodon._url_regex import url_regex
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import SignIn
from scheduler.channels.mastodon import sign_in as mastodon_sign_in
from scheduler.channels.mastodon.sign_in import PERMISSIONS

T = TypeVar("T")

# docs.joinmastodon.org: user/posting, methods/media, entities/Instance; a server's own numbers come in by its check.
CHARACTERS = 500
CHARACTERS_RESERVED_PER_URL = 23
PICTURES = contract.PictureLimits(most=4, bytes=8_000_000, side=3840, alt_text=1_500)
"""Larger pictures are taken too, up to 16 MB, and shrunk by the server."""
LIMITS = {"characters": "max_characters", "characters_reserved_per_url": "characters_reserved_per_url"}
"""Settings that a server tells of itself, and their names there."""
LATEST = 40
"""Posts that one answer holds at most."""

MENTION = re.compile(r"(^|[^/\w])@(([a-z0-9_]+)@[a-z0-9.\-]+[a-z0-9]+)", re.IGNORECASE)
"""Of somebody on another server: only the name counts. As in Mastodon's StatusLengthValidator."""
API_VERSION = "4.0.0"
"""What is asked exists since then. Named, so that the library does not ask the server for its version."""
POLL_EVERY = 0.5
"""Seconds between two questions whether a picture is ready."""
FOR_PICTURES = 0.6
"""Share of the time that uploading may take; the rest is kept for the post."""


class MastodonSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    instance: str = Field(
        pattern=r"^https?://[^\s/?#@]+/?$",
        title="Address of the server",
        description="Where the account lives, for example https://mastodon.social",
    )
    visibility: Literal["public", "unlisted", "private"] = Field(
        default="public",
        title="Who sees the posts",
        description="public: everyone. unlisted: everyone, but not in the server's timelines. private: followers.",
    )
    language: str = Field(
        default="en",
        pattern="^[a-z]{2,3}$",
        title="Language of the posts",
        description="Two or three letters, for example en. Readers filter and translate by it.",
    )
    characters: int = Field(
        default=CHARACTERS,
        ge=1,
        le=100_000,
        title="Characters that a post may have",
        description="Most servers take 500. Checking the connection brings in this server's own number.",
    )
    characters_reserved_per_url: int = Field(
        default=CHARACTERS_RESERVED_PER_URL,
        ge=1,
        le=1_000,
        title="Characters that a link counts",
        description="23 on most servers. Checking the connection brings in this server's own number.",
    )

    @field_validator("instance")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")


class MastodonSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    access_token: SecretStr = Field(min_length=1, title="Access token")


class Mastodon:
    kind: ClassVar[str] = "mastodon"
    label: ClassVar[str] = "Mastodon"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=True,
        settling=10.0,
        text=contract.TextLimit(CHARACTERS, "graphemes"),
        pictures=PICTURES,
    )

    Settings: ClassVar[type[BaseModel]] = MastodonSettings
    Secrets: ClassVar[type[BaseModel]] = MastodonSecrets
    sign_in: ClassVar[SignIn] = mastodon_sign_in.SIGN_IN

    def __init__(self, settings: MastodonSettings, secrets: MastodonSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._client = http.ChannelClient(self.label, context.network, explain=_explained, wait=_wait)
        self._account_id = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES.most, PICTURES.alt_text)
        text = wording.build_text(draft, self.label)
        limit, per_url = self._settings.characters, self._settings.characters_reserved_per_url
        length = _counted(text, per_url)
        if length > limit:
            raise wording.too_long(self.label, length - limit, limit, f"a link counts {per_url}, an emoji 1")
        body = {"status": text, "visibility": self._settings.visibility, "language": self._settings.language}
        warnings = tuple(wording.warnings(text, draft.pictures))
        return contract.Payload(
            text=text, length=length, limit=limit, body=body, warnings=warnings, pictures=draft.pictures
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        media = self._upload(payload.pictures, timeout * FOR_PICTURES) if payload.pictures else None
        try:
            return self._ask(
                lambda client: _receipt(client.status_post(**payload.body, media_ids=media, idempotency_key=key)),
                deadline.left(),
            )
        except http.CallFailed as error:
            raise self._client.failure(error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        """Looks at the account's posts since our first try."""
        if not link:
            raise contract.CannotRead(
                "Without a tracked link the post cannot be recognised on Mastodon. Look at the account."
            )

        def look(client: mastodon.Mastodon) -> contract.Receipt | None:
            self._account_id = self._account_id or str(client.account_verify_credentials()["id"])
            posts = recent_posts.since_first_attempt(_pages(client, self._account_id), _moment, key)
            # A link stands in its own address, however much of it the server shows.
            found = (post for post in posts if wording.contains_link(html.unescape(post["content"]), link))
            return next((_receipt(post) for post in found if not post.get("reblog")), None)

        try:
            return self._ask(look, timeout)
        except http.CallFailed as error:
            raise self._client.cannot_read(error) from error

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        deadline = http.Deadline(timeout)
        try:
            self._ask(lambda client: client.status_delete(receipt.remote_id), deadline.left())
        except http.CallFailed as error:
            if error.status != 404:
                raise self._client.failure(error, http.TAKEN_DOWN) from error
        else:
            return
        self._make_sure_that_it_is_gone(receipt, deadline.left())

    def _make_sure_that_it_is_gone(self, receipt: contract.Receipt, timeout: float) -> None:
        """The server says the same of a post of another account, which may have been connected then."""
        try:
            self._ask(lambda client: client.status(receipt.remote_id), timeout)
        except http.CallFailed as error:
            if error.status == 404:
                return
            raise contract.OutcomeUnknown("It is not known whether the post is still on Mastodon.") from error
        raise contract.NotSent(
            "This post is another account's. Sign in to Mastodon as that one, and delete it there.",
            code="other_account",
            permanent=True,
        )

    def check(self, *, timeout: float) -> contract.Health:
        deadline = http.Deadline(timeout)
        try:
            account = self._ask(lambda client: f"@{client.account_verify_credentials()['username']}", deadline.left())
        except http.CallFailed as error:
            if error.status == 401:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            if error.status == 403:
                return contract.Health(ok=False, account="", message=_lacking(PERMISSIONS))
            raise self._client.cannot_read(error) from error
        lacking = self._lacking_permissions(deadline.left())
        if lacking:
            return contract.Health(ok=False, account=account, message=_lacking(lacking))
        message = f"Connected to Mastodon as {account}."
        return contract.Health(ok=True, account=account, message=message, settings=self._own_limits(deadline.left()))

    def _lacking_permissions(self, timeout: float) -> list[str]:
        """None where the server does not tell, as Mastodon before 4.3."""
        try:
            scopes = self._ask(lambda client: client.app_verify_credentials().get("scopes") or [], timeout)
        except http.CallFailed:
            return []
        return [name for name in PERMISSIONS if scopes and not {name, name.partition(":")[0]} & set(scopes)]

    def _own_limits(self, timeout: float) -> dict[str, int]:
        """This server's, as settings; none where it does not tell."""
        try:
            limits = self._ask(lambda client: client.instance_v2()["configuration"]["statuses"], timeout)
            found = {name: int(limits[told_as]) for name, told_as in LIMITS.items()}
            MastodonSettings.model_validate(self._settings.model_dump() | found)
        except (http.CallFailed, KeyError, TypeError, ValueError):
            return {}
        return found

    def _upload(self, pictures: tuple[contract.Picture, ...], timeout: float) -> list[str]:
        def upload(client: mastodon.Mastodon) -> list[str]:
            return [_uploaded(client, picture) for picture in pictures]

        try:
            return self._ask(upload, timeout)
        except http.CallFailed as error:
            if error.status in (202, 206):
                raise contract.NotSent(
                    "Mastodon did not get a picture ready in time, so nothing was posted.", code="picture_not_ready"
                ) from error
            raise self._client.not_sent(error) from error

    def _ask(self, work: Callable[[mastodon.Mastodon], T], timeout: float) -> T:
        """A client of its own for each question, so that threads share nothing."""

        def through_mastodon(session: requests.Session) -> T:
            client = mastodon.Mastodon(
                api_base_url=self._settings.instance,
                session=session,
                ratelimit_method="throw",  # it would sleep inside the worker
                mastodon_version=API_VERSION,
                version_check_mode="created",
                user_agent="Promenade",
            )
            # Not by the constructor, which opens a file of this name if there is one.
            client.access_token = self._secrets.access_token.get_secret_value()
            return work(client)

        return self._client.ask(through_mastodon, timeout)


def _counted(text: str, per_url: int) -> int:
    """Graphemes, as Mastodon counts them (app/validators/status_length_validator.rb)."""
    with_short_links = url_regex.sub(lambda found: found.group(2) + "x" * per_url, text)
    return len(regex.findall(r"\X", MENTION.sub(r"\1@\3", with_short_links)))


def _uploaded(client: mastodon.Mastodon, picture: contract.Picture) -> str:
    """The id of the picture, once it is ready to be posted: until then it has no address."""
    media: Any = client.media_post(picture.data, picture.media_type, description=picture.alt_text)
    while media["url"] is None:
        time.sleep(POLL_EVERY)
        media = client.media(media["id"])
    return str(media["id"])


def _pages(client: mastodon.Mastodon, account_id: str) -> Iterator[list[Any]]:
    """The account's posts, the newest first."""
    before = None
    while posts := client.account_statuses(account_id, exclude_reblogs=True, max_id=before, limit=LATEST):
        if not isinstance(posts, list):
            raise http.UnexpectedResponse("not a list of posts")
        yield posts
        before = posts[-1]["id"]


def _moment(post: Any) -> float:
    return float(post["created_at"].timestamp())


def _receipt(post: Any) -> contract.Receipt:
    remote_id = str(post["id"] or "")
    if not remote_id:
        raise http.UnexpectedResponse("a post without an id")
    return contract.Receipt(remote_id=remote_id, url=post.get("url") or post.get("uri") or "")


def _lacking(permissions: tuple[str, ...] | list[str]) -> str:
    return f"The access token lacks permissions. Make a new one that has {', '.join(permissions)}."


def _explained(response: requests.Response) -> str:
    return str(response.json()["error"])


def _wait(response: requests.Response) -> float | None:
    """Mastodon tells the moment when it takes calls again; others the seconds."""
    seconds = http.retry_after(response)
    reset = response.headers.get("X-RateLimit-Reset", "")
    if seconds is not None or not reset:
        return seconds
    try:
        until = datetime.fromtimestamp(float(reset), UTC) if reset.isdecimal() else dates.isoparse(reset)
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
