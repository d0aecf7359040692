"""What changes people, API keys and private addresses."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.accounts import second_steps, sessions
from backend.accounts.errors import AccountRefused, InvalidAccount
from backend.accounts.limits import rules
from backend.accounts.models import ApiKey, FeedToken, Role, User, digest

USE_IS_NOTED_EVERY = timedelta(minutes=1)
NAME_LENGTH = 200  # characters
ADMINISTRATORS = Q(role=Role.ADMIN, is_active=True, is_program=False)
EMAIL_TAKEN = "Someone already signs in with this email address."


def _invalid(error: ValidationError) -> InvalidAccount:
    if hasattr(error, "error_dict"):
        field, errors = next(iter(error.error_dict.items()))
        taken = field == "email" and errors[0].code == "unique"
        return InvalidAccount(EMAIL_TAKEN if taken else errors[0].messages[0], field=field)
    return InvalidAccount(" ".join(error.messages))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidAccount(" ".join(error.messages), field="password") from None


def add_person(*, email: str, name: str, role: str, password: str | None = None) -> User:
    """Add someone who signs in. Without a password they cannot yet. Raises InvalidAccount, naming the field."""
    if password is not None:
        _check_password(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            return User.objects.create_person(email=email.strip(), name=name.strip(), role=role, password=password)
    except ValidationError as error:
        raise _invalid(error) from None
    except IntegrityError:  # somebody else added them at the same moment
        raise InvalidAccount(EMAIL_TAKEN, field="email") from None


def make_password() -> str:
    """A first password, or one in place of a forgotten one, that can be read out on the telephone."""
    return second_steps.typed_secret()


def lock_person(user_id: int) -> User:
    """The person, locked together with all administrators: of two who leave at one moment the second must see the
    first gone. All are locked in one order, so that neither waits for the other. Call inside a transaction."""
    list(User.objects.select_for_update().filter(ADMINISTRATORS | Q(pk=user_id)).order_by("pk"))
    return User.objects.get(pk=user_id)


@transaction.atomic
def change_person(*, user: User, changes: Mapping[str, Any], keep_session: str | None = None) -> User:
    """Set name, role, e-mail, time zone, letter keys, activity or password. Leaving ends every session, key and private
    address at once; a new password ends every session but `keep_session`, and what was counted of wrong ones.

    Raises AccountRefused when the last active administrator would leave, InvalidAccount for a bad value.
    """
    user = lock_person(user.pk)
    was_administrator = user.role == Role.ADMIN and user.is_active and not user.is_program
    password = changes.get("password")
    for name, value in changes.items():
        if name != "password":
            setattr(user, name, value.strip() if isinstance(value, str) else value)
    if user.email is not None:
        user.email = user.email.lower()
    if password is not None:
        _check_password(password, user)
        user.set_password(password)
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise _invalid(error) from None
    _save_person(user)
    if was_administrator and not User.objects.filter(ADMINISTRATORS).exists():
        raise AccountRefused("There must be at least one administrator. Make another person an administrator first.")
    if password is not None or not user.is_active:
        sessions.end_sessions(user=user, keep=keep_session)
    if password is not None:
        rules.forget(user.email or "")
    if not user.is_active:
        now = timezone.now()
        _end(user.api_keys.all(), now=now)
        _end(user.feed_tokens.all(), now=now)
    return user


def change_own(*, user: User, changes: Mapping[str, Any], session: SessionBase) -> User:
    """Set one's own name, time zone, letter keys, e-mail or password. A new password ends the person's other sessions.

    Raises ConfirmationNeeded before e-mail or password change, AccountRefused for a program that has neither, and
    InvalidAccount for a bad value.
    """
    if {"email", "password"} & changes.keys():
        sessions.check_confirmed(user=user, session=session)
    changed = change_person(user=user, changes=changes, keep_session=session.session_key)
    if changes.get("password") is not None:
        session.cycle_key()
        session[HASH_SESSION_KEY] = changed.get_session_auth_hash()
    return changed


def _save_person(user: User) -> None:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise InvalidAccount(EMAIL_TAKEN, field="email") from None


def _end(rows: QuerySet[Any], *, now: datetime) -> None:
    """End what still lives, row by row, so that the audit trail hears of each."""
    for row in rows.filter(revoked_at=None):
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])


def set_password(*, user: User, password: str) -> None:
    """Set a new password; sessions opened with the old one end. Raises InvalidAccount when it is too weak."""
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end_sessions(user=user)
    rules.forget(user.email or "")


@transaction.atomic
def create_api_key(
    *, name: str, role: str, expires_at: datetime | None = None, by: User | None = None
) -> tuple[ApiKey, str]:
    """Make a program's account with its key. The key is returned once and kept only as a hash.

    Raises InvalidAccount for an unknown role, an empty name or an expiry that has passed.
    """
    if role not in Role.values:
        raise InvalidAccount(f"There is no role {role!r}. Choose one of: {', '.join(Role.values)}.", field="role")
    if not 0 < len(name.strip()) <= NAME_LENGTH:
        raise InvalidAccount(f"Enter what the key is for, in {NAME_LENGTH} characters or fewer.", field="name")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidAccount("The expiry date is in the past. Choose a later one.", field="expires_at")
    secret = ApiKey.PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=User.objects.create_program(name=name.strip(), role=role),
        hint=secret[:9],
        hashed=digest(secret),
        expires_at=expires_at,
        created_by=by,
    )
    return key, secret


@transaction.atomic
def revoke_api_key(*, api_key: ApiKey) -> ApiKey:
    """End a key at once, and the private addresses that its program was given. Revoking it again changes nothing."""
    if api_key.revoked_at is None:
        api_key.revoked_at = timezone.now()
        api_key.save(update_fields=["revoked_at"])
        if api_key.user.is_program:
            _end(api_key.user.feed_tokens.all(), now=api_key.revoked_at)
    return api_key


def find_api_key(*, secret: str) -> ApiKey | None:
    """The live key of a secret, with its user, noting its use at most once a minute."""
    now = timezone.now()
    key: ApiKey | None = (
        ApiKey.objects.live(now).select_related("user").filter(hashed=digest(secret), user__is_active=True).first()
    )
    if key is not None:
        _note_use(ApiKey.objects.filter(pk=key.pk), key.last_used_at, now)
    return key


@transaction.atomic
def issue_feed_token(*, user: User, feed: str) -> str:
    """A new private address for this person and feed; the one before ends. A program's address ends with its key.
    Returns the secret, shown once."""
    User.objects.select_for_update().get(pk=user.pk)  # two requests at one moment: the later one's address stays
    _end(user.feed_tokens.filter(feed=feed), now=timezone.now())
    key = user.api_keys.live(timezone.now()).first() if user.is_program else None
    secret = secrets.token_urlsafe(32)
    FeedToken.objects.create(user=user, feed=feed, hashed=digest(secret), expires_at=key.expires_at if key else None)
    return secret


@transaction.atomic
def revoke_feed_token(*, user: User, feed: str) -> None:
    """End the private address of this person and feed. Nothing happens when there is none."""
    _end(user.feed_tokens.filter(feed=feed), now=timezone.now())


def find_feed_reader(*, secret: str, feed: str) -> User | None:
    """Whose private address this is, noting its use at most once a minute; None once it or the person has left."""
    now = timezone.now()
    token: FeedToken | None = (
        FeedToken.objects.live(now)
        .select_related("user")
        .filter(hashed=digest(secret), feed=feed, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    _note_use(FeedToken.objects.filter(pk=token.pk), token.last_used_at, now)
    return token.user


def _note_use(row: QuerySet[Any], last: datetime | None, now: datetime) -> None:
    if last is None or now - last > USE_IS_NOTED_EVERY:
        row.update(last_used_at=now)
