"""Bluesky, or any server of its protocol: counts, sends, reads back and takes down posts of one account.

Leaves to others what is said, when it goes out, and what is done after a named failure. A post is a record whose key we
choose: it follows from the publication's key, and so does the time in it. Putting the same record there again changes
nothing, so the same key twice is one post, and reading back is asking for that record. All is asked of the one address
in the settings: bsky.social passes it on to the account's own server (docs.bsky.app, PDS Entryway).
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

import regex
import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.lib import http, wording
from scheduler.net import network

if TYPE_CHECKING:
    from scheduler.channels.bluesky import client as bluesky_client

T = TypeVar("T")

# Lexicons app.bsky.feed.post and app.bsky.embed.images of github.com/bluesky-social/atproto. A picture's longer side
# and the length of its description are those of the official app (social-app, src/lib/constants.ts).
GRAPHEMES = 300
TEXT = contract.TextLimit(GRAPHEMES, "graphemes")
BYTES = 3_000
PICTURES = contract.PictureLimits(most=4, bytes=999_999, side=2_000, alt_text=2_000)

TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
ENDED = frozenset({"ExpiredToken", "InvalidToken"})
"""What a server says, with status 400, of a session that is over."""
TO_PREPARE = 0.6
"""Share of the time that signing in and uploading may take; the rest is kept for the post."""


class BlueskySettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    handle: str = Field(
        pattern=r"^@?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        title="Handle",
        description="The account's name, for example riverside.bsky.social",
    )
    pds: str = Field(
        default="https://bsky.social",
        pattern=r"^https?://[^\s/?#@]+/?$",
        title="Address of the account's server",
        description="Leave it as it is, unless your organisation runs a server (PDS) of its own.",
    )
    language: str = Field(
        default="en",
        pattern="^[a-z]{2,3}$",
        title="Language of the posts",
        description="Two or three letters, for example en. Readers filter and translate by it.",
    )

    @field_validator("handle")
    @classmethod
    def _plain(cls, handle: str) -> str:
        return handle.removeprefix("@").lower()

    @field_validator("pds")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")


class BlueskySecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    app_password: SecretStr = Field(
        min_length=1, title="App password", description="Made for Promenade alone; not the account's own password."
    )


class Kept:
    """The session of one connection in this process. Servers allow 30 sign-ins in 5 minutes and 300 a day."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sign_in: bluesky_client.SignIn | None = None


_sessions: dict[str, Kept] = {}
_sessions_lock = threading.Lock()


