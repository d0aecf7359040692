"""Every channel that we can publish to: one line each."""

from __future__ import annotations

from typing import Any

from scheduler.channels.bluesky.adapter import Bluesky
from scheduler.channels.contract import Adapter, AdapterContext
from scheduler.channels.email.adapter import Email
from scheduler.channels.facebook.adapter import Facebook
from scheduler.channels.linkedin.adapter import LinkedIn
from scheduler.channels.mastodon.adapter import Mastodon
from scheduler.channels.own_site.adapter import Blog, Bulletin
from scheduler.channels.share_kit.adapter import ShareKit
from scheduler.channels.slack.adapter import Slack
from scheduler.channels.teams.adapter import Teams
from scheduler.channels.webhook.adapter import Webhook
from scheduler.channels.wordpress.adapter import WordPress
from scheduler.channels.x.adapter import X

ADAPTERS: dict[str, Any] = {
    X.kind: X,
    LinkedIn.kind: LinkedIn,
    Facebook.kind: Facebook,
    Mastodon.kind: Mastodon,
    Bluesky.kind: Bluesky,
    Blog.kind: Blog,
    Bulletin.kind: Bulletin,
    ShareKit.kind: ShareKit,
    WordPress.kind: WordPress,
    Slack.kind: Slack,
    Teams.kind: Teams,
    Webhook.kind: Webhook,
    Email.kind: Email,
}


def reaches(kind: str, audience: str) -> str:
    """Who reads there, where `audience` is what the channel's own row says. Raises KeyError for an unknown kind."""
    return audience if ADAPTERS[kind].reaches == "either" else ADAPTERS[kind].reaches


def build(kind: str, *, settings: dict[str, Any], secrets: dict[str, Any], context: AdapterContext) -> Adapter:
    """The adapter of one connection. Raises KeyError for an unknown kind, pydantic.ValidationError for bad settings."""
    adapter = ADAPTERS[kind]
    built: Adapter = adapter(
        adapter.Settings.model_validate(settings), adapter.Secrets.model_validate(secrets), context
    )
    return built
