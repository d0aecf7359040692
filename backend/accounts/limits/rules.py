"""How often what may be tried: docs/configuration.md shows these as a table, docs/decisions/0017 says why.

A line is an IPv4 address or the /64 of an IPv6 one; a site, the /48, may try eight times as often.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from backend.accounts import signals
from backend.accounts.errors import TooManyAttempts
from backend.accounts.limits import client_address, counters, known_browsers
from backend.accounts.limits.counters import Attempt, Counter, Limit
from backend.accounts.limits.known_browsers import KnownBrowser
from backend.accounts.models import User

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
LINES = 8
"""How many lines of one site together reach their limit."""

PERSON = Limit(8, QUARTER)
"""Eight guesses in 15 minutes find one of three valid codes in a million within a year with a chance of one half: an
attacker who has the password would be noticed long before."""
ACCOUNT = Limit(40, HOUR)
"""Passwords for one account from everywhere but known browsers: 960 a day, of which none is likely to be right."""
SIGN_IN = Limit(30, QUARTER)
PASSKEY_QUESTIONS = Limit(300, QUARTER)
"""Each makes a session. A passkey cannot be guessed."""
RECIPIENT = Limit(10, HOUR)
SUBSCRIPTIONS = Limit(200, HOUR)
UNKNOWN_LINKS = Limit(100, HOUR)


@dataclass(frozen=True)
class Origin:
    """Where a try comes from."""

    address: str = ""
    browser: KnownBrowser | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Origin:
        return cls(client_address.client_address(request), known_browsers.known_browser(request))


def take_password(*, account: str, origin: Origin) -> Attempt:
    """One password for the account, whether there is such an account or not. Raises TooManyAttempts."""
    line = client_address.line_of(origin.address)
    usual = [
        *_from("password", SIGN_IN, origin),
        Counter("password", PERSON, account=account, scope=line, personal=True),
        Counter("password", ACCOUNT, account=account),
    ]
    known = _in_known_browser("password", account, origin)
    with _announced("sign_in_failed", account):
        return counters.take([known] if known else usual)


def take_code(*, account: str, origin: Origin) -> Attempt:
    """One code of an app, or recovery code, after the password. Raises TooManyAttempts."""
    own = Counter("code", PERSON, account=account, personal=True)
    known = _in_known_browser("code", account, origin)
    with _announced("second_step_failed", account):
        return counters.take([known] if known else [*_from("code", SIGN_IN, origin), own])


def take_confirmation(*, account: str) -> Attempt:
    """A password or code of somebody who is signed in: whoever finds their browser open guesses no longer than a
    stranger, and no stranger takes this count away from them. Raises TooManyAttempts."""
    with _announced("sign_in_failed", account):
        return counters.take([Counter("confirmation", PERSON, account=account, personal=True)])


def take_passkey_question(*, origin: Origin) -> Attempt:
    """Raises TooManyAttempts."""
    return counters.take(_from("passkey", PASSKEY_QUESTIONS, origin))


def take_subscription(*, recipient: str, origin: Origin) -> Attempt:
    """One request that leads to a mail to this address, known or not. Raises TooManyAttempts."""
    own = Counter("subscription", RECIPIENT, account=recipient)
    return counters.take([*_from("subscription", SUBSCRIPTIONS, origin), own])


def take_unknown_link(*, origin: Origin) -> Attempt:
    """A link for a subscriber that is nobody's. Whoever has a good one is never counted. Raises TooManyAttempts."""
    return counters.take(_from("link", UNKNOWN_LINKS, origin))


def forget(account: str) -> None:
    """Let somebody try again at once, after an administrator gave them a new password or removed their second step."""
    counters.forget_account(account, whats=("password", "code", "confirmation"))


@contextmanager
def _announced(event: str, account: str) -> Iterator[None]:
    """Who is refused here is told of in the trail as well as who is wrong."""
    try:
        yield
    except TooManyAttempts:
        user = User.objects.filter(email=account.strip().lower(), is_program=False).first()
        details = {"reason": "too many attempts" if user else "unknown account"}
        signals.account_event.send(sender=User, user=user, event=event, details=details)
        raise


def _from(what: str, limit: Limit, origin: Origin) -> list[Counter]:
    found = [Counter(what, limit, scope=client_address.line_of(origin.address))]
    if site := client_address.site_of(origin.address):
        found.insert(0, Counter(what, Limit(limit.tries * LINES, limit.within), scope=site))
    return found


def _in_known_browser(what: str, account: str, origin: Origin) -> Counter | None:
    browser = origin.browser
    if browser is None or not known_browsers.knows(browser, account):
        return None
    return Counter(what, PERSON, account=account, scope=f"browser {browser.number}", personal=True)
