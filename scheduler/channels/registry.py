"""Every channel that we can publish to: one line each, and the one way to look it up.

A stored kind may be missing here, after a downgrade or once a channel is given up: whoever asks must take None for an
answer, so nobody else reads the table itself (ruff's banned-api)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
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


def adapter_classes() -> Mapping[str, Any]:
    """All of them, by their kinds, in the order in which they are offered."""
    return MappingProxyType(ADAPTERS)


def find_adapter_class(kind: str) -> Any | None:
    """The adapter of this kind; None where this installation has none."""
    return ADAPTERS.get(kind)


def label_of(kind: str) -> str:
    """The kind in words; the bare kind where this installation has no such adapter."""
    adapter = find_adapter_class(kind)
    return adapter.label if adapter else kind


def reaches(kind: str, audience: str) -> str:
    """Who reads there, where `audience` is what the channel's own row says; that alone for an unknown kind."""
    adapter = find_adapter_class(kind)
    return audience if adapter is None or adapter.reaches == "either" else adapter.reaches


def build(kind: str, *, settings: dict[str, Any], secrets: dict[str, Any], context: AdapterContext) -> Adapter | None:
    """The adapter of one connection; None for an unknown kind. Raises pydantic.ValidationError for bad settings."""
    adapter = find_adapter_class(kind)
    if adapter is None:
        return None
    built: Adapter = adapter(
        adapter.Settings.model_validate(settings), adapter.Secrets.model_validate(secrets), context
    )
    return built
