"""Signing in to a channel on its own pages: where a person is sent, and what comes of the answer they bring back.

Who may do that, and what is kept in between, is the engine's: see scheduler.oauth. Sources: RFC 6749 and RFC 7636
(OAuth 2.0, PKCE), RFC 5849 (OAuth 1.0a).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode

import requests
from requests_oauthlib import OAuth1 as Signature

from scheduler.channels.contract import ChannelError
from scheduler.channels.lib import http
from scheduler.net.network import Network

T = TypeVar("T")
Settings = Mapping[str, Any]
"""A connection's settings, those left out at their defaults."""

SAID_NO = frozenset({"access_denied", "user_cancelled_authorize", "user_cancelled_login"})


class SignInFailed(ChannelError):
    """Nobody is signed in. The message says what to do."""

    code = "sign_in_failed"


@dataclass(frozen=True)
class App:
    """Our own app at the channel."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Attempt:
    """One sign-in, the same at its begin and its end."""

    settings: Settings
    app: App | None
    """The installation's; None where the channel makes one for everybody who asks."""
    redirect_uri: str
    network: Network
    timeout: float


@dataclass(frozen=True)
class Begun:
    address: str
    """For the person to open."""
    kept: dict[str, str] = field(repr=False)
    """What `finish` needs, secret until then."""


@dataclass(frozen=True)
class Granted:
    """A connection's settings and secrets, whole."""

    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)


class SignIn(Protocol):
    @property
    def own_app(self) -> bool:
        """Whether the installation needs an app of its own there."""

    @property
    def fills_in(self) -> frozenset[str]:
        """Settings that need not be given before."""

    def begin(self, attempt: Attempt, *, state: str) -> Begun:
        """Raises SignInFailed."""

    def finish(self, attempt: Attempt, *, kept: Mapping[str, str], answer: Mapping[str, str]) -> Granted:
        """`answer` is what the person brought back in the address. Raises SignInFailed."""


@dataclass(frozen=True)
class OAuth2:
    """Authorization code, with PKCE where the channel knows it."""

    label: str
    authorize: Callable[[Settings], str]
    token: Callable[[Settings], str]
    scopes: tuple[str, ...]
    granted: Callable[[requests.Session, Attempt, App, dict[str, Any]], Granted]
    """Makes a connection of the token endpoint's answer; may ask more."""
    separator: str = " "
    pkce: bool = False
    register: Callable[[requests.Session, Attempt], App] | None = None
    """Makes an app for us, where every server makes them."""
    fills_in: frozenset[str] = frozenset()

    @property
    def own_app(self) -> bool:
        return self.register is None

    def begin(self, attempt: Attempt, *, state: str) -> Begun:
        app, kept = self._app(attempt)
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": attempt.redirect_uri,
            "scope": self.separator.join(self.scopes),
            "state": state,
        }
        if self.pkce:
            kept["code_verifier"] = secrets.token_urlsafe(64)
            query |= {"code_challenge": _challenge(kept["code_verifier"]), "code_challenge_method": "S256"}
        return Begun(f"{self.authorize(attempt.settings)}?{urlencode(query)}", kept)

    def _app(self, attempt: Attempt) -> tuple[App, dict[str, str]]:
        register = self.register
        if register is None:
            assert attempt.app is not None  # noqa: S101 - `own_app` says so
            return attempt.app, {}
        app = _ask(self.label, attempt, lambda session: register(session, attempt))
        return app, {"client_id": app.client_id, "client_secret": app.client_secret}

    def finish(self, attempt: Attempt, *, kept: Mapping[str, str], answer: Mapping[str, str]) -> Granted:
        if not answer.get("code"):
            _refused(self.label, answer.get("error", ""), answer.get("error_description", ""))
        app = attempt.app if self.own_app else App(kept["client_id"], kept["client_secret"])
        assert app is not None  # noqa: S101 - `own_app` says so
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": attempt.redirect_uri,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        }
        if self.pkce:
            form["code_verifier"] = kept["code_verifier"]

        def exchange(session: requests.Session) -> Granted:
            said = http.expect_status(session.post(self.token(attempt.settings), data=form), 200).json()
            return self.granted(session, attempt, app, said)

        return _ask(self.label, attempt, exchange)


