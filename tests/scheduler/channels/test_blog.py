"""The house's own blog as a channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler.channels.own_site.blog import Blog
from tests.scheduler.channels.far_side import HouseSide


@contextmanager
def far_side(_: Path) -> Iterator[HouseSide]:
    yield HouseSide(Blog)
