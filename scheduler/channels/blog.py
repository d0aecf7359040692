"""The public website: blog, vacancies and events."""

from __future__ import annotations

from scheduler.channels.house import HouseAdapter


class Blog(HouseAdapter):
    kind = "blog"
    label = "Blog"
    reaches = "public"
