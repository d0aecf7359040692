"""What goes out for campaigns: how much stands where, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.planning.models import WAITING, Content, Publication, PublicationState

P = PublicationState
LOOKS_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Posts:
    """How many of a campaign went out, wait or are under way, and need attention, also of those that wait."""

    out: int
    waiting: int
    needing: int


def count_posts(campaign_id: int) -> Posts:
    rows = Publication.objects.filter(content__campaign_id=campaign_id).order_by()
    found = list(rows.values_list("state", "needs_person").annotate(number=Count("pk")))
    return Posts(
        out=sum(number for state, _, number in found if state == P.SENT),
        waiting=sum(number for state, _, number in found if state in (*WAITING, P.SENDING)),
        needing=sum(number for _, needs_person, number in found if needs_person),
    )


def next_posts(now: datetime) -> dict[int, datetime]:
    """When the next post of each campaign goes out, of those that have one within LOOKS_AHEAD. The states are compared
    after the span of time, which is the narrower way in."""
    rows = Publication.objects.filter(publish_at__gte=now, publish_at__lt=now + LOOKS_AHEAD).order_by()
    first = Min("publish_at", filter=Q(state__in=WAITING))
    found = rows.values_list("content__campaign_id").annotate(first=first)
    return {campaign_id: at for campaign_id, at in found if campaign_id is not None and at is not None}


def with_posts(contents: QuerySet[Content], now: datetime) -> QuerySet[Content]:
    """Contents with `posts`, how many each has that are not cancelled, and `next_post`, when the next goes out."""
    own = Publication.objects.filter(content=OuterRef("pk")).exclude(state=P.CANCELLED).order_by()
    number = own.values("content").annotate(number=Count("pk")).values("number")
    following = own.filter(state__in=WAITING, publish_at__gte=now).order_by("publish_at").values("publish_at")[:1]
    return contents.annotate(posts=Coalesce(Subquery(number), 0), next_post=Subquery(following))
