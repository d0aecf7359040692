"""Signs what goes out to a receiver of ours, as standardwebhooks.com lays down."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a signing secret (Standard Webhooks 1.0, "Signature scheme")."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(given: str) -> bool:
    try:
        key = base64.b64decode(given.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return given.startswith(PREFIX) and SHORTEST <= len(key) <= LONGEST


def headers(body: bytes, *, message_id: str, signed_with: Iterable[str]) -> dict[str, str]:
    """With several secrets, each signs: a receiver that has not changed over yet still knows one."""
    now = datetime.now(UTC)
    signatures = [Webhook(secret).sign(message_id, now, body.decode()) for secret in signed_with]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
