"""What a feed says, whatever format it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class EntryPicture:
    url: str
    alt: str
    width: int
    """Pixels, as height."""
    height: int
    type: str
    """Media type, such as image/jpeg."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Entry:
    """One item. Addresses are absolute, times carry their zone, `html` is sanitised already."""

    guid: UUID
    title: str
    link: str
    summary: str
    """Plain text; where it is empty, the feed takes the first words of the HTML."""
    html: str
    author: str
    """Whom to name; where it is empty, nobody is named."""
    tags: tuple[str, ...]
    published: datetime
    updated: datetime
    picture: EntryPicture | None = None


@dataclass(frozen=True)
class Feed:
    title: str
    description: str
    language: str
    """A BCP 47 tag, such as en-gb."""
    self_url: str
    site_url: str
    ttl: int
    """Minutes for which a reader may keep its copy before it asks again."""
    updated: datetime
    """When anything in the feed last changed; never the time of reading."""
    entries: tuple[Entry, ...] = ()
