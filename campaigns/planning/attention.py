"""How many publications stand still, where and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.planning.models import Channel, Publication, PublicationState
from campaigns.planning.models.publication import ENDS_BY_ITSELF
from campaigns.planning.services.timing.pauses import PAUSED

P = PublicationState


@dataclass(frozen=True)
class AttentionCount:
    """So many on one channel, in one state, for one reason."""

    state: str
    channel_id: int
    channel_name: str
    reason_code: str
    number: int

    @property
    def cause(self) -> str:
        """Why they need a person: unknown, failed, held or live; empty where they do not."""
        if self.state == P.SENT:
            return "live"
        if self.state in (P.UNKNOWN, P.FAILED):
            return self.state
        return "held" if self.state == P.HELD and self.reason_code not in ENDS_BY_ITSELF else ""


def attention_counts() -> list[AttentionCount]:
    """Of unknown outcome, failed, held, being sent, and still live where they should not be. Its cost grows with these
    alone, never with what went out. Two queries."""
    still = Publication.objects.filter(state__in=[P.UNKNOWN, P.FAILED, P.HELD, P.SENDING])
    live = Publication.objects.still_live()
    columns = ("state", "channel_id", "channel__name", "reason_code")
    return [
        AttentionCount(*row)
        for rows in (still, live)
        for row in rows.order_by("channel__name", "reason_code").values_list(*columns).annotate(number=Count("pk"))
    ]


def held_by_pauses() -> list[tuple[int, int | None, int]]:
    """Channel, campaign, and how many of theirs a pause has held."""
    rows = Publication.objects.filter(state=P.HELD, reason_code=PAUSED).order_by("channel_id")
    return list(rows.values_list("channel_id", "content__campaign_id").annotate(number=Count("pk")))


def channels_with_waiting() -> QuerySet[Channel]:
    """Channels with `waiting`: how many are planned or held for each, read from an index alone."""
    its_own = Publication.objects.waiting().filter(channel=OuterRef("pk")).order_by()
    number = its_own.values("channel").annotate(number=Count("pk")).values("number")
    return Channel.objects.annotate(waiting=Coalesce(Subquery(number), 0))
