"""Microsoft Teams: posts a card through a workflow that an administrator makes in Teams (“Workflows”).

The workflow only says that it has taken the card on: it cannot be asked what became of it, nothing can be taken down,
and there is no key. So a card goes out at most once, and every doubt is for a person. Its address is a secret: who
has it can post. The limit and the envelope are those of learn.microsoft.com (create an incoming webhook with
Workflows; the Teams connector's known limits).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.lib import http, wording
from scheduler.channels.lib.fields import Fields

LIMIT = 28_000
"""Bytes of the whole request."""
COUNTING = "bytes of the whole card"
GONE = frozenset({401, 403, 404, 410})
"""The workflow was deleted or switched off, or its address was changed."""


class TeamsSettings(Fields):
    pass


class TeamsSecrets(Fields):
    address: SecretStr = Field(
        title="Address of the workflow",
        description=(
            "Teams shows it when you create the workflow “Send webhook alerts to a channel”. Treat it like a "
            "password: anyone who has it can post."
        ),
    )

    @field_validator("address")
    @classmethod
    def _check_address(cls, address: SecretStr) -> SecretStr:
        parts = urlsplit(address.get_secret_value())
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise ValueError("enter an address that starts with https://")
        return address


class Teams:
    kind: ClassVar[str] = "teams"
    label: ClassVar[str] = "Microsoft Teams"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "staff"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=False, deletes=False, settling=0.0, text=contract.TextLimit(LIMIT, COUNTING)
    )

    Settings: ClassVar[type[BaseModel]] = TeamsSettings
    Secrets: ClassVar[type[BaseModel]] = TeamsSecrets

    def __init__(self, settings: TeamsSettings, secrets: TeamsSecrets, context: contract.AdapterContext) -> None:
        self._secrets = secrets
        self._client = http.SessionClient(self.label, context.network)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        rest = wording.without_title(draft)
        title = draft.title if rest else ""
        text = wording.build_text(replace(draft, text=rest or draft.title, link=""), self.label)
        message = _message(title, text, draft.link)
        length = len(_encode(message))
        wording.check_length(self.label, length, LIMIT, COUNTING)
        shown = "\n\n".join(part for part in (title, text, draft.link) if part)
        return contract.Payload(
            text=shown, length=length, limit=LIMIT, body=message, warnings=tuple(wording.reading_hints(text))
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        try:
            self._client.call(
                lambda session: http.expect_status(
                    session.post(
                        self._secrets.address.get_secret_value(),
                        data=_encode(payload.body),
                        headers={"Content-Type": "application/json; charset=utf-8"},
                    ),
                    200,
                    202,
                ),
                timeout,
            )
        except http.CallFailed as error:
            raise self._failure(error) from None  # the cause names the address, which is a secret
        return contract.Receipt(remote_id=key, url="")

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        raise contract.CannotRead("We cannot check what was posted in Teams. Check the channel there.")

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        raise contract.NotSent(
            "We cannot take down posts in Teams. Delete it there.",
            code="cannot_delete",
            permanent=True,
        )

    def check(self, *, timeout: float) -> contract.Health:
        raise contract.CannotRead(
            "We cannot check Teams without posting. The next post shows if the workflow's address works.",
            code=contract.NOTHING_TO_ASK,
        )

    def _failure(self, error: http.CallFailed) -> contract.NotSent | contract.OutcomeUnknown:
        if error.refused_address:
            return contract.NotSent(
                "The workflow's address is not allowed, so nothing was posted. Connect the channel again.",
                code="address_refused",
                permanent=True,
            )
        if error.status in GONE:
            return contract.NotSent(
                "The workflow in Teams no longer accepts posts at its address, so nothing was posted. Create "
                "a new one there and connect the channel again.",
                code="needs_sign_in",
                permanent=True,
            )
        return self._client.failure(error)


def _message(title: str, text: str, link: str) -> dict[str, Any]:
    """The envelope that the workflow's template expects, with one card. Runs of rich text are shown letter for letter,
    where a TextBlock would take stars and underscores for Markdown."""
    heading = [_line(title, weight="Bolder", size="Medium")] if title else []
    lines = [_line(line) for line in text.split("\n") if line.strip()]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": "en",
        "body": heading + lines,
        "msteams": {"width": "Full"},
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Read more", "tooltip": title or link, "url": link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _line(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _encode(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
