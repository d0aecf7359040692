"""The staff bulletin feed."""

from __future__ import annotations

from scheduler.channels.own_site.adapter import HouseAdapter


class Bulletin(HouseAdapter):
    kind = "bulletin"
    label = "Staff bulletin feed"
    reaches = "staff"
