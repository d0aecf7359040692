"""Tells keys apart without saying anything of them. Knows no Django: a restore asks before the settings are read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def key_fingerprints(secret_keys: Sequence[str], encryption_keys: Sequence[str]) -> list[str]:
    """Of every pair of keys that decrypts; the first is of those that encrypt. They tell keys apart and say no more."""
    pairs = [(secret, encryption) for secret in secret_keys for encryption in encryption_keys]
    return [hashlib.blake2s(f"promenade {secret} {key}".encode(), digest_size=8).hexdigest() for secret, key in pairs]
