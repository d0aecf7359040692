"""Channels: where people hear from us. What makes one publishable is the scheduler's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.planning import validation
from campaigns.planning.models import Channel, Remedy
from campaigns.planning.services import waiting_publications


def add_channel(**fields: Any) -> Channel:
    """Raises InvalidPlan when the short name is taken."""
    return _save(Channel(**fields))


@transaction.atomic
def change_channel(*, channel: Channel, changes: Mapping[str, Any]) -> Channel:
    """Set the named fields. A channel that is used again lets go what was held for that. Raises InvalidPlan."""
    row = Channel.objects.select_for_update().get(pk=channel.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    _save(row)
    if changes.get("active"):
        waiting_publications.release_cleared(remedy=Remedy.CHANNEL_USE, channel=row, by=None)
    return row


def _save(row: Channel) -> Channel:
    row.slug = row.slug or validation.free_slug(row)
    validation.check(row)
    row.save()
    return row
