"""Collects what the checker asks for: the rows of one design's publications, and what its channels have."""

from __future__ import annotations

import time
from datetime import datetime

from tests.chaos.checker import Evidence, Post, Try
from tests.chaos.places import Place


def seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def collect(*, design: str, place: Place, calm_until: float) -> Evidence:
    from scheduler.engine.models import Attempt

    tries = Attempt.objects.filter(publication__channel__slug__startswith=f"{design}-").order_by("id")
    return Evidence(
        posts=_posts(design),
        accepted=place.accepted(design),
        tries=[
            Try(publication, started.timestamp(), outcome, code)
            for publication, started, outcome, code in tries.values_list(
                "publication_id", "started_at", "outcome", "code"
            )
        ],
        repeats=place.repeats(design),
        checked_at=time.time(),
        calm_until=calm_until,
    )


def _posts(design: str) -> list[Post]:
    from campaigns.planning.models import Publication

    rows = Publication.objects.filter(channel__slug__startswith=f"{design}-")
    return [
        Post(
            id=row.pk,
            title=row.content.title,
            state=row.state,
            publish_at=row.publish_at.timestamp(),
            due_at=row.due_at.timestamp(),
            link=row.link.code if hasattr(row, "link") else "",
            remote_id=row.sent_post.remote_id if hasattr(row, "sent_post") else "",
            needs_person=row.needs_person,
            lease_until=seconds(row.lease_until),
            reason=row.reason,
        )
        for row in rows.select_related("content", "link", "sent_post").order_by("pk")
    ]
