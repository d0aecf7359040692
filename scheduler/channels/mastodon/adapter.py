"""Mastodon, or any server that speaks its API: counts, sends, reads back and takes down posts of one account.

Leaves to others what is said, when it goes out, and what is done after a named failure. The key goes along as
Idempotency-Key: a server that keeps it (Mastodon does, for about an hour) makes one post of two equal requests. As some
servers ignore it, `abilities` does not promise that.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

import mastodon
from mastodon._url_regex import url_regex
from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import SignIn
from scheduler.channels.mastodon import client as mastodon_client
from scheduler.channels.mastodon.settings import CHARACTERS, MastodonSecrets, MastodonSettings
from scheduler.channels.mastodon.sign_in import PERMISSIONS, SIGN_IN
from scheduler.net import answer

PICTURES = contract.PictureLimits(maximum=4, bytes=8_000_000, side=3840, alt_text=1_500)
"""Larger pictures are taken too, up to 16 MB, and shrunk by the server (docs.joinmastodon.org, methods/media)."""
LIMITS = {"characters": "max_characters", "characters_reserved_per_url": "characters_reserved_per_url"}
"""Settings that a server tells of itself, and their names there."""
MENTION = re.compile(r"(^|[^/\w])@(([a-z0-9_]+)@[a-z0-9.\-]+[a-z0-9]+)", re.IGNORECASE)
"""Of somebody on another server: only the name counts. As in Mastodon's StatusLengthValidator."""


class Mastodon:
    kind: ClassVar[str] = "mastodon"
    label: ClassVar[str] = "Mastodon"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=True,
        settling=10.0,
        text=contract.TextLimit(CHARACTERS, "characters"),
        pictures=PICTURES,
    )

    Settings: ClassVar[type[BaseModel]] = MastodonSettings
    Secrets: ClassVar[type[BaseModel]] = MastodonSecrets
    sign_in: ClassVar[SignIn] = SIGN_IN

    def __init__(self, settings: MastodonSettings, secrets: MastodonSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._client = mastodon_client.MastodonClient(context.network, settings, secrets)
        self._account_id = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES)
        text = wording.build_text(draft, self.label)
        limit, per_url = self._settings.characters, self._settings.characters_reserved_per_url
        length = _length(text, per_url)
        wording.check_length(self.label, length, limit, f"a link counts as {per_url}, an emoji as 1")
        body = {"status": text, "visibility": self._settings.visibility, "language": self._settings.language}
        return wording.build_payload(draft, text, length=length, limit=limit, body=body)

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        media = self._upload(payload.pictures, deadline.for_preparation().left()) if payload.pictures else None
        return self._client.send(
            lambda client: _receipt(client.status_post(**payload.body, media_ids=media, idempotency_key=key)),
            deadline.left(),
        )

    def _upload(self, pictures: tuple[contract.Picture, ...], timeout: float) -> list[str]:
        try:
            return self._client.call(
                lambda client: [mastodon_client.upload(client, picture) for picture in pictures], timeout
            )
        except http.CallFailed as error:
            if error.status in (202, 206):
                raise contract.NotSent(
                    "Mastodon did not process a picture in time, so nothing was posted.", code="picture_not_ready"
                ) from error
            raise self._client.not_sent(error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        self._client.require_link(link)

        def look(client: mastodon.Mastodon) -> contract.Receipt | None:
            self._account_id = self._account_id or answer.identity_of(client.account_verify_credentials()["id"])
            post = recent_posts.find(
                mastodon_client.pages(client, self._account_id),
                key=key,
                link=link,
                created_at=mastodon_client.created_at,
                has_link=mastodon_client.has_link,
            )
            return _receipt(post) if post else None

        return self._client.read(look, timeout)

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        """The server says 404 of a post of another account too, which may have been connected then: so we look."""
        deadline = http.Deadline(timeout)
        try:
            self._client.call(lambda client: client.status_delete(receipt.remote_id), deadline.left())
        except http.CallFailed as error:
            if error.status != 404:
                raise self._client.failure(error, http.TAKEN_DOWN) from error
        else:
            return
        try:
            self._client.call(lambda client: client.status(receipt.remote_id), deadline.left())
        except http.CallFailed as error:
            if error.status == 404:
                return
            raise contract.OutcomeUnknown("We do not know if the post is still on Mastodon.") from error
        raise contract.NotSent(
            "This post belongs to another account. Sign in to Mastodon as that one, and delete it there.",
            code="other_account",
            permanent=True,
        )

    def check(self, *, timeout: float) -> contract.Health:
        deadline = http.Deadline(timeout)
        try:
            username = self._client.call(
                lambda client: answer.text_of(client.account_verify_credentials()["username"]), deadline.left()
            )
        except http.CallFailed as error:
            if error.status == 403:
                return contract.Health(ok=False, account="", message=_permissions_missing(PERMISSIONS))
            return self._client.signed_out(error)
        account, missing = f"@{username}", self._missing_permissions(deadline.left())
        if missing:
            return contract.Health(ok=False, account=account, message=_permissions_missing(missing))
        message = f"Connected to Mastodon as {account}."
        return contract.Health(ok=True, account=account, message=message, settings=self._own_limits(deadline.left()))

    def _missing_permissions(self, timeout: float) -> list[str]:
        """None where the server does not tell, as Mastodon before 4.3."""

        def ask(client: mastodon.Mastodon) -> set[str]:
            return {answer.text_of(scope) for scope in client.app_verify_credentials().get("scopes") or []}

        try:
            scopes = self._client.call(ask, timeout)
        except http.CallFailed:
            return []
        return [name for name in PERMISSIONS if scopes and not {name, name.partition(":")[0]} & scopes]

    def _own_limits(self, timeout: float) -> dict[str, int]:
        """This server's, as settings; none where it does not tell."""

        def ask(client: mastodon.Mastodon) -> dict[str, int]:
            limits = client.instance_v2()["configuration"]["statuses"]
            found = {name: answer.number_of(limits[theirs]) for name, theirs in LIMITS.items()}
            MastodonSettings.model_validate(self._settings.model_dump() | found)
            return found

        try:
            return self._client.call(ask, timeout)
        except http.CallFailed:
            return {}


def _length(text: str, per_url: int) -> int:
    """Graphemes, as Mastodon counts them (app/validators/status_length_validator.rb)."""
    with_short_links = url_regex.sub(lambda found: found.group(2) + "x" * per_url, text)
    return wording.graphemes(MENTION.sub(r"\1@\3", with_short_links))


def _receipt(post: Any) -> contract.Receipt:
    return contract.Receipt(remote_id=answer.identity_of(post["id"]), url=str(post.get("url") or post.get("uri") or ""))


def _permissions_missing(permissions: tuple[str, ...] | list[str]) -> str:
    return f"The access token does not have enough permissions. Create a new one with {', '.join(permissions)}."
