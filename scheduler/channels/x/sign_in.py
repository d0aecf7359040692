"""How a person signs in to X: OAuth 1.0a, whose tokens do not end."""

from __future__ import annotations

from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth1


def _make_credentials(context: AuthorizationContext, app: App, token: str, secret: str) -> Credentials:
    own = {"consumer_key": app.client_id, "consumer_secret": app.client_secret}
    return Credentials(dict(context.settings), own | {"access_token": token, "access_token_secret": secret})


SIGN_IN = OAuth1(label="X", base=lambda settings: str(settings["api_base"]), make_credentials=_make_credentials)
