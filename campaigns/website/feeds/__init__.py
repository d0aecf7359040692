"""Feeds as pure documents: what goes in is all that they know; no database, no request, no clock."""

from campaigns.website.feeds.feed import Entry, EntryPicture, Feed
from campaigns.website.feeds.rss_document import rss

__all__ = ["Entry", "EntryPicture", "Feed", "rss"]
