"""What happens in a span of time: events, closing dates and publications, in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice

from django.db.models import Q

from campaigns.planning.models import Event, Publication, Vacancy


@dataclass(frozen=True)
class Entry:
    """One line of the calendar; lines stand by time, then type, then id."""

    at: datetime
    type: str
    """event | closing | publication"""
    id: int
    ends_at: datetime | None
    title: str
    content_id: int
    content_kind: str
    state: str
    campaign_id: int | None
    channel_id: int | None = None
    cancelled: bool = False

    @property
    def position(self) -> tuple[datetime, str, int]:
        return self.at, self.type, self.id


@dataclass(frozen=True)
class Filters:
    campaign_id: int | None = None
    channel_id: int | None = None
    kind: str | None = None
    types: frozenset[str] = frozenset({"event", "closing", "publication"})


def entries(
    *,
    start: datetime,
    end: datetime,
    filters: Filters,
    after: tuple[datetime, str, int] | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """The entries with start ≤ time < end, after a position, and at most `limit` of them where that is given. Three
    queries, each bounded by an index range and the limit, whatever the size of the tables."""
    sources = []
    if "event" in filters.types and filters.channel_id is None:
        sources.append(_events(start, end, filters, after, limit))
    if "closing" in filters.types and filters.channel_id is None:
        sources.append(_closings(start, end, filters, after, limit))
    if "publication" in filters.types:
        sources.append(_publications(start, end, filters, after, limit))
    return list(islice(merge(*sources, key=lambda entry: entry.position), limit))


def _span(field: str, type_: str, start: datetime, end: datetime, after: tuple[datetime, str, int] | None) -> Q:
    span = Q(**{f"{field}__gte": start, f"{field}__lt": end})
    if after is None:
        return span
    at, last_type, last_id = after
    same = Q(**{field: at})
    if type_ == last_type:
        return span & (Q(**{f"{field}__gt": at}) | (same & Q(pk__gt=last_id)))
    return span & (Q(**{f"{field}__gt": at}) | (same if type_ > last_type else Q(pk__in=[])))


def _content(filters: Filters, prefix: str = "") -> Q:
    wanted = Q()
    if filters.campaign_id is not None:
        wanted &= Q(**{f"{prefix}campaign_id": filters.campaign_id})
    if filters.kind is not None:
        wanted &= Q(**{f"{prefix}kind": filters.kind})
    return wanted


def _events(
    start: datetime, end: datetime, filters: Filters, after: tuple[datetime, str, int] | None, limit: int | None
) -> Iterator[Entry]:
    wanted = _span("starts_at", "event", start, end, after) & _content(filters)
    for event in Event.objects.filter(wanted).order_by("starts_at", "pk")[:limit]:
        yield Entry(
            at=event.starts_at,
            type="event",
            id=event.pk,
            ends_at=event.ends_at,
            title=event.title,
            content_id=event.pk,
            content_kind=event.kind,
            state=event.state,
            campaign_id=event.campaign_id,
            cancelled=event.cancelled_at is not None,
        )


def _closings(
    start: datetime, end: datetime, filters: Filters, after: tuple[datetime, str, int] | None, limit: int | None
) -> Iterator[Entry]:
    wanted = _span("closes_at", "closing", start, end, after) & _content(filters)
    for vacancy in Vacancy.objects.filter(wanted).order_by("closes_at", "pk")[:limit]:
        yield Entry(
            at=vacancy.closes_at,
            type="closing",
            id=vacancy.pk,
            ends_at=None,
            title=vacancy.title,
            content_id=vacancy.pk,
            content_kind=vacancy.kind,
            state=vacancy.state,
            campaign_id=vacancy.campaign_id,
            cancelled=vacancy.status != "open",
        )


def _publications(
    start: datetime, end: datetime, filters: Filters, after: tuple[datetime, str, int] | None, limit: int | None
) -> Iterator[Entry]:
    wanted = _span("publish_at", "publication", start, end, after) & _content(filters, "content__")
    if filters.channel_id is not None:
        wanted &= Q(channel_id=filters.channel_id)
    rows = Publication.objects.filter(wanted).order_by("publish_at", "pk")
    columns = ("publish_at", "pk", "state", "channel_id", "content_id")
    of_content = ("content__title", "content__kind", "content__campaign_id")
    # Columns, not rows: of these there can be many thousands, and making a row takes longer than reading it.
    for at, pk, state, channel_id, content_id, title, kind, campaign_id in rows.values_list(*columns, *of_content)[
        :limit
    ]:
        yield Entry(
            at=at,
            type="publication",
            id=pk,
            ends_at=None,
            title=title,
            content_id=content_id,
            content_kind=kind,
            state=state,
            campaign_id=campaign_id,
            channel_id=channel_id,
            cancelled=state == "cancelled",
        )
