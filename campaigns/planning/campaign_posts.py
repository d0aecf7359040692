"""What goes out for campaigns: how much stands where, and what comes next."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.planning.models import WAITING, Content, Publication, PublicationState
from campaigns.planning.models.publication import PublicationQuerySet

P = PublicationState
LOOKS_AHEAD = timedelta(days=60)


def posts_of(campaign_id: int) -> dict[str, PublicationQuerySet]:
    """A campaign's posts that are out, that still wait, and that need attention."""
    rows = Publication.objects.filter(content__campaign_id=campaign_id)
    return {
        "out": rows.filter(state=P.SENT),
        "waiting": rows.filter(state__in=(*WAITING, P.SENDING)),
        "needing": rows.needs_attention(),
    }


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