class Bluesky:
    kind: ClassVar[str] = "bluesky"
    label: ClassVar[str] = "Bluesky"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        found_by_key=True,
        deletes=True,
        settling=10.0,
        idempotent=True,
        text=TEXT,
        pictures=PICTURES,
    )

    Settings: ClassVar[type[BaseModel]] = BlueskySettings
    Secrets: ClassVar[type[BaseModel]] = BlueskySecrets

    def __init__(self, settings: BlueskySettings, secrets: BlueskySecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._client = http.ChannelClient(self.label, context.network, explain=_explained, wait=_wait)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES.most, PICTURES.alt_text)
        text = wording.build_text(draft, self.label)
        length, size = len(regex.findall(r"\X", text)), len(text.encode())
        if length > GRAPHEMES:
            raise wording.too_long(self.label, length - GRAPHEMES, GRAPHEMES, "a link counts in full, an emoji 1")
        if size > BYTES:
            raise wording.too_long(self.label, size - BYTES, BYTES, "counted in bytes, of which an emoji has several")
        body = {"text": text, "facets": _facets(text, draft.link), "langs": [self._settings.language]}
        return contract.Payload(
            text=text,
            length=length,
            limit=GRAPHEMES,
            body=body,
            warnings=tuple(_warnings(text) + wording.warnings(text, draft.pictures)),
            pictures=draft.pictures,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        _sdk()  # before the time runs
        deadline, preparing = http.Deadline(timeout), http.Deadline(timeout * TO_PREPARE)
        record = {"$type": "app.bsky.feed.post", **payload.body, "createdAt": created_at(key)}
        try:
            self._signed_in(preparing)
            if payload.pictures:
                record["embed"] = self._uploaded(payload.pictures, preparing)
        except http.CallFailed as error:
            raise self._client.not_sent(error) from error
        try:
            return _receipt(self._ask(lambda client, by: client.put(record_key(key), record, by), deadline))
        except http.CallFailed as error:
            raise self._client.failure(error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:  # noqa: ARG002
        _sdk()
        try:
            return _receipt(self._ask(lambda client, by: client.get(record_key(key), by), http.Deadline(timeout)))
        except http.CallFailed as error:
            if _error(error) == "RecordNotFound":
                return None
            raise self._client.cannot_read(error) from error

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        _sdk()
        deadline = http.Deadline(timeout)
        key_of_record = receipt.remote_id.rpartition("/")[2]
        try:
            if not receipt.remote_id.startswith(f"at://{self._signed_in(deadline).did}/"):
                raise contract.NotSent(
                    "This post is another account's. Sign in to Bluesky as that one, and delete it there.",
                    code="other_account",
                    permanent=True,
                )
            self._ask(lambda client, by: client.delete(key_of_record, by), deadline)
        except http.CallFailed as error:
            raise self._client.failure(error, http.TAKEN_DOWN) from error

    def check(self, *, timeout: float) -> contract.Health:
        _sdk()
        try:
            handle = self._ask(lambda client, by: client.handle(by), http.Deadline(timeout))
        except http.CallFailed as error:
            if error.status in (400, 401, 403):
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            raise self._client.cannot_read(error) from error
        return contract.Health(ok=True, account=f"@{handle}", message=f"Connected to Bluesky as @{handle}.")

    def _uploaded(self, pictures: tuple[contract.Picture, ...], deadline: http.Deadline) -> dict[str, Any]:
        def upload(client: bluesky_client.Client, by: bluesky_client.SignIn) -> list[dict[str, Any]]:
            return [
                {
                    "image": client.upload(picture, by),
                    "alt": picture.alt_text,
                    "aspectRatio": {"width": picture.width, "height": picture.height},
                }
                for picture in pictures
            ]

        return {"$type": "app.bsky.embed.images", "images": self._ask(upload, deadline)}

    def _ask(self, work: Callable[[bluesky_client.Client, bluesky_client.SignIn], T], deadline: http.Deadline) -> T:
        """As the account; once more where the session turns out to have ended, for then nothing was done."""
        sign_in = self._signed_in(deadline)
        try:
            return self._ask_server(lambda client: work(client, sign_in), deadline)
        except http.CallFailed as error:
            if error.status != 401 and _error(error) not in ENDED:
                raise
        anew = self._signed_in(deadline, ended=sign_in)
        return self._ask_server(lambda client: work(client, anew), deadline)

    def _signed_in(self, deadline: http.Deadline, ended: bluesky_client.SignIn | None = None) -> bluesky_client.SignIn:
        """This process's session, made anew where there is none or it has ended. Raises CallFailed, of a call that
        published nothing."""
        kept = self._kept()
        if not kept.lock.acquire(timeout=deadline.left()):
            raise http.CallFailed(network.Call(self._client.via), TimeoutError())
        try:
            if kept.sign_in is None or kept.sign_in is ended:
                kept.sign_in = None
                kept.sign_in = (ended and self._refreshed(ended, deadline)) or self._new_sign_in(deadline)
            return kept.sign_in
        except http.CallFailed as error:
            error.sent = False
            raise
        finally:
            kept.lock.release()

    def _refreshed(self, ended: bluesky_client.SignIn, deadline: http.Deadline) -> bluesky_client.SignIn | None:
        try:
            return self._ask_server(lambda client: client.refresh(ended), deadline)
        except http.CallFailed as error:
            if error.status in (400, 401, 403):
                return None
            raise

    def _new_sign_in(self, deadline: http.Deadline) -> bluesky_client.SignIn:
        password = self._secrets.app_password.get_secret_value()
        return self._ask_server(lambda client: client.sign_in(self._settings.handle, password), deadline)

    def _ask_server(self, work: Callable[[bluesky_client.Client], T], deadline: http.Deadline) -> T:
        def through_the_sdk(session: requests.Session) -> T:
            return work(_sdk().Client(session, self._settings.pds))

        return self._client.ask(through_the_sdk, deadline.left())

    def _kept(self) -> Kept:
        named = (self._settings.pds, self._settings.handle, self._secrets.app_password.get_secret_value())
        identity = hashlib.sha256("\n".join(named).encode()).hexdigest()
        with _sessions_lock:
            return _sessions.setdefault(identity, Kept())


def record_key(key: str) -> str:
    """A TID (atproto.com/specs/tid): 53 bits of microseconds, then 10 of a clock's number, in 13 characters that sort
    by time. The milliseconds are the key's own; its random bits tell apart what falls into the same one."""
    bits = uuid.UUID(key).int
    random = bits & (1 << 62) - 1
    tid = ((bits >> 80) * 1000 + (random >> 10) % 1000) << 10 | random & 0x3FF
    return "".join(TID_ALPHABET[tid >> shift & 31] for shift in range(60, -1, -5))


def created_at(key: str) -> str:
    milliseconds = uuid.UUID(key).int >> 80
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sdk() -> Any:
    # half a second, which nobody without Bluesky should wait for
    from scheduler.channels.bluesky import client as bluesky_client

    return bluesky_client


def _facets(text: str, link: str) -> list[dict[str, Any]]:
    """What can be opened or searched for by a tap. The tracked link is among them whatever stands around it: without
    its facet it would be mere letters."""
    ours = [
        {
            "index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": link}],
        }
        for start, end in (wording.link_spans(text, link) if link else [])
    ]
    others = [facet for facet in _sdk().facets(text) if not any(_overlap(facet, mine) for mine in ours)]
    return sorted(ours + others, key=lambda facet: int(facet["index"]["byteStart"]))


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = one["index"], other["index"]
    return bool(first["byteStart"] < second["byteEnd"] and second["byteStart"] < first["byteEnd"])


def _warnings(text: str) -> list[str]:
    return [
        f"@{handle} is not told of this post and cannot be opened by a tap. Where that matters, post it by hand."
        for handle in dict.fromkeys(_sdk().mentions(text))
    ]


def _receipt(address: str) -> contract.Receipt:
    """Of at://<account>/app.bsky.feed.post/<record key>."""
    account, _, key_of_record = address.removeprefix("at://").split("/")
    return contract.Receipt(remote_id=address, url=f"https://bsky.app/profile/{account}/post/{key_of_record}")


def _error(error: http.CallFailed) -> str:
    """The name that the server gives what went wrong."""
    if error.status != 400 or error.response is None:
        return ""
    try:
        return str(error.response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def _explained(response: requests.Response) -> str:
    said = response.json()
    return str(said.get("message") or said["error"])


def _wait(response: requests.Response) -> float | None:
    """The server tells the second when it takes calls again."""
    reset = response.headers.get("RateLimit-Reset", "")
    if reset.isdecimal():
        return max(0.0, int(reset) - datetime.now(UTC).timestamp())
    return http.retry_after(response)
