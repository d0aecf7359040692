"""Signing in with e-mail and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from backend.accounts import signals
from backend.accounts.errors import PasswordsBusy
from backend.accounts.limits import rules
from backend.accounts.limits.counters import Attempt
from backend.accounts.limits.rules import Origin
from backend.accounts.models import User


class PersonBackend(BaseBackend):
    """Lets active people in. An unknown e-mail costs as long as a wrong password, and is counted like one."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """Raises TooManyAttempts, and PasswordsBusy where it was not looked at."""
        if not username or not password:
            return None
        origin = Origin.of(request) if request else Origin()
        attempt = rules.take_password(account=username, origin=origin)
        return check_password(account=username, password=password, attempt=attempt)

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True, is_program=False).first()


def check_password(*, account: str, password: str, attempt: Attempt) -> User | None:
    """Whose password this is. None if it is wrong; raises TooManyAttempts if that was the last attempt, and
    PasswordsBusy."""
    try:
        user = User.objects.filter(email=account.strip().lower(), is_program=False).first()
        if user is None:
            User().set_password(password)
        right = user is not None and user.check_password(password) and user.is_active
    except PasswordsBusy:
        attempt.cancel()
        raise
    if not right:
        details = {"reason": _reason(user)}
        signals.account_event.send(sender=User, user=user, event="sign_in_failed", details=details)
        attempt.fail()
        return None
    attempt.succeed()
    return user


def _reason(user: User | None) -> str:
    if user is None:
        return "unknown account"
    return "wrong password" if user.is_active else "deactivated account"
