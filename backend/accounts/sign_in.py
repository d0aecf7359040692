"""From a right password to a session: at once, or after the second step; and once more, before somebody changes how
they sign in. How often each may be tried is told by `limits.rules`."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from backend.accounts import second_steps, sessions, signals
from backend.accounts.backends import PersonBackend, check_password
from backend.accounts.limits import rules
from backend.accounts.models import User

WAITING = "waits_for_second_step"
WAITS = 600  # seconds
BACKEND = f"{PersonBackend.__module__}.{PersonBackend.__qualname__}"


def complete_password_step(*, request: HttpRequest, user: User) -> bool:
    """Sign in somebody whose password was right. False: the second step is still to come, and until then the session
    is nobody's. Whoever needs one and has none sets an authenticator app up then."""
    has = second_steps.second_step_of(user)
    if not has and not sessions.needs_second_step(user):
        login(request, user, backend=BACKEND)
        _announce(request, user, step="password")
        return True
    request.session.flush()
    request.session[WAITING] = {"person": user.pk, "hash": user.get_session_auth_hash()}
    request.session.set_expiry(WAITS)
    if not has:
        second_steps.start_authenticator(user=user)
    return False


def pending_user(*, session: SessionBase) -> User | None:
    """Whose password was right a moment ago, unless it has been changed since."""
    state = session.get(WAITING)
    if state is None:
        return None
    user = PersonBackend().get_user(state["person"])
    return user if user and constant_time_compare(user.get_session_auth_hash(), state["hash"]) else None


def finish(*, request: HttpRequest, user: User, step: str) -> None:
    """Sign in somebody who has shown their second step: "code", "recovery" or "passkey"."""
    request.session.pop(WAITING, None)
    request.session.set_expiry(None)
    login(request, user, backend=BACKEND)
    request.session["second_step"] = step
    _announce(request, user, step=step)


def _announce(request: HttpRequest, user: User, *, step: str) -> None:
    details = {"with": step, "browser": request.session["browser"]}
    signals.account_event.send(sender=User, user=user, event="signed_in", details=details)


def confirm_by_password(*, user: User, password: str, session: SessionBase) -> bool:
    """Whether it is their password; then they have shown that it is them. Raises TooManyAttempts and PasswordsBusy.
    Call outside of a transaction."""
    account = user.email or ""
    attempt = rules.take_confirmation(account=account)
    if check_password(account=account, password=password, attempt=attempt) != user:
        return False
    sessions.confirm(session=session)
    return True


def confirm_by_code(*, user: User, code: str, session: SessionBase) -> bool:
    """Likewise by a code of their app, or a recovery code. Raises TooManyAttempts."""
    attempt = rules.take_confirmation(account=user.email or "")
    if second_steps.use_code(user=user, code=code, attempt=attempt) is None:
        return False
    sessions.confirm(session=session)
    return True
