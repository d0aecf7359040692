"""Every channel that we can publish to: one line each."""

from __future__ import annotations

from typing import Any

from scheduler.channels.blog import Blog
from scheduler.channels.bulletin import Bulletin
from scheduler.channels.contract import Adapter
from scheduler.channels.house import HouseAdapter, Shelf
from scheduler.channels.x import X

ADAPTERS: dict[str, Any] = {
    X.kind: X,
    Blog.kind: Blog,
    Bulletin.kind: Bulletin,
}


def build(kind: str, *, settings: dict[str, Any], secrets: dict[str, Any], shelf: Shelf) -> Adapter:
    """The adapter of one connection. Raises KeyError for an unknown kind, pydantic.ValidationError for bad settings."""
    adapter = ADAPTERS[kind]
    parts = adapter.Settings.model_validate(settings), adapter.Secrets.model_validate(secrets)
    built: Adapter = adapter(shelf) if issubclass(adapter, HouseAdapter) else adapter(*parts)
    return built