@dataclass(frozen=True)
class OAuth1:
    """Three-legged, each request signed."""

    label: str
    base: Callable[[Settings], str]
    granted: Callable[[Attempt, App, str, str], Granted]
    """Makes a connection of the access token and its secret."""
    own_app: bool = True
    fills_in: frozenset[str] = frozenset()

    def begin(self, attempt: Attempt, *, state: str) -> Begun:
        app, base = self._app(attempt), self.base(attempt.settings)
        back = f"{attempt.redirect_uri}?{urlencode({'state': state})}"
        said = self._tokens(attempt, f"{base}/oauth/request_token", _signature(app, callback_uri=back))
        if said.get("oauth_callback_confirmed") != "true":
            raise SignInFailed(f"{self.label} does not confirm our address. Register {attempt.redirect_uri} there.")
        query = urlencode({"oauth_token": said["oauth_token"]})
        kept = {name: said[name] for name in ("oauth_token", "oauth_token_secret")}
        return Begun(f"{base}/oauth/authorize?{query}", kept)

    def finish(self, attempt: Attempt, *, kept: Mapping[str, str], answer: Mapping[str, str]) -> Granted:
        if "denied" in answer:
            _refused(self.label, "access_denied")
        given = answer.get("oauth_token", "").encode()
        if not answer.get("oauth_verifier") or not hmac.compare_digest(given, kept["oauth_token"].encode()):
            _refused(self.label, "")
        app = self._app(attempt)
        signature = _signature(
            app,
            resource_owner_key=kept["oauth_token"],
            resource_owner_secret=kept["oauth_token_secret"],
            verifier=answer["oauth_verifier"],
        )
        said = self._tokens(attempt, f"{self.base(attempt.settings)}/oauth/access_token", signature)
        return self.granted(attempt, app, said["oauth_token"], said["oauth_token_secret"])

    def _app(self, attempt: Attempt) -> App:
        assert attempt.app is not None  # noqa: S101 - `own_app` says so
        return attempt.app

    def _tokens(self, attempt: Attempt, address: str, signature: Any) -> dict[str, str]:
        def ask(session: requests.Session) -> dict[str, str]:
            said = dict(parse_qsl(http.expect_status(session.post(address, auth=signature), 200).text))
            if not (said.get("oauth_token") and said.get("oauth_token_secret")):
                raise http.UnexpectedResponse("no token")
            return said

        return _ask(self.label, attempt, ask)


def _signature(app: App, **more: str) -> Any:
    return Signature(app.client_id, client_secret=app.client_secret, **more)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refused(label: str, error: str, description: str = "") -> NoReturn:
    if error in SAID_NO:
        raise SignInFailed(f"{label} was told not to let Promenade in. Start again and agree.", code="declined")
    said = " ".join((description or error).split())[:200]
    raise SignInFailed(f"{label} did not sign anybody in." + (f" It says: {said}." if said else " Start again."))


def _ask(label: str, attempt: Attempt, work: Callable[[requests.Session], T]) -> T:
    try:
        return http.ChannelClient(label, attempt.network, explain=_explained).ask(work, attempt.timeout)
    except http.CallFailed as error:
        if isinstance(error.__cause__, SignInFailed):
            raise error.__cause__ from None
        if error.refused_address:
            raise SignInFailed(str(error.refused_address), code="address_refused") from error
        if error.explanation:
            raise SignInFailed(f"{label} refused the sign-in. It says: {error.explanation}") from error
        raise SignInFailed(f"{label} gave no usable answer, so nobody is signed in. Try again later.") from error


def _explained(response: requests.Response) -> str:
    if response.status_code < 400:
        return ""
    said = response.json()
    error = said.get("error", "")
    words = error.get("message") if isinstance(error, dict) else error
    return str(said.get("error_description") or words or "")
