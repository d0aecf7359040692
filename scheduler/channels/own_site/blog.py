"""The public website: blog, vacancies and events."""

from __future__ import annotations

from scheduler.channels.own_site.adapter import OwnSiteAdapter


class Blog(OwnSiteAdapter):
    kind = "blog"
    label = "Blog"
    reaches = "public"
