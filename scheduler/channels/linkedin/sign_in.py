"""How a person signs in to LinkedIn, when that ends, and how it is renewed.

Sources: learn.microsoft.com, “Token Introspection”, “Refresh Tokens with OAuth 2.0”.
"""

from __future__ import annotations

from typing import Any

import requests

from scheduler.channels.lib import http
from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth2

WRITES, READS = "w_organization_social", "r_organization_social"


def _make_credentials(
    _: requests.Session, context: AuthorizationContext, app: App, answer: dict[str, Any]
) -> Credentials:
    own = {"client_id": app.client_id, "client_secret": app.client_secret}
    return Credentials(dict(context.settings), own | _tokens(answer))


SIGN_IN = OAuth2(
    label="LinkedIn",
    authorize=lambda settings: f"{settings['oauth_base']}/oauth/v2/authorization",
    token=lambda settings: f"{settings['oauth_base']}/oauth/v2/accessToken",
    scopes=(READS, WRITES),
    make_credentials=_make_credentials,
)


def introspect(session: requests.Session, oauth_base: str, form: dict[str, str]) -> dict[str, Any]:
    """What LinkedIn says of a token; `form` holds it, and the app's id and secret."""
    answer = session.post(f"{oauth_base}/oauth/v2/introspectToken", data=form)
    return dict(http.expect_status(answer, 200).json())


def refresh(session: requests.Session, oauth_base: str, form: dict[str, str]) -> dict[str, str]:
    """New tokens for the refresh token in `form`."""
    answer = session.post(f"{oauth_base}/oauth/v2/accessToken", data={"grant_type": "refresh_token", **form})
    return _tokens(http.expect_status(answer).json())


def _tokens(answer: dict[str, Any]) -> dict[str, str]:
    """What LinkedIn's token endpoint gives; a refresh token that it does not renew stays."""
    names = [name for name in ("access_token", "refresh_token") if name == "access_token" or answer.get(name)]
    return {name: str(answer[name]) for name in names}
