"""Feeds as pure documents: what goes in is all that they know; no database, no request, no clock."""

from campaigns.bulletins.feeds.rss_document import rss
from campaigns.bulletins.feeds.shapes import Entry, EntryPicture, Feed

__all__ = ["Entry", "EntryPicture", "Feed", "rss"]
