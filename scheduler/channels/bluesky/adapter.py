"""Bluesky, or any server of its protocol: counts, sends, reads back and takes down posts of one account.

Leaves to others what is said, when it goes out, and what is done after a named failure. A post is a record whose key we
choose: it follows from the publication's key, and so does the time in it. Putting the same record there again changes
nothing, so the same key twice is one post, and reading back is asking for that record. All is asked of the one address
in the settings: bsky.social passes it on to the account's own server (docs.bsky.app, PDS Entryway).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.bluesky.account import BlueskyAccount, error_name
from scheduler.channels.bluesky.record import created_at, facets, record_key, sdk
from scheduler.channels.bluesky.settings import BlueskySecrets, BlueskySettings
from scheduler.channels.lib import http, wording

if TYPE_CHECKING:
    from scheduler.channels.bluesky.client import Client, Session

# Lexicons app.bsky.feed.post and app.bsky.embed.images of github.com/bluesky-social/atproto. A picture's longer side
# and the length of its description are those of the official app (social-app, src/lib/constants.ts).
GRAPHEMES = 300
BYTES = 3_000
PICTURES = contract.PictureLimits(maximum=4, bytes=999_999, side=2_000, alt_text=2_000)


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
        text=contract.TextLimit(GRAPHEMES, "characters"),
        pictures=PICTURES,
    )

    Settings: ClassVar[type[BaseModel]] = BlueskySettings
    Secrets: ClassVar[type[BaseModel]] = BlueskySecrets

    def __init__(self, settings: BlueskySettings, secrets: BlueskySecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._account = BlueskyAccount(context.network, settings, secrets)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES)
        text = wording.build_text(draft, self.label)
        length = wording.graphemes(text)
        wording.check_length(self.label, length, GRAPHEMES, "a link counts in full, an emoji as 1")
        wording.check_length(self.label, len(text.encode()), BYTES, "counted in bytes; an emoji uses several")
        warnings = [
            f"@{handle} is not notified, and their name is not a link. If that matters, post it yourself."
            for handle in dict.fromkeys(sdk().mentions(text))
        ]
        body = {"text": text, "facets": facets(text, draft.link), "langs": [self._settings.language]}
        return wording.build_payload(draft, text, length=length, limit=GRAPHEMES, body=body, warnings=warnings)

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        sdk()  # before the time runs
        deadline = http.Deadline(timeout)
        preparation = deadline.for_preparation()
        record = {"$type": "app.bsky.feed.post", **payload.body, "createdAt": created_at(key)}
        try:
            self._account.ensure_session(preparation)
            if payload.pictures:
                record["embed"] = self._upload(payload.pictures, preparation)
        except http.CallFailed as error:
            raise self._account.not_sent(error) from error
        try:
            return self._account.call_signed_in(
                lambda client, by: _receipt(client.put(record_key(key), record, by)), deadline
            )
        except http.CallFailed as error:
            raise self._account.failure(error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        sdk()
        try:
            return self._account.call_signed_in(
                lambda client, by: _receipt(client.get(record_key(key), by)), http.Deadline(timeout)
            )
        except http.CallFailed as error:
            if error_name(error) == "RecordNotFound":
                return None
            raise self._account.cannot_read(error) from error

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        sdk()
        deadline = http.Deadline(timeout)
        key_of_record = receipt.remote_id.rpartition("/")[2]
        try:
            if not receipt.remote_id.startswith(f"at://{self._account.ensure_session(deadline).did}/"):
                raise contract.NotSent(
                    "This post belongs to another account. Sign in to Bluesky as that one, and delete it there.",
                    code="other_account",
                    permanent=True,
                )
            self._account.call_signed_in(lambda client, by: client.delete(key_of_record, by), deadline)
        except http.CallFailed as error:
            raise self._account.failure(error, http.TAKEN_DOWN) from error

    def check(self, *, timeout: float) -> contract.Health:
        sdk()
        try:
            handle = self._account.call_signed_in(lambda client, by: client.handle(by), http.Deadline(timeout))
        except http.CallFailed as error:
            return self._account.signed_out(error, 400, 401, 403)
        return contract.Health(ok=True, account=f"@{handle}", message=f"Connected to Bluesky as @{handle}.")

    def _upload(self, pictures: tuple[contract.Picture, ...], deadline: http.Deadline) -> dict[str, Any]:
        def upload(client: Client, by: Session) -> list[dict[str, Any]]:
            return [
                {
                    "image": client.upload(picture, by),
                    "alt": picture.alt_text,
                    "aspectRatio": {"width": picture.width, "height": picture.height},
                }
                for picture in pictures
            ]

        return {"$type": "app.bsky.embed.images", "images": self._account.call_signed_in(upload, deadline)}


def _receipt(address: str) -> contract.Receipt:
    """Of at://<account>/app.bsky.feed.post/<record key>."""
    account, _, key_of_record = address.removeprefix("at://").split("/")
    return contract.Receipt(remote_id=address, url=f"https://bsky.app/profile/{account}/post/{key_of_record}")
