"""How many publications stand still, where and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.planning.models import Channel, Publication, PublicationState, Reason, Remedy
from campaigns.planning.models.publication import PublicationQuerySet

P = PublicationState


@dataclass(frozen=True)
class AttentionCount:
    """So many on one channel, in one state, for one reason."""

    state: str
    needs_person: bool
    channel_id: int
    channel_name: str
    reason_code: str
    number: int
    latest: datetime
    """When the last of them was to go out."""

    @property
    def under_way(self) -> bool:
        return self.state in (P.SENDING, P.UNKNOWN) and not self.needs_person

    @property
    def why(self) -> str:
        """In short words, where there is a reason."""
        return Reason(self.reason_code).label if self.reason_code else ""


def attention_counts(rows: PublicationQuerySet) -> list[AttentionCount]:
    """Of these, all that need attention, are held, or are under way. Its cost grows with these alone, never with what
    went out. One query."""
    calm = rows.needs_attention(False).filter(state__in=[P.HELD, P.SENDING, P.UNKNOWN])
    return _read(_grouped(rows.needs_attention()).union(_grouped(calm), all=True))


def needing_counts(rows: PublicationQuerySet) -> list[AttentionCount]:
    """Those alone that need attention. One query."""
    return _read(_grouped(rows.needs_attention()))


def _grouped(rows: PublicationQuerySet) -> QuerySet[Any, Any]:
    columns = ("state", "needs_person", "channel_id", "channel__name", "reason_code")
    return rows.order_by().values_list(*columns).annotate(number=Count("pk"), latest=Max("publish_at"))


def _read(rows: QuerySet[Any, Any]) -> list[AttentionCount]:
    found = [AttentionCount(*row) for row in rows]
    return sorted(found, key=lambda each: (not each.needs_person, each.channel_name, each.reason_code))


def held_by_pauses() -> list[tuple[int, int | None, int]]:
    """Channel, campaign, and how many of theirs a pause has held."""
    rows = Publication.objects.held_until(Remedy.PAUSE_END).order_by("channel_id")
    return list(rows.values_list("channel_id", "content__campaign_id").annotate(number=Count("pk")))


def channels_with_waiting() -> QuerySet[Channel]:
    """Channels with `waiting`: how many are planned or held for each, read from an index alone."""
    its_own = Publication.objects.waiting().filter(channel=OuterRef("pk")).order_by()
    number = its_own.values("channel").annotate(number=Count("pk")).values("number")
    return Channel.objects.annotate(waiting=Coalesce(Subquery(number), 0))
