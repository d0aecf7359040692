"""The staff bulletin feed."""

from __future__ import annotations

from scheduler.channels.house import HouseAdapter


class Bulletin(HouseAdapter):
    kind = "bulletin"
    label = "Staff bulletin feed"
    reaches = "staff"
