"""Every channel that we can publish to: one line each."""

from __future__ import annotations

from typing import Any

from scheduler.channels.blog import Blog
from scheduler.channels.bluesky import Bluesky
from scheduler.channels.bulletin import Bulletin
from scheduler.channels.contract import Adapter, Given
from scheduler.channels.email import Email
from scheduler.channels.facebook import Facebook
from scheduler.channels.linkedin import LinkedIn
from scheduler.channels.mastodon import Mastodon
from scheduler.channels.share_kit import ShareKit
from scheduler.channels.slack import Slack
from scheduler.channels.teams import Teams
from scheduler.channels.webhook import Webhook
from scheduler.channels.wordpress import WordPress
from scheduler.channels.x import X

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


def build(kind: str, *, settings: dict[str, Any], secrets: dict[str, Any], given: Given) -> Adapter:
    """The adapter of one connection. Raises KeyError for an unknown kind, pydantic.ValidationError for bad settings."""
    adapter = ADAPTERS[kind]
    built: Adapter = adapter(adapter.Settings.model_validate(settings), adapter.Secrets.model_validate(secrets), given)
    return built
