"""The house's own blog as a channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler.channels.own_site.adapter import Blog
from tests.scheduler.channels.remote_channel import RemoteOwnSite


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteOwnSite]:
    yield RemoteOwnSite(Blog)
