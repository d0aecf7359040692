"""A post in one step, as a calendar offers it: what is told, where and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction

from campaigns.planning.models import Channel, Content, Publication
from campaigns.planning.services import blog_entries, publications


@transaction.atomic
def plan_post(
    *, channel: Channel, publish_at: datetime, zone: str, by: models.Model | None, **fields: Any
) -> Publication:
    """Plan a blog entry as a draft and its publication on one channel; see plan_blog_entry and schedule_publication
    for what is refused. Both or neither are there afterwards."""
    entry = blog_entries.plan_blog_entry(by=by, **fields)
    return publications.schedule_publication(
        content=Content.objects.get(pk=entry.pk), channel=channel, publish_at=publish_at, zone=zone, by=by
    )
