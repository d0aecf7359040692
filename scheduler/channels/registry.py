"""Every channel that we can publish to: one line each."""

from __future__ import annotations

from typing import Any

from scheduler.channels.blog import Blog
from scheduler.channels.bulletin import Bulletin
from scheduler.channels.contract import Adapter, Given
from scheduler.channels.email import Email
from scheduler.channels.x import X

ADAPTERS: dict[str, Any] = {
    X.kind: X,
    Blog.kind: Blog,
    Bulletin.kind: Bulletin,
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
