"""A device with passkeys, as a browser would speak for it: it answers a question of WebAuthn for one origin."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Device:
    def __init__(self, *, host: str = "localhost", origin: str = "http://localhost") -> None:
        self.host, self.origin = host, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(16)
        self.uses = 0
        self.flags = PRESENT | VERIFIED

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public
        data = self._data(self.flags | ATTESTED) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer("webauthn.create", asked, {"attestationObject": websafe_encode(attestation)})[0]

    def use(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        self.uses += 1
        data = self._data(self.flags)
        answer, client = self._answer("webauthn.get", asked, {"authenticatorData": websafe_encode(data)})
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer["response"]["signature"] = websafe_encode(signed)
        return answer

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.uses)

    def _answer(self, kind: str, asked: dict[str, Any], response: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        client = json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()
        named = websafe_encode(self.credential)
        whole = {"clientDataJSON": websafe_encode(client), **response}
        return {"id": named, "rawId": named, "type": "public-key", "response": whole}, client
