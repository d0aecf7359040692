"""A receiver of the organisation's own: each publication is handed over as signed JSON (standardwebhooks.com).

Nothing can be read back there. Whether a repeated message becomes a second post is up to the receiver, so it is asked
again after a lost answer only where its administrator says that it knows a `webhook-id` again.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, signing, wording
from scheduler.channels.lib.fields import Fields

NO_LONGER_TAKEN = frozenset({401, 403, 410})
"""The receiver refuses our signature, or (410) wants no more messages."""


class WebhookSettings(Fields):
    address: str = Field(
        max_length=1000,
        pattern=r"^https?://[^\s/?#@]+(/[^\s#]*)?$",
        title="Address of the receiver",
        description="Starts with https://. We send messages there by POST.",
    )
    deduplicates: bool = Field(
        default=False,
        title="The receiver ignores repeats of the same webhook-id",
        description=(
            "Only select this if the supplier confirms it. If the receiver does not reply, we then send the "
            "message again. Otherwise we ask you to check."
        ),
    )


class WebhookSecrets(Fields):
    signing_secret: SecretStr = Field(
        title="Signing secret",
        description="Shared with the receiver, which uses it to check each message. Starts with whsec_.",
    )

    @field_validator("signing_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr) -> SecretStr:
        if not signing.is_secret(secret.get_secret_value()):
            raise ValueError("a signing secret is whsec_ and 24 to 64 random bytes in base64")
        return secret


class Webhook:
    kind: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Webhook"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "either"
    abilities: contract.Abilities = contract.Abilities(
        reads_back=False, deletes=False, settling=0.0, carries_document=True
    )
    """Of a connection: the class does not know whether its receiver deduplicates."""

    Settings: ClassVar[type[BaseModel]] = WebhookSettings
    Secrets: ClassVar[type[BaseModel]] = WebhookSecrets

    def __init__(self, settings: WebhookSettings, secrets: WebhookSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._client = http.SessionClient("The receiver", context.network)
        self.abilities = replace(type(self).abilities, idempotent=settings.deduplicates)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        text = wording.build_text(draft, self.label)
        data = {
            "title": draft.title,
            "text": text,
            "link": draft.link,
            "hashtags": list(draft.hashtags),
            "summary": draft.document.summary if draft.document else "",
            "html": draft.document.html_elsewhere if draft.document else "",
        }
        return contract.Payload(
            text=text, length=len(text), limit=None, body=data, warnings=tuple(wording.reading_hints(text))
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        first_attempt = datetime.fromtimestamp(recent_posts.first_attempt_at(key) or 0.0, UTC)
        try:
            self._post_message("publication", key, first_attempt, payload.body, timeout)
        except http.CallFailed as error:
            if error.status in NO_LONGER_TAKEN:
                raise contract.NotSent(_refusal(error), code="needs_sign_in", permanent=True) from None
            raise self._client.failure(error) from None  # the cause names the address, which may hold a token
        return contract.Receipt(remote_id=key, url="")

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        raise contract.CannotRead("We cannot check what the receiver accepted. Check there.")

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        raise contract.NotSent("Take it down on the receiver's side.", code="cannot_delete", permanent=True)

    def check(self, *, timeout: float) -> contract.Health:
        """Hands over a message of type `ping`."""
        try:
            self._post_message("ping", f"ping_{uuid.uuid4()}", datetime.now(UTC), {}, timeout)
        except http.CallFailed as error:
            if error.status in NO_LONGER_TAKEN:
                return contract.Health(ok=False, account="", message=_refusal(error))
            raise self._client.cannot_read(error) from None
        return contract.Health(
            ok=True, account="A receiver", message="The receiver accepted a signed test message (a ping)."
        )

    def _post_message(self, kind: str, message_id: str, at: datetime, data: dict[str, Any], timeout: float) -> None:
        message = {"type": kind, "timestamp": at.isoformat(), "data": data}
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        secret = self._secrets.signing_secret.get_secret_value()
        headers = signing.headers(body, message_id=message_id, signed_with=[secret])
        self._client.call(
            lambda session: http.expect_status(session.post(self._settings.address, data=body, headers=headers)),
            timeout,
        )


def _refusal(error: http.CallFailed) -> str:
    if error.status == 410:
        return "The receiver says it does not accept any more messages (410 Gone). Connect the channel again."
    return "The receiver did not accept our signature. Enter the receiver's signing secret again."
