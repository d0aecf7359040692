"""One thing that waits for somebody, and whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts import roles
from backend.accounts.models import User
from backend.notifications.causes import CAUSES, Cause

SHOWN = 20
"""Of each cause, on a page for one person."""
TOLD = 200
"""Of each cause, in a round for everybody: more than anybody reads."""
AHEAD = timedelta(hours=24)


@dataclass(frozen=True)
class AttentionItem:
    """Something that waits for somebody: what it is, where, why, and the page on which to act."""

    cause: Cause
    key: str
    """Which one of its cause."""
    title: str
    where: str
    since: datetime
    reason: str
    address: str
    label: str
    state: str = ""
    """Of a row, for its mark."""
    version: str = ""
    """Another one is news of the same thing."""
    is_post: bool = False
    number: int = 1
    only_for: int | None = None
    """The one person whom it concerns."""
    not_for: int | None = None
    """Whoever edited it may not approve it."""

    only_who_may: str = ""
    """Where this one concerns fewer than its cause does: an act."""

    @property
    def urgent(self) -> bool:
        return CAUSES[self.cause].urgent


def may_act(user: User, cause: Cause) -> bool:
    return roles.may(user.role, CAUSES[cause].act)


def concerns(user: User, item: AttentionItem) -> bool:
    """Whether this person can do something about it."""
    return (
        roles.may(user.role, item.only_who_may or CAUSES[item.cause].act)
        and item.only_for in (None, user.pk)
        and (item.not_for is None or item.not_for != user.pk)
    )


def span_words(span: timedelta) -> str:
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number = int(span.total_seconds() // seconds)
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{max(1, int(span.total_seconds()))} seconds"
