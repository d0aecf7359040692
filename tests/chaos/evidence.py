"""Collects what the checker asks for: the rows of one design's publications, and the logs of its channels."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.chaos.checker import Accepted, Evidence, Post, Try
from tests.chaos.network import read_logs


def seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def collect(*, design: str, network: Path, calm_until: float) -> Evidence:
    from scheduler.models import Attempt

    names = {name for name in _accounts(network) if name.startswith(f"{design}-")}

    def of_accounts(file: str) -> list[dict[str, Any]]:
        return [entry for name, entries in read_logs(network, file).items() if name in names for entry in entries]

    tries = Attempt.objects.filter(publication__channel__slug__startswith=f"{design}-").order_by("id")
    return Evidence(
        posts=_posts(design),
        accepted=[
            Accepted(str(entry["id"]), str(entry["text"]), float(entry["at"])) for entry in of_accounts("posts.jsonl")
        ],
        tries=[
            Try(publication, started.timestamp(), outcome, code)
            for publication, started, outcome, code in tries.values_list(
                "publication_id", "started_at", "outcome", "code"
            )
        ],
        repeats=[str(entry["text"]) for entry in of_accounts("repeats.jsonl")],
        checked_at=time.time(),
        calm_until=calm_until,
    )


def _accounts(network: Path) -> list[str]:
    return [path.name for path in network.iterdir() if path.is_dir()]


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
            remote_id=row.remote_id,
            needs_person=row.needs_person,
            lease_until=seconds(row.lease_until),
            reason=row.reason,
        )
        for row in rows.select_related("content", "link").order_by("pk")
    ]
