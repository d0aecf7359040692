"""Browsers in which somebody has signed in before. A stranger who guesses at an account from everywhere cannot lock its
person out of these: they have a count of their own.

The cookie is signed and holds a random number for the browser, and for each of the last people who signed in there a
keyed hash of their address. It opens nothing: whoever steals it may guess as often as that person, and no more. See
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from backend.accounts.models import User

COOKIE = "known_browser"
SALT = "accounts.known_browsers"
LASTS = timedelta(days=180)
PEOPLE = 10
"""On a computer that many share, the last so many."""


@dataclass(frozen=True)
class KnownBrowser:
    number: str
    people: tuple[str, ...]


def known_browser(request: HttpRequest) -> KnownBrowser | None:
    """None where nobody has signed in lately, or the cookie is not ours."""
    try:
        number, *people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return KnownBrowser(str(number), tuple(people))


def knows(browser: KnownBrowser | None, account: str) -> bool:
    return browser is not None and _hashed(account) in browser.people


def remember(response: HttpResponse, *, request: HttpRequest, user: User) -> None:
    """Call once somebody has signed in, with all that is asked of them."""
    before = known_browser(request) or KnownBrowser(secrets.token_urlsafe(16), ())
    own = _hashed(user.email or "")
    people = [own, *(each for each in before.people if each != own)][:PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps([before.number, *people], salt=SALT),
        max_age=LASTS,
        path="/console/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _hashed(account: str) -> str:
    return salted_hmac(SALT, account.strip().lower(), algorithm="sha256").hexdigest()[:24]
