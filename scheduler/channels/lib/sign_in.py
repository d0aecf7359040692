"""Signing in to a channel on its own pages: where a person is sent, and what comes of the answer they bring back.

Who may do that, and what is kept in between, is the engine's: see scheduler.connections.authorization. Sources:
RFC 6749 and RFC 7636 (OAuth 2.0, PKCE), RFC 5849 (OAuth 1.0a).
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
from scheduler.net import answer as answers
from scheduler.net.network import Network

T = TypeVar("T")
Settings = Mapping[str, Any]
"""A connection's settings, those left out at their defaults."""

DECLINED = frozenset({"access_denied", "user_cancelled_authorize", "user_cancelled_login"})


class SignInFailed(ChannelError):
    """Nobody is signed in. The message says what to do."""

    code = "sign_in_failed"


@dataclass(frozen=True)
class App:
    """Our own app at the channel."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class AuthorizationContext:
    """One sign-in, the same at its begin and its end."""

    settings: Settings
    app: App | None
    """The installation's; None where the channel makes one for everybody who asks."""
    redirect_uri: str
    network: Network
    timeout: float


@dataclass(frozen=True)
class AuthorizationRequest:
    address: str
    """For the person to open."""
    handshake: dict[str, str] = field(repr=False)
    """What `finish` needs, secret until then."""


@dataclass(frozen=True)
class Credentials:
    """A connection's settings and secrets, whole."""

    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)


class SignIn(Protocol):
    @property
    def needs_app(self) -> bool:
        """Whether the installation needs an app of its own there."""

    @property
    def discovered_settings(self) -> frozenset[str]:
        """Settings that need not be given before."""

    def begin(self, context: AuthorizationContext, *, state: str) -> AuthorizationRequest:
        """Raises SignInFailed."""

    def finish(
        self, context: AuthorizationContext, *, handshake: Mapping[str, str], answer: Mapping[str, str]
    ) -> Credentials:
        """`answer` is what the person brought back in the address. Raises SignInFailed."""


@dataclass(frozen=True)
class OAuth2:
    """Authorization code, with PKCE where the channel knows it."""

    label: str
    authorize: Callable[[Settings], str]
    token: Callable[[Settings], str]
    scopes: tuple[str, ...]
    make_credentials: Callable[[requests.Session, AuthorizationContext, App, dict[str, Any]], Credentials]
    """Makes a connection of the token endpoint's answer; may ask more."""
    separator: str = " "
    pkce: bool = False
    register: Callable[[requests.Session, AuthorizationContext], App] | None = None
    """Makes an app for us, where every server makes them."""
    discovered_settings: frozenset[str] = frozenset()

    @property
    def needs_app(self) -> bool:
        return self.register is None

    def begin(self, context: AuthorizationContext, *, state: str) -> AuthorizationRequest:
        app, handshake = self._app(context)
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": context.redirect_uri,
            "scope": self.separator.join(self.scopes),
            "state": state,
        }
        if self.pkce:
            handshake["code_verifier"] = secrets.token_urlsafe(64)
            query |= {"code_challenge": _challenge(handshake["code_verifier"]), "code_challenge_method": "S256"}
        return AuthorizationRequest(f"{self.authorize(context.settings)}?{urlencode(query)}", handshake)

    def _app(self, context: AuthorizationContext) -> tuple[App, dict[str, str]]:
        register = self.register
        if register is None:
            assert context.app is not None  # noqa: S101 - `needs_app` says so
            return context.app, {}
        app = _call(self.label, context, lambda session: register(session, context))
        return app, {"client_id": app.client_id, "client_secret": app.client_secret}

    def finish(
        self, context: AuthorizationContext, *, handshake: Mapping[str, str], answer: Mapping[str, str]
    ) -> Credentials:
        if not answer.get("code"):
            _raise_refusal(self.label, answer.get("error", ""), answer.get("error_description", ""))
        app = context.app if self.needs_app else App(handshake["client_id"], handshake["client_secret"])
        assert app is not None  # noqa: S101 - `needs_app` says so
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": context.redirect_uri,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        }
        if self.pkce:
            form["code_verifier"] = handshake["code_verifier"]

        def exchange(session: requests.Session) -> Credentials:
            said = answers.object_of(
                http.expect_status(session.post(self.token(context.settings), data=form), 200).json()
            )
            return self.make_credentials(session, context, app, said)

        return _call(self.label, context, exchange)


