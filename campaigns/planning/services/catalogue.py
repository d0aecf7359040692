"""Campaigns, teams, channels and the organisation itself."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import transaction
from django.utils.text import slugify

from campaigns.planning import clock, validation
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Campaign, Channel, Organisation, Remedy, Team
from campaigns.planning.services import publications
from media import uses

Row = TypeVar("Row", Campaign, Channel, Team, Organisation)


def add_campaign(**fields: Any) -> Campaign:
    """Raises InvalidPlan: an end before the start, a short name that is taken."""
    return _save(Campaign(**fields))


def add_team(**fields: Any) -> Team:
    """Raises InvalidPlan when the name is taken."""
    return _save(Team(**fields))


def add_channel(**fields: Any) -> Channel:
    """Raises InvalidPlan when the short name is taken."""
    return _save(Channel(**fields))


@transaction.atomic
def change(row: Row, changes: dict[str, Any]) -> Row:
    """Set the named fields of a campaign, team, channel or the organisation. A channel that is used again lets go what
    was held for that. Raises InvalidPlan."""
    row = type(row).objects.select_for_update().get(pk=row.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    _save(row)
    if isinstance(row, Organisation):
        uses.record_uses(kind="organisation", row_id=row.pk, picture_ids=[row.logo_id] if row.logo_id else [])
        transaction.on_commit(clock.forget_organisation_zone)
    if isinstance(row, Channel) and changes.get("active"):
        publications.release_cleared(remedy=Remedy.CHANNEL_USE, channel=row, by=None)
    return row


def _save(row: Row) -> Row:
    if isinstance(row, Campaign):
        row.hashtags = validation.words(row.hashtags, field="hashtags")
        if row.ends_on is not None and row.ends_on < row.starts_on:
            raise InvalidPlan("The campaign ends before it starts.", field="ends_on")
    if isinstance(row, (Campaign, Channel)) and not row.slug:
        row.slug = _free_slug(row)
    validation.check(row)
    row.save()
    return row


def _free_slug(row: Campaign | Channel) -> str:
    stem = slugify(row.name)[:90] or row._meta.model_name or "row"
    taken = set(type(row).objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return stem if stem not in taken else next(s for n in range(2, 10_000) if (s := f"{stem}-{n}") not in taken)
