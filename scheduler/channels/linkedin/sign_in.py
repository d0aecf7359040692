"""How a person signs in to LinkedIn, when that ends, and how it is renewed.

Sources: learn.microsoft.com, “Token Introspection”, “Refresh Tokens with OAuth 2.0”.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from scheduler.channels.lib import http
from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth2
from scheduler.net import answer

WRITES, READS = "w_organization_social", "r_organization_social"


def _make_credentials(
    _: requests.Session, context: AuthorizationContext, app: App, said: dict[str, Any]
) -> Credentials:
    own = {"client_id": app.client_id, "client_secret": app.client_secret}
    return Credentials(dict(context.settings), own | _tokens(said))


SIGN_IN = OAuth2(
    label="LinkedIn",
    authorize=lambda settings: f"{settings['oauth_base']}/oauth/v2/authorization",
    token=lambda settings: f"{settings['oauth_base']}/oauth/v2/accessToken",
    scopes=(READS, WRITES),
    make_credentials=_make_credentials,
)


@dataclass(frozen=True)
class Token:
    """What LinkedIn says of an access token."""

    active: bool
    permissions: frozenset[str]
    ends: datetime | None


def introspect(session: requests.Session, oauth_base: str, form: dict[str, str]) -> Token:
    """`form` holds the token, and the app's id and secret."""
    response = session.post(f"{oauth_base}/oauth/v2/introspectToken", data=form)
    said = answer.object_of(http.expect_status(response, 200).json())
    permissions = str(said.get("scope", "")).replace(",", " ").split()
    return Token(said["active"] is True, frozenset(permissions), answer.moment_of(said.get("expires_at")))


def refresh(session: requests.Session, oauth_base: str, form: dict[str, str]) -> dict[str, str]:
    """New tokens for the refresh token in `form`."""
    response = session.post(f"{oauth_base}/oauth/v2/accessToken", data={"grant_type": "refresh_token", **form})
    return _tokens(http.expect_status(response).json())


def _tokens(said: dict[str, Any]) -> dict[str, str]:
    """What LinkedIn's token endpoint gives; a refresh token that it does not renew stays."""
    names = [name for name in ("access_token", "refresh_token") if name == "access_token" or said.get(name)]
    return {name: answer.text_of(said[name]) for name in names}
