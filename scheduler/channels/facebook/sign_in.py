"""How a person signs in to Facebook, and how their token becomes that of a Page.

Source: developers.facebook.com, “Manually Build a Login Flow”, “Long-Lived Access Tokens”, “User Accounts”. A Page
token made from a long-lived one does not end by itself.
"""

from __future__ import annotations

from typing import Any

import requests

from scheduler.channels.lib import http
from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth2, Settings, SignInFailed
from scheduler.net.answer import identity_of, objects_of, text_of

PERMISSIONS = ("pages_manage_posts", "pages_read_engagement", "pages_show_list")
MOST_PAGES = 100
PAGES_NAMED = 10
"""Pages that a sentence names at most."""


def _graph(settings: Settings, path: str) -> str:
    return f"{settings['api_base'].rstrip('/')}/{settings['api_version']}/{path}"


def _make_credentials(
    session: requests.Session, context: AuthorizationContext, app: App, token: dict[str, Any]
) -> Credentials:
    form = {
        "grant_type": "fb_exchange_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "fb_exchange_token": token["access_token"],
    }
    long_lived = http.expect_status(session.post(_graph(context.settings, "oauth/access_token"), data=form), 200).json()
    answer = session.get(
        _graph(context.settings, "me/accounts"),
        params={"fields": "id,name,access_token", "limit": str(MOST_PAGES)},
        headers={"Authorization": f"Bearer {text_of(long_lived['access_token'])}"},
    )
    pages = objects_of(http.expect_status(answer, 200).json()["data"])
    page = _choose_page(pages, str(context.settings.get("page_id") or ""))
    return Credentials(
        {**context.settings, "page_id": identity_of(page["id"])},
        {"access_token": text_of(page["access_token"]), "app_id": app.client_id, "app_secret": app.client_secret},
    )


def _choose_page(pages: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    found = [page for page in pages if wanted in ("", str(page["id"]))]
    if len(found) == 1:
        return found[0]
    if not pages:
        raise SignInFailed(
            "The person who signed in does not manage a Page that Promenade can use. Sign in as someone who "
            "does, and select the Page."
        )
    named = ", ".join(f"{page['name']} ({page['id']})" for page in pages[:PAGES_NAMED])
    raise SignInFailed(f"Enter the number of the Page and start again. The person who signed in manages: {named}.")


SIGN_IN = OAuth2(
    label="Facebook",
    authorize=lambda settings: f"{settings['oauth_base'].rstrip('/')}/{settings['api_version']}/dialog/oauth",
    token=lambda settings: _graph(settings, "oauth/access_token"),
    scopes=PERMISSIONS,
    separator=",",
    make_credentials=_make_credentials,
    discovered_settings=frozenset({"page_id"}),
)
