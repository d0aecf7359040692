"""The staff bulletin feed."""

from __future__ import annotations

from scheduler.channels.own_site.adapter import OwnSiteAdapter


class Bulletin(OwnSiteAdapter):
    kind = "bulletin"
    label = "Staff bulletin feed"
    reaches = "staff"
