"""The second step of a sign-in: an authenticator app and recovery codes. Passkeys stand in `passkeys`."""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from backend.accounts import sessions, signals
from backend.accounts.errors import AccountRefused, InvalidAccount
from backend.accounts.limits import rules
from backend.accounts.limits.counters import Attempt
from backend.accounts.models import Authenticator, Passkey, RecoveryCode, User, digest

PERIOD = 30  # seconds, RFC 6238
DRIFT = 1  # periods that a phone's clock may be ahead or behind
RECOVERY_CODES = 10


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app is given, as a picture or typed."""

    secret: str
    uri: str


@dataclass(frozen=True)
class SecondStep:
    """What a person has for the second step."""

    authenticator: Authenticator | None
    passkeys: list[Passkey]
    recovery_codes_left: int

    def __bool__(self) -> bool:
        return self.authenticator is not None or bool(self.passkeys)


def second_step_of(user: User) -> SecondStep:
    return SecondStep(
        authenticator=Authenticator.objects.filter(user=user, confirmed_at__isnull=False).first(),
        passkeys=list(user.passkeys.all()),
        recovery_codes_left=user.recovery_codes.filter(used_at=None).count(),
    )


def without_second_step(people: QuerySet[User]) -> QuerySet[User]:
    """Those of them whose password alone lets in."""
    return people.exclude(authenticator__confirmed_at__isnull=False).exclude(passkeys__isnull=False)


def start_authenticator(*, user: User) -> Enrolment:
    """A secret for the person's app; until it has shown a first code, the same one again and nothing is asked for.
    Call after `sessions.check_confirmed`, or after the password at sign-in. Raises AccountRefused once an app is there.
    """
    row, _ = Authenticator.objects.get_or_create(user=user, defaults={"secret": pyotp.random_base32()})
    if row.confirmed_at is not None:
        raise AccountRefused("You already have an authenticator app. Remove it before you add another.")
    return _enrolment(row)


def pending_authenticator(*, user: User) -> Enrolment | None:
    """What the app is given, while it has not shown a first code."""
    row = Authenticator.objects.select_related("user").filter(user=user, confirmed_at=None).first()
    return _enrolment(row) if row else None


def _enrolment(row: Authenticator) -> Enrolment:
    totp = pyotp.TOTP(row.secret)
    uri = totp.provisioning_uri(name=str(row.user.email), issuer_name="Promenade")
    return Enrolment(secret=row.secret, uri=uri)


@transaction.atomic
def confirm_authenticator(*, user: User, code: str, session: SessionBase) -> list[str]:
    """From here on the app counts, and this session has had its second step. Returns recovery codes, shown once, if the
    person had none.

    Raises InvalidAccount when the code is not the app's, AccountRefused when none was started."""
    row = Authenticator.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if row is None:
        raise AccountRefused("Start again: there is no authenticator app waiting for its first code.")
    period = _period_of(row, code)
    if period is None:
        raise InvalidAccount(
            "This is not the current code in your app. Wait for the next one, and check that the time on "
            "your phone is right.",
            field="code",
        )
    row.confirmed_at, row.last_period = timezone.now(), period
    row.save(update_fields=["confirmed_at", "last_period"])
    session["second_step"] = "code"
    return recovery_codes_if_none(user=user)


@transaction.atomic
def remove_authenticator(*, user: User) -> None:
    """Nothing happens when there is none. Raises AccountRefused for the last second step of somebody who needs one."""
    _locked(user)
    for row in Authenticator.objects.filter(user=user):
        row.delete()
    check_remaining_steps(user=user)


def check_remaining_steps(*, user: User) -> None:
    """After a removal. Recovery codes alone are no second step, so they go with the last one."""
    if second_step_of(user):
        return
    if sessions.needs_second_step(user):
        raise AccountRefused(
            "Your organisation requires two-step sign-in. Add another app or passkey before you remove this one."
        )
    user.recovery_codes.all().delete()


@transaction.atomic
def make_recovery_codes(*, user: User) -> list[str]:
    """New codes, shown once; those before end. Raises AccountRefused where there is nothing to recover from."""
    _locked(user)
    if not second_step_of(user):
        raise AccountRefused("Add an authenticator app or a passkey first. Recovery codes replace it when you lose it.")
    user.recovery_codes.all().delete()
    codes = [typed_secret() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, hashed=digest(_plain(code))) for code in codes)
    _announce(user, "recovery_codes_created", codes=RECOVERY_CODES)
    return codes


def recovery_codes_if_none(*, user: User) -> list[str]:
    return [] if user.recovery_codes.filter(used_at=None).exists() else make_recovery_codes(user=user)


@transaction.atomic
def remove_second_step(*, user: User, by: User | None) -> None:
    """For somebody who lost theirs: removes all of it and ends their sessions. They sign in with the password, and add
    another where one is needed. Raises AccountRefused for one's own."""
    if by is not None and by.pk == user.pk:
        raise AccountRefused("Another administrator must do this for you. You can change your own on the Account page.")
    _locked(user)
    for row in [*Authenticator.objects.filter(user=user), *user.passkeys.all()]:
        row.delete()  # row by row, so that the audit trail hears of each
    user.recovery_codes.all().delete()
    rules.forget(user.email or "")
    sessions.end_sessions(user=user)


def use_code(*, user: User, code: str, attempt: Attempt) -> str | None:
    """Which kind of code this is ("code" or "recovery") if it is right, and uses it up: each works once. None if it is
    wrong; raises TooManyAttempts if that was the last attempt."""
    with transaction.atomic():
        _locked(user)  # the same code twice at one moment is taken once
        used = _use_app_code(user, code) or _use_recovery_code(user, code, now=timezone.now())
        if used is None:
            _announce(user, "second_step_failed", reason="wrong code")
        elif used == "recovery":
            _announce(user, "recovery_code_used")
    if used is None:
        attempt.fail()
    else:
        attempt.succeed()
    return used


def _announce(user: User, event: str, **details: str | int) -> None:
    signals.account_event.send(sender=User, user=user, event=event, details=details)


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _use_app_code(user: User, code: str) -> str | None:
    row = Authenticator.objects.filter(user=user, confirmed_at__isnull=False).first()
    period = _period_of(row, code) if row else None
    if row is None or period is None or period <= row.last_period:  # a code that was seen on its way is worth nothing
        return None
    Authenticator.objects.filter(pk=row.pk).update(last_period=period)
    return "code"


def _period_of(row: Authenticator, code: str) -> int | None:
    """Which 30 seconds this code belongs to, of those about now."""
    given = _plain(code)
    totp = pyotp.TOTP(row.secret)
    now = int(timezone.now().timestamp()) // PERIOD
    for period in range(now - DRIFT, now + DRIFT + 1):
        if constant_time_compare(totp.at(period * PERIOD), given):
            return period
    return None


def _use_recovery_code(user: User, code: str, *, now: datetime) -> str | None:
    mine = user.recovery_codes.filter(hashed=digest(_plain(code)), used_at=None)
    return "recovery" if mine.update(used_at=now) else None


def typed_secret() -> str:
    """80 random bits as four groups of four, without 0, 1, 8 and 9, which are misread: to be read out and typed."""
    letters = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _plain(code: str) -> str:
    """As typed, with or without spaces and hyphens."""
    return "".join(code.split()).replace("-", "").lower()[:40]