@dataclass(frozen=True)
class OAuth1:
    """Three-legged, each request signed."""

    label: str
    base: Callable[[Settings], str]
    make_credentials: Callable[[AuthorizationContext, App, str, str], Credentials]
    """Makes a connection of the access token and its secret."""
    needs_app: bool = True
    discovered_settings: frozenset[str] = frozenset()

    def begin(self, context: AuthorizationContext, *, state: str) -> AuthorizationRequest:
        app, base = self._app(context), self.base(context.settings)
        back = f"{context.redirect_uri}?{urlencode({'state': state})}"
        said = self._tokens(context, f"{base}/oauth/request_token", _signature(app, callback_uri=back))
        if said.get("oauth_callback_confirmed") != "true":
            raise SignInFailed(f"{self.label} does not recognise our address. Register {context.redirect_uri} there.")
        query = urlencode({"oauth_token": said["oauth_token"]})
        handshake = {name: said[name] for name in ("oauth_token", "oauth_token_secret")}
        return AuthorizationRequest(f"{base}/oauth/authorize?{query}", handshake)

    def finish(
        self, context: AuthorizationContext, *, handshake: Mapping[str, str], answer: Mapping[str, str]
    ) -> Credentials:
        if "denied" in answer:
            _raise_refusal(self.label, "access_denied")
        given = answer.get("oauth_token", "").encode()
        if not answer.get("oauth_verifier") or not hmac.compare_digest(given, handshake["oauth_token"].encode()):
            _raise_refusal(self.label, "")
        app = self._app(context)
        signature = _signature(
            app,
            resource_owner_key=handshake["oauth_token"],
            resource_owner_secret=handshake["oauth_token_secret"],
            verifier=answer["oauth_verifier"],
        )
        said = self._tokens(context, f"{self.base(context.settings)}/oauth/access_token", signature)
        return self.make_credentials(context, app, said["oauth_token"], said["oauth_token_secret"])

    def _app(self, context: AuthorizationContext) -> App:
        assert context.app is not None  # noqa: S101 - `needs_app` says so
        return context.app

    def _tokens(self, context: AuthorizationContext, address: str, signature: Any) -> dict[str, str]:
        def ask(session: requests.Session) -> dict[str, str]:
            said = dict(parse_qsl(http.expect_status(session.post(address, auth=signature), 200).text))
            tokens = {name: answers.text_of(said.get(name)) for name in ("oauth_token", "oauth_token_secret")}
            return said | tokens

        return _call(self.label, context, ask)


def _signature(app: App, **more: str) -> Any:
    return Signature(app.client_id, client_secret=app.client_secret, **more)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _raise_refusal(label: str, error: str, description: str = "") -> NoReturn:
    if error in DECLINED:
        raise SignInFailed(
            (f"{label} was told not to give Promenade access. Start again and allow access."), code="declined"
        )
    said = " ".join((description or error).split())[:200]
    raise SignInFailed(f"{label} did not complete the sign-in." + (f" It says: {said}." if said else " Start again."))


def _call(label: str, context: AuthorizationContext, work: Callable[[requests.Session], T]) -> T:
    try:
        return SignInClient(label, context.network).call(work, context.timeout)
    except http.CallFailed as error:
        if isinstance(error.__cause__, SignInFailed):
            raise error.__cause__ from None
        if error.refused_address:
            raise SignInFailed(str(error.refused_address), code="address_refused") from error
        if error.explanation:
            raise SignInFailed(f"{label} refused the sign-in. It says: {error.explanation}") from error
        raise SignInFailed(
            f"{label} did not give a reply we could use, so you are not signed in. Try again later."
        ) from error


class SignInClient(http.SessionClient):
    def explain(self, response: requests.Response) -> str:
        if response.status_code < 400:
            return ""
        said = response.json()
        error = said.get("error", "")
        words = error.get("message") if isinstance(error, dict) else error
        return str(said.get("error_description") or words or "")
