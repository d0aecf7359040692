"""Who is signed in where: what a sign-in leaves in its session, and how sessions end.

A session holds `second_step` (what was used beside the password), `browser`, `started_at`, and `confirmed_at`: when the
person last showed that it is them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from backend.accounts import signals, user_agents
from backend.accounts.errors import AccountRefused, ConfirmationNeeded
from backend.accounts.models import Role, Session, User, digest

CONFIRMED_FOR = timedelta(minutes=10)


def begin(sender: type[User], request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ARG001 - a signal's shape
    """Note where and when somebody signed in. Django has just given them a new session."""
    request.session["browser"] = user_agents.describe(request.META.get("HTTP_USER_AGENT", ""))
    request.session["started_at"] = timezone.now().isoformat()
    confirm(session=request.session)


def confirm(*, session: SessionBase) -> None:
    """The person has just given their password, a code or a passkey."""
    session["confirmed_at"] = timezone.now().isoformat()


def is_confirmed(*, session: SessionBase) -> bool:
    confirmed = session.get("confirmed_at")
    return confirmed is not None and timezone.now() - datetime.fromisoformat(confirmed) < CONFIRMED_FOR


def check_confirmed(*, user: User, session: SessionBase) -> None:
    """Raises ConfirmationNeeded unless this person showed in the last ten minutes of this session that it is them, and
    AccountRefused for a program, which has neither password nor second step."""
    if user.is_program:
        raise AccountRefused("A program signs in with its key only. Sign in as a person to change this.")
    if session.get(SESSION_KEY) != str(user.pk) or not is_confirmed(session=session):
        raise ConfirmationNeeded("Confirm it is you on the Account page of the console. Nothing was changed.")


def needs_second_step(user: User) -> bool:
    """Whether the installation asks this person for a second step at each sign-in."""
    whom: str = settings.SECOND_STEP_FOR
    return whom == "everyone" or (whom == "administrators" and user.role == Role.ADMIN)


def is_complete(*, session: SessionBase, user: User) -> bool:
    """Whether this sign-in is as strong as the installation asks of this person today."""
    return bool(session.get("second_step")) or not needs_second_step(user)


def open_sessions(user: User) -> list[Session]:
    """Where this person is signed in, the one seen last first."""
    return list(Session.objects.filter(person=user, expire_date__gt=timezone.now()).order_by("-last_seen_at", "pk"))


def last_seen(people: Collection[User]) -> dict[int, datetime]:
    """When each of these people was last here, to the minute; who never was is left out. A session that has ended is
    forgotten, its beginning is not."""
    rows = Session.objects.filter(person__in=people).values_list("person").annotate(Max("last_seen_at"))
    seen = {person.pk: person.last_login for person in people if person.last_login}
    for pk, at in rows:
        seen[pk] = max(at, seen.get(pk, at))
    return seen


def handle_of(session: SessionBase) -> str:
    """By which the session that asks is found among those of its person."""
    return Session(hashed=digest(session.session_key or "")).handle


def end_session(*, user: User, handle: str) -> None:
    """Sign one browser of this person out at once. Nothing happens when it has ended already."""
    for session in Session.objects.filter(person=user):
        if session.handle == handle:
            session.delete()
            _announce_end(user, 1)


def end_sessions(*, user: User, keep: str | None = None) -> int:
    """Sign this person out everywhere at once, but for the session with the key `keep`. Returns how many ended."""
    others = Session.objects.filter(person=user).exclude(pk=digest(keep or ""))
    ended: int = others.delete()[0]
    if ended:
        _announce_end(user, ended)
    return ended


def _announce_end(user: User, count: int) -> None:
    signals.account_event.send(sender=Session, user=user, event="sessions_ended", details={"sessions": count})
