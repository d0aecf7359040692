"""How a person signs in to Mastodon: each server makes an app for us, then asks its own people.

Source: docs.joinmastodon.org, “apps” and “OAuth”. Servers before 4.3 leave PKCE aside.
"""

from __future__ import annotations

from typing import Any

import requests

from scheduler.channels.lib import http
from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth2, Settings
from scheduler.net.answer import text_of

PERMISSIONS = ("read:accounts", "read:statuses", "write:media", "write:statuses")


def _server(settings: Settings) -> str:
    return str(settings["instance"])


def _register(session: requests.Session, context: AuthorizationContext) -> App:
    form = {"client_name": "Promenade", "redirect_uris": context.redirect_uri, "scopes": " ".join(PERMISSIONS)}
    said = http.expect_status(session.post(f"{_server(context.settings)}/api/v1/apps", data=form), 200).json()
    return App(text_of(said["client_id"]), text_of(said["client_secret"]))


def _make_credentials(_: requests.Session, context: AuthorizationContext, __: App, said: dict[str, Any]) -> Credentials:
    return Credentials(dict(context.settings), {"access_token": text_of(said["access_token"])})


SIGN_IN = OAuth2(
    label="Mastodon",
    authorize=lambda settings: f"{_server(settings)}/oauth/authorize",
    token=lambda settings: f"{_server(settings)}/oauth/token",
    scopes=PERMISSIONS,
    make_credentials=_make_credentials,
    pkce=True,
    register=_register,
)
