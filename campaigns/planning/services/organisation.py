"""The organisation that this installation serves, and its teams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.planning import organisation_clock, validation
from campaigns.planning.models import Organisation, Team
from media import uses


@transaction.atomic
def change_organisation(*, organisation: Organisation, changes: Mapping[str, Any]) -> Organisation:
    """Set the named fields; its time zone counts at once in this process. Raises InvalidPlan."""
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _set(row, changes)
    uses.record_uses(kind="organisation", row_id=row.pk, picture_ids=[row.logo_id] if row.logo_id else [])
    transaction.on_commit(organisation_clock.forget_organisation_zone)
    return row


def add_team(**fields: Any) -> Team:
    """Raises InvalidPlan when the name is taken."""
    team = Team()
    _set(team, fields)
    return team


@transaction.atomic
def change_team(*, team: Team, changes: Mapping[str, Any]) -> Team:
    """Set the named fields. Raises InvalidPlan when the name is taken."""
    row = Team.objects.select_for_update().get(pk=team.pk)
    _set(row, changes)
    return row


def _set(row: Organisation | Team, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    validation.check(row)
    row.save()
