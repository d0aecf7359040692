"""How far an account's latest posts are read before it is said that ours is not among them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Post = TypeVar("Post", bound=Any)

CLOCKS_APART = 60.0
"""Seconds by which a channel's clock and ours may differ."""
MOST_PAGES = 10


class TooManyPosts(Exception):
    """There are more posts since our first try than we go through."""


def since_first_attempt(pages: Iterable[list[Post]], when: Callable[[Post], float], key: str) -> Iterator[Post]:
    """The posts of these pages, the newest first, as far back as ours can stand. `when` gives the moment of a post, in
    seconds since 1970. Of a publication that has no key any more, after a restore, the first try is not known: all are
    read. Raises TooManyPosts."""
    since = first_attempt_at(key)
    for number, page in enumerate(pages):
        if number == MOST_PAGES:
            raise TooManyPosts
        yield from page
        if since is not None and page and when(page[-1]) < since - CLOCKS_APART:
            return


def first_attempt_at(key: str) -> float | None:
    """Seconds since 1970 (RFC 9562, section 5.7); None where the key is lost."""
    try:
        return (uuid.UUID(key).int >> 80) / 1000
    except ValueError:
        return None
