"""One search over everything that a person may open: content, campaigns, channels, teams, people and candidates.

Each kind of row is asked for only where the person's role may list it, so that no hit tells what its page would not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from backend.accounts import roles
from backend.accounts.models import User
from campaigns.hiring.models import Candidate
from campaigns.planning import search
from campaigns.planning.models import Campaign, Channel, Team

AT_MOST = 20
"""Of each kind of row, where nobody asks for more."""
LENGTH_AT_MOST = 200  # characters


@dataclass(frozen=True)
class SearchHit:
    """One hit. `kind` is a kind of content, or campaign, channel, team, person, candidate."""

    kind: str
    id: int
    title: str
    detail: str
    """What tells it from others of the same name."""


def find(typed: str, *, by: User, limit: int = 8) -> list[SearchHit]:
    """What has every word that was typed: at most `limit` rows of each kind, content first. Nothing typed finds
    nothing."""
    typed = " ".join(typed.replace("\x00", " ").split())[:LENGTH_AT_MOST]
    if not typed:
        return []
    return [found for act, look in _KINDS.items() if roles.may(by.role, act) for found in look(typed, limit)]


def _content(typed: str, limit: int) -> Iterator[SearchHit]:
    for row in search.content(typed, limit=limit):
        yield SearchHit(row.kind, row.pk, row.title, f"{row.get_kind_display()}, {row.get_state_display().lower()}")


def _campaigns(typed: str, limit: int) -> Iterator[SearchHit]:
    for row in Campaign.objects.filter(_named(typed))[:limit]:
        yield SearchHit("campaign", row.pk, row.name, "Campaign")


def _channels(typed: str, limit: int) -> Iterator[SearchHit]:
    for row in Channel.objects.filter(_named(typed))[:limit]:
        yield SearchHit("channel", row.pk, row.name, f"Channel, {row.get_category_display().lower()}")


def _teams(typed: str, limit: int) -> Iterator[SearchHit]:
    for row in Team.objects.filter(_named(typed))[:limit]:
        yield SearchHit("team", row.pk, row.name, f"Team, {row.location}" if row.location else "Team")


def _people(typed: str, limit: int) -> Iterator[SearchHit]:
    for row in User.objects.filter(_named(typed), is_program=False).order_by("name")[:limit]:
        yield SearchHit("person", row.pk, row.name, f"Person, {row.get_role_display().lower()}")


def _candidates(typed: str, limit: int) -> Iterator[SearchHit]:
    rows = Candidate.objects.known_as(typed)
    for row in rows.select_related("vacancy")[:limit]:
        yield SearchHit(
            "candidate", row.pk, row.reference, f"Candidate for {row.vacancy}" if row.vacancy else "Candidate"
        )


def _named(typed: str) -> Q:
    """Of these tables there are a few hundred rows at the most."""
    named = Q()
    for word in typed.split():
        named &= Q(name__icontains=word)
    return named


_KINDS: dict[str, Callable[[str, int], Iterator[Any]]] = {
    "read content": _content,
    "read campaigns": _campaigns,
    "read channels": _channels,
    "read teams": _teams,
    "read users": _people,
    "read candidates": _candidates,
}
