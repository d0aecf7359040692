"""Campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.planning import validation
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Campaign


def add_campaign(**fields: Any) -> Campaign:
    """Raises InvalidPlan: an end before the start, a short name that is taken."""
    return _save(Campaign(**fields))


@transaction.atomic
def change_campaign(*, campaign: Campaign, changes: Mapping[str, Any]) -> Campaign:
    """Set the named fields. Raises InvalidPlan, as adding does."""
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    return _save(row)


def _save(row: Campaign) -> Campaign:
    row.hashtags = validation.words(row.hashtags, field="hashtags")
    if row.ends_on is not None and row.ends_on < row.starts_on:
        raise InvalidPlan("The end date is before the start date.", field="ends_on")
    row.slug = row.slug or validation.free_slug(row)
    validation.check(row)
    row.save()
    return row
