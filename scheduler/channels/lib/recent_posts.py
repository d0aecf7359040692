"""Finding our post among an account's latest ones, and how far back they are read before it is said to be missing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Post = TypeVar("Post", bound=Any)

CLOCK_SKEW = 60.0
"""Seconds by which a channel's clock and ours may differ."""
PAGE_LIMIT = 10


class TooManyPosts(Exception):
    """There are more posts since our first attempt than we go through."""


def find(
    pages: Iterable[list[Post]],
    *,
    key: str,
    link: str,
    created_at: Callable[[Post], float],
    has_link: Callable[[Post, str], bool],
) -> Post | None:
    """The newest post with our tracked link. Raises TooManyPosts."""
    return next((post for post in since_first_attempt(pages, created_at, key) if has_link(post, link)), None)


def since_first_attempt(pages: Iterable[list[Post]], created_at: Callable[[Post], float], key: str) -> Iterator[Post]:
    """The posts of these pages, the newest first, as far back as ours can stand. `created_at` gives the moment of a
    post, in seconds since 1970. Of a publication that has no key any more, after a restore, the first attempt is not
    known: all are read. Raises TooManyPosts."""
    since = first_attempt_at(key)
    for number, page in enumerate(pages):
        if number == PAGE_LIMIT:
            raise TooManyPosts
        yield from page
        if since is not None and page and created_at(page[-1]) < since - CLOCK_SKEW:
            return


def first_attempt_at(key: str) -> float | None:
    """Seconds since 1970 (RFC 9562, section 5.7); None where the key is lost."""
    try:
        return (uuid.UUID(key).int >> 80) / 1000
    except ValueError:
        return None
