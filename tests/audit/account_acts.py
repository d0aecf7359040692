"""What people can do with accounts and around signing in, each done once."""

from __future__ import annotations

from typing import Any

import pyotp
from django.http import HttpRequest
from django.test import RequestFactory

from backend.accounts import passkeys, second_steps, services
from backend.accounts.limits import rules
from backend.accounts.limits.rules import Origin
from backend.accounts.models import Session, User
from backend.accounts.session_store import SessionStore
from tests import factories
from tests.accounts.test_passkeys import HERE, session_of
from tests.audit.act import Act
from tests.devices import Device

PASSWORD = "sixteen green herons"


def app_of(user: User) -> pyotp.TOTP:
    totp = pyotp.TOTP(second_steps.start_authenticator(user=user).secret)
    second_steps.confirm_authenticator(user=user, code=totp.now(), session=SessionStore())
    return totp


def started(by: User) -> dict[str, Any]:
    secret = second_steps.start_authenticator(user=by).secret
    return {"user": by, "code": pyotp.TOTP(secret).now(), "session": SessionStore()}


def with_app(by: User) -> dict[str, Any]:
    app_of(by)
    return {"user": by}


def wrong_code(by: User) -> dict[str, Any]:
    app_of(by)
    attempt = rules.take_code(account=by.email or "", origin=Origin())
    return {"user": by, "code": "000000", "attempt": attempt}


def tried_too_often(by: User) -> dict[str, Any]:
    for _ in range(rules.PERSON.tries):
        rules.take_code(account=by.email or "", origin=Origin())
    return {"account": by.email, "origin": Origin()}


def confirming(by: User, **given: str) -> dict[str, Any]:
    app_of(by)
    return {"user": by, "session": session_of(by), **given}


def lost_app(by: User) -> dict[str, Any]:
    other = factories.person("comms")
    app_of(other)
    return {"user": other, "by": by}


def new_passkey(by: User) -> dict[str, Any]:
    session, device = session_of(by), Device()
    asked = passkeys.begin_registration(user=by, place=HERE, session=session)
    return {"user": by, "name": "My phone", "answer": device.make(asked), "place": HERE, "session": session}


def old_passkey(by: User) -> dict[str, Any]:
    row, _ = passkeys.add_passkey(**new_passkey(by))
    return {"user": by, "passkey_id": row.pk, "session": session_of(by)}


def stranger(_: User) -> dict[str, Any]:
    return {"answer": {"id": "nobody's"}, "place": HERE, "session": SessionStore()}


def open_session(user: User) -> Session:
    session = session_of(user)
    session["browser"] = "Firefox on Linux"
    session.save()
    return Session.objects.get(person=user)


def one_session(by: User) -> dict[str, Any]:
    return {"user": by, "handle": open_session(by).handle}


def all_sessions(by: User) -> dict[str, Any]:
    return {"user": open_session(by).person}


def request() -> HttpRequest:
    made = RequestFactory().post("/console/sign-in")
    made.session = SessionStore()
    return made


def revocable(_: User) -> dict[str, Any]:
    return {"api_key": services.create_api_key(name="Website", role="reader")[0]}


def feed(by: User) -> dict[str, Any]:
    services.issue_feed_token(user=by, feed="plan")
    return {"user": by, "feed": "plan"}


A = "backend.accounts."
ACTS: dict[str, Act] = {
    f"{A}services.add_person": Act(
        lambda _: {"email": "sam@example.org", "name": "Sam", "role": "hr"}, "user", "create"
    ),
    f"{A}services.change_person": Act(
        lambda _: {"user": factories.person("hr"), "changes": {"role": "comms"}}, "user", "update"
    ),
    f"{A}services.change_own": Act(
        lambda by: {"user": by, "changes": {"password": PASSWORD}, "session": session_of(by)}, "user", "update"
    ),
    f"{A}services.set_password": Act(
        lambda _: {"user": factories.person("hr"), "password": PASSWORD}, "user", "update"
    ),
    f"{A}services.create_api_key": Act(lambda by: {"name": "Website", "role": "hr", "by": by}, "apikey", "create"),
    f"{A}services.revoke_api_key": Act(revocable, "apikey", "update"),
    f"{A}services.issue_feed_token": Act(lambda by: {"user": by, "feed": "plan"}, "feedtoken", "create"),
    f"{A}services.revoke_feed_token": Act(feed, "feedtoken", "update"),
    f"{A}second_steps.start_authenticator": Act(lambda by: {"user": by}, "authenticator", "create"),
    f"{A}second_steps.confirm_authenticator": Act(started, "authenticator", "update"),
    f"{A}second_steps.remove_authenticator": Act(with_app, "authenticator", "delete"),
    f"{A}second_steps.make_recovery_codes": Act(with_app, "user", "recovery_codes_created"),
    f"{A}second_steps.remove_second_step": Act(lost_app, "authenticator", "delete"),
    f"{A}second_steps.use_code": Act(wrong_code, "user", "second_step_failed"),
    f"{A}limits.rules.take_code": Act(tried_too_often, "user", "second_step_failed", refused=True),
    f"{A}sign_in.confirm_by_code": Act(lambda by: confirming(by, code="000000"), "user", "second_step_failed"),
    f"{A}sign_in.confirm_by_password": Act(lambda by: confirming(by, password="wrong"), "user", "sign_in_failed"),
    f"{A}passkeys.add_passkey": Act(new_passkey, "passkey", "create"),
    f"{A}passkeys.remove_passkey": Act(old_passkey, "passkey", "delete"),
    f"{A}passkeys.use_passkey": Act(stranger, "user", "sign_in_failed", anonymous=True),
    f"{A}sessions.end_session": Act(one_session, "user", "sessions_ended"),
    f"{A}sessions.end_sessions": Act(all_sessions, "user", "sessions_ended"),
    f"{A}sign_in.complete_password_step": Act(lambda by: {"request": request(), "user": by}, "user", "signed_in"),
    f"{A}sign_in.finish": Act(lambda by: {"request": request(), "user": by, "step": "code"}, "user", "signed_in"),
}
