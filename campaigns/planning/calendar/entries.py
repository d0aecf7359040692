"""What happens in a span of time: events, closing dates, publications and days that have a name, in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from campaigns.planning.calendar import named_days
from campaigns.planning.calendar.named_days import NamedDay
from campaigns.planning.models import Event, Publication, Vacancy, VacancyStatus

PLANNED = ("closing", "event", "publication")
TYPES = (*PLANNED, *named_days.TYPES)
Position = tuple[datetime, str, int]
LONGEST = timedelta(days=92)
"""How long before a span an event may have begun that still goes on in it, so that the question stays within one range
of the index on beginnings. What lasts longer is told of in its first three months."""


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
    content_state: str
    """The same as `state`, except of a publication."""
    campaign_id: int | None
    channel_id: int | None = None
    cancelled: bool = False

    @property
    def position(self) -> tuple[datetime, str, int]:
        return self.at, self.type, self.id


@dataclass(frozen=True)
class Filters:
    """What is asked of content (campaign, kind, team, owner) is asked of a publication's content too. Days that have a
    name belong to nobody: as soon as anything but the type is asked for, they are left out."""

    campaign_id: int | None = None
    channel_id: int | None = None
    kind: str | None = None
    state: str | None = None
    """Of the entry itself, or of the content that a publication tells of."""
    team_id: int | None = None
    """Hosts the event, or has the vacancy."""
    owner_id: int | None = None
    """Who planned the content."""
    types: frozenset[str] = frozenset(TYPES)

    @property
    def narrow(self) -> bool:
        asked = (self.campaign_id, self.channel_id, self.kind, self.state, self.team_id, self.owner_id)
        return any(value is not None for value in asked)


def lines(
    *, start: datetime, end: datetime, filters: Filters, after: Position | None = None, limit: int | None = None
) -> list[Entry | NamedDay]:
    """What is planned and the days that have a name in a span of time, after a position; see `entries`. A name of
    several days stands on the first."""
    planned: list[Entry | NamedDay] = [*entries(start=start, end=end, filters=filters, after=after, limit=limit)]
    named: list[Entry | NamedDay] = []
    if not filters.narrow:
        since = start if after is None else max(start, after[0])
        found = named_days.days_starting(since, end, filters.types)
        named = [*islice((day for day in found if after is None or day.position > after), limit)]
    return list(islice(merge(planned, named, key=_position), limit))


def _position(line: Entry | NamedDay) -> Position:
    return line.position


def entries(
    *, start: datetime, end: datetime, filters: Filters, after: Position | None = None, limit: int | None = None
) -> list[Entry]:
    """What is planned with start ≤ time < end, and events that began before and still go on at its start; after a
    position, and at most `limit` of it where that is given. Three queries, each bounded by an index range and the
    limit, whatever the size of the tables."""
    sources = []
    if "event" in filters.types and filters.channel_id is None:
        sources.append(_events(start, end, filters, after, limit))
    if "closing" in filters.types and filters.channel_id is None:
        sources.append(_closings(start, end, filters, after, limit))
    if "publication" in filters.types:
        sources.append(_publications(start, end, filters, after, limit))
    return list(islice(merge(*sources, key=_position), limit))


def _span(field: str, type_: str, start: datetime, end: datetime, after: Position | None) -> Q:
    span = Q(**{f"{field}__gte": start, f"{field}__lt": end})
    if after is None:
        return span
    at, last_type, last_id = after
    same = Q(**{field: at})
    if type_ == last_type:
        return span & (Q(**{f"{field}__gt": at}) | (same & Q(pk__gt=last_id)))
    return span & (Q(**{f"{field}__gt": at}) | (same if type_ > last_type else Q(pk__in=[])))


def _is(column: str, value: int | str) -> Q:
    """Compared so that no index of this column is taken: the span of time is always the narrower way in, which SQLite
    cannot know, and a house's events or one campaign's publications of all years are many."""
    nothing: int | str = 0 if isinstance(value, int) else ""
    return Q(Exact(Coalesce(F(column), Value(nothing)), value))


def _content(filters: Filters, *, team: tuple[str, ...], prefix: str = "") -> Q:
    wanted = Q()
    asked = {"campaign_id": filters.campaign_id, "kind": filters.kind, "created_by_id": filters.owner_id}
    for name, value in asked.items():
        if value is not None:
            wanted &= _is(f"{prefix}{name}", value)
    if filters.state is not None:
        own = _is("state", filters.state)
        wanted &= own | _is(f"{prefix}state", filters.state) if prefix else own
    if filters.team_id is not None:
        of_team = Q()
        for column in team:
            of_team |= _is(column, filters.team_id)
        wanted &= of_team
    return wanted


def _events(
    start: datetime, end: datetime, filters: Filters, after: Position | None, limit: int | None
) -> Iterator[Entry]:
    going_on = Q(starts_at__gte=start) | Q(ends_at__gt=start)
    wanted = _span("starts_at", "event", start - LONGEST, end, after) & going_on
    wanted &= _content(filters, team=("host_team_id",))
    columns = ("starts_at", "pk", "ends_at", "title", "kind", "state", "campaign_id", "cancelled_at")
    # Columns, not rows: of these there can be many, and making a row takes longer than reading it.
    rows = Event.objects.filter(wanted).order_by("starts_at", "pk").values_list(*columns)
    for at, pk, ends_at, title, kind, state, campaign_id, cancelled_at in rows[:limit]:
        yield Entry(
            at=at,
            type="event",
            id=pk,
            ends_at=ends_at,
            title=title,
            content_id=pk,
            content_kind=kind,
            state=state,
            content_state=state,
            campaign_id=campaign_id,
            cancelled=cancelled_at is not None,
        )


def _closings(
    start: datetime, end: datetime, filters: Filters, after: Position | None, limit: int | None
) -> Iterator[Entry]:
    wanted = _span("closes_at", "closing", start, end, after) & _content(filters, team=("team_id",))
    columns = ("closes_at", "pk", "title", "kind", "state", "campaign_id", "status")
    rows = Vacancy.objects.filter(wanted).order_by("closes_at", "pk").values_list(*columns)
    for at, pk, title, kind, state, campaign_id, status in rows[:limit]:
        yield Entry(
            at=at,
            type="closing",
            id=pk,
            ends_at=None,
            title=title,
            content_id=pk,
            content_kind=kind,
            state=state,
            content_state=state,
            campaign_id=campaign_id,
            cancelled=status != VacancyStatus.OPEN,
        )


def _publications(
    start: datetime, end: datetime, filters: Filters, after: Position | None, limit: int | None
) -> Iterator[Entry]:
    wanted = _span("publish_at", "publication", start, end, after) & _content(
        filters, prefix="content__", team=("content__event__host_team_id", "content__vacancy__team_id")
    )
    if filters.channel_id is not None:
        wanted &= Q(channel_id=filters.channel_id)
    rows = Publication.objects.filter(wanted).order_by("publish_at", "pk")
    columns = ("publish_at", "pk", "state", "channel_id", "content_id")
    of_content = ("content__title", "content__kind", "content__state", "content__campaign_id")
    for at, pk, state, channel_id, content_id, title, kind, content_state, campaign_id in rows.values_list(
        *columns, *of_content
    )[:limit]:
        yield Entry(
            at=at,
            type="publication",
            id=pk,
            ends_at=None,
            title=title,
            content_id=content_id,
            content_kind=kind,
            state=state,
            content_state=content_state,
            campaign_id=campaign_id,
            channel_id=channel_id,
            cancelled=state == "cancelled",
        )
