"""Planning blog entries."""

from __future__ import annotations

from typing import Any

from django.db import models

from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import BlogEntry
from campaigns.planning.services import content


def plan_blog_entry(*, by: models.Model | None, **fields: Any) -> BlogEntry:
    """Plan a blog entry as a draft. Raises InvalidPlan, also for an empty body."""
    entry = BlogEntry(**fields)
    if not entry.body.strip():
        raise InvalidPlan("Enter some text.", field="body")
    return content.save_new(entry, by=by)


def change_blog_entry(
    *,
    entry: BlogEntry,
    changes: dict[str, Any],
    by: models.Model | None,
    keep_approval: bool = False,
    locked: bool = False,
) -> BlogEntry:
    """Change the named fields; see content.apply_changes."""
    if "body" in changes and not changes["body"].strip():
        raise InvalidPlan("Enter some text.", field="body")
    return content.apply_changes(entry, changes, by=by, keep_approval=keep_approval, locked=locked)
