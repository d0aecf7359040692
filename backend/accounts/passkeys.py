"""Passkeys (WebAuthn): adding one, and signing in with one. The device checks the person by itself (a finger, a face,
a PIN), so that a passkey counts for both steps."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend.accounts import second_steps, sessions, signals
from backend.accounts.errors import AccountRefused, InvalidAccount
from backend.accounts.models import Passkey, User

ADDING, ASKING = "passkey_adding", "passkey_asking"
NAME_LENGTH = 60  # characters
MOST = 20
AT_MOST = 20_000  # characters of an answer
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError, struct.error)
"""What the library raises for an answer that is wrong, or that no browser would give."""


@dataclass(frozen=True)
class RelyingParty:
    """Where the browser is: passkeys belong to a host, and answer only to its pages."""

    host: str
    origin: str

    @classmethod
    def of(cls, request: HttpRequest) -> RelyingParty:
        """ALLOWED_HOSTS has checked the host."""
        whole = request.get_host()
        host = whole.rpartition(":")[0] if ":" in whole.rpartition("]")[2] else whole
        return cls(host=host, origin=f"{request.scheme}://{whole}")

    @property
    def takes_passkeys(self) -> bool:
        """Browsers make passkeys for names only, and only where nobody reads along."""
        try:
            ip_address(self.host.strip("[]"))
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False

    def server(self) -> Fido2Server:
        entity = PublicKeyCredentialRpEntity(name="Promenade", id=self.host)
        return Fido2Server(entity, verify_origin=lambda origin: origin == self.origin)


def begin_registration(*, user: User, place: RelyingParty, session: SessionBase) -> dict[str, Any]:
    """What the browser's `navigator.credentials.create` is given. The session holds the question, for one answer.

    Raises ConfirmationNeeded, or AccountRefused where passkeys cannot be made or once there are twenty."""
    sessions.check_confirmed(user=user, session=session)
    if not place.takes_passkeys:
        raise AccountRefused(f"Passkeys do not work at {place.host}. Open Promenade at its https address.")
    known = list(user.passkeys.all())
    if len(known) >= MOST:
        raise AccountRefused(f"You have {MOST} passkeys, which is the maximum. Remove one first.")
    options, state = place.server().register_begin(
        PublicKeyCredentialUserEntity(name=str(user.email), id=str(user.pk).encode(), display_name=user.name),
        credentials=[
            PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(row.credential_id))
            for row in known
        ],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    session[ADDING] = state
    return dict(options)["publicKey"]  # type: ignore[no-any-return]


def add_passkey(
    *, user: User, name: str, answer: Mapping[str, Any], place: RelyingParty, session: SessionBase
) -> tuple[Passkey, list[str]]:
    """Keep the passkey that the browser made. Returns it, and recovery codes, shown once, if the person had none.

    Raises ConfirmationNeeded, or InvalidAccount when the answer does not fit what was asked, or is known already."""
    sessions.check_confirmed(user=user, session=session)
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise InvalidAccount(f"Enter a name of {NAME_LENGTH} characters or fewer, for example My phone.", field="name")
    state = session.pop(ADDING, None)
    try:
        data = _made(answer, state, place)
    except UNREADABLE:
        raise InvalidAccount("This passkey could not be added. Try again on this page.", field="name") from None
    try:
        with transaction.atomic():
            row = Passkey.objects.create(
                user=user,
                name=name,
                credential_id=websafe_encode(data.credential_id),
                public_key=websafe_encode(data),
            )
            session["second_step"] = "passkey"
            return row, second_steps.recovery_codes_if_none(user=user)
    except IntegrityError:
        raise InvalidAccount("This passkey has already been added.", field="name") from None


def _made(answer: Mapping[str, Any], state: Any, place: RelyingParty) -> AttestedCredentialData:
    """What the device made for this question. Raises what UNREADABLE names."""
    _refuse_numbers(answer)
    data = place.server().register_complete(state, answer).credential_data
    if data is None:
        raise ValueError("no credential")
    with suppress(
        InvalidSignature
    ):  # the library takes a key that was cut short, and only trips over it when it is used
        data.public_key.verify(b"", b"")
    return data


def _refuse_numbers(value: Any) -> None:
    """The library makes bytes of what a browser sends: of a number, as many as it says, until memory ends. A
    browser sends none but the algorithm's, which nothing reads. Raises ValueError."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name != "publicKeyAlgorithm":
                _refuse_numbers(each)
    elif isinstance(value, list):
        for each in value:
            _refuse_numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError("a number where text belongs")


def begin_authentication(*, place: RelyingParty, session: SessionBase) -> dict[str, Any]:
    """What `navigator.credentials.get` is given: any passkey of this host, so that nobody's are told to a stranger."""
    options, state = place.server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    session[ASKING] = state
    return dict(options)["publicKey"]  # type: ignore[no-any-return]


@transaction.atomic
def use_passkey(
    *, answer: Mapping[str, Any], place: RelyingParty, session: SessionBase, user: User | None = None
) -> User | None:
    """Whose passkey answered the question in the session (that of `user`, if given); None if it is not right."""
    state = session.pop(ASKING, None)
    rows = Passkey.objects.select_for_update().select_related("user")
    row = rows.filter(credential_id=str(answer.get("id", "")), user__is_active=True, user__is_program=False).first()
    right = row is not None and state is not None and (user is None or row.user_id == user.pk)
    if row is None or not right or (uses := _answered(row, answer, state, place)) is None:
        whose, details = user or (row.user if row else None), {"reason": "passkey not recognised"}
        signals.account_event.send(sender=Passkey, user=whose, event="sign_in_failed", details=details)
        return None
    Passkey.objects.filter(pk=row.pk).update(uses=uses, last_used_at=timezone.now())
    return row.user


def _answered(row: Passkey, answer: Mapping[str, Any], state: Any, place: RelyingParty) -> int | None:
    """The device's own count, if the answer is the passkey's and to this question."""
    try:
        _refuse_numbers(answer)
        place.server().authenticate_complete(state, [AttestedCredentialData(websafe_decode(row.public_key))], answer)
        uses: int = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
    except UNREADABLE:
        return None
    copied = uses <= row.uses and (uses or row.uses)  # another device has the same key
    return None if copied else uses


@transaction.atomic
def remove_passkey(*, user: User, passkey_id: int, session: SessionBase) -> None:
    """Nothing happens when it has gone. Raises ConfirmationNeeded, or AccountRefused for the last second step of
    somebody who needs one."""
    sessions.check_confirmed(user=user, session=session)
    for row in user.passkeys.filter(pk=passkey_id):
        row.delete()
    second_steps.check_remaining_steps(user=user)


def parse_response(answer: str) -> Mapping[str, Any]:
    """What a page's form sends: JSON in a field. Empty when it is none, which fits no question."""
    try:
        given = json.loads(answer[:AT_MOST])
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}
