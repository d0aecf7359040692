"""The calendar: events, closing dates, publications and named days of any span, in one list."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from ninja import Field, Query, Router, Schema

from backend import paging
from backend.api.paging import bad_cursor
from backend.api.problems import ProblemError
from backend.api.schemas import ApiRequest, Day, Id, Moment
from campaigns.planning.calendar import entries as calendar
from campaigns.planning.calendar import hints
from campaigns.planning.calendar.named_days import NamedDay
from campaigns.planning.models import ContentKind, ContentState, PublicationState

router = Router(tags=["calendar"])
DAYS = timedelta(days=92)
"""A quarter: of so many days hints are given at once."""
MARK = "calendar"
"""First in each cursor, so that one of a list is not taken for one of the calendar."""

EntryType = Literal["event", "closing", "publication", "bank_holiday", "awareness", "clock_change"]
State = Literal[
    "draft",
    "in_review",
    "returned",
    "approved",
    "archived",
    "withdrawn",
    "scheduled",
    "sending",
    "sent",
    "unknown",
    "failed",
    "held",
    "cancelled",
]
"""Of content or of a publication."""


class CalendarEntryOut(Schema):
    at: datetime = Field(description="When it starts, closes or is published; midnight of a named day's first day.")
    type: EntryType
    id: int | None = Field(description="Of the publication, otherwise of the content; a named day has none.")
    ends_at: datetime | None = Field(description="Of an event, and of named days: the midnight after the last one.")
    all_day: bool = Field(description="Lasts whole days of the organisation, as bank holidays and awareness days do.")
    title: str
    source: str = Field(description="Of a named day: who decides it, and by which rule.")
    content_id: int | None
    content_kind: ContentKind | None
    state: ContentState | PublicationState | None
    content_state: ContentState | None = Field(description="A publication is only sent while this is approved.")
    campaign_id: int | None
    channel_id: int | None
    cancelled: bool = Field(description="Cancelled, filled or withdrawn.")


class CalendarOut(Schema):
    items: list[CalendarEntryOut]
    next: str | None = Field(description="Give this as `cursor` to get the next page; null on the last page.")


class CalendarQuery(Schema):
    from_: Moment = Field(..., alias="from", description="Entries at or after this.", examples=["2030-09-01T00:00:00"])
    to: Moment = Field(..., description="Entries before this.", examples=["2030-10-01T00:00:00"])
    campaign_id: Id | None = None
    channel_id: Id | None = Field(None, description="Only publications have one.")
    kind: ContentKind | None = None
    state: State | None = Field(None, description="Of the entry, or of the publication's content.")
    team_id: Id | None = Field(None, description="The team that hosts the event or has the vacancy.")
    owner_id: Id | None = Field(None, description="The person who planned the content.")
    type: EntryType | None = Field(
        None, description="Bank holidays (England), awareness days and clock changes match no other filter."
    )
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    limit: int = Field(500, ge=1, le=2000)


class GapOut(Schema):
    campaign_id: int
    campaign: str
    rhythm_days: int
    first: date = Field(description="The first silent day.")
    last: date
    words: str


class ClashOut(Schema):
    kind: Literal["near", "quiet", "bank_holiday"] = Field(
        description=(
            "Two posts close together on a channel; a post in its channel's quiet hours; an event on a bank holiday."
        )
    )
    at: datetime
    words: str
    publication_ids: list[int]
    event_id: int | None


class HintsOut(Schema):
    gaps: list[GapOut] = Field(description="More silent days in a row than the campaign's `rhythm_days`.")
    clashes: list[ClashOut] = Field(description="Of scheduled posts.")


class HintsQuery(Schema):
    first: Day = Field(..., description="The first day, on the organisation's clock.", examples=["2030-09-01"])
    last: Day = Field(..., description="The last day; at most 92 days.", examples=["2030-09-30"])


@router.get("", response=CalendarOut, summary="Read a span of the calendar")
def get_calendar(request: ApiRequest, query: Query[CalendarQuery]) -> Any:
    """Sorted by time, then type, then id. An event that began before `from` and still goes on then is in it. Without an
    offset, times are read on the organisation's clock."""
    if query.to <= query.from_:
        raise ProblemError(422, "invalid", "`to` must be later than `from`.", field="to")
    filters = calendar.Filters(
        campaign_id=query.campaign_id,
        channel_id=query.channel_id,
        kind=query.kind,
        state=query.state,
        team_id=query.team_id,
        owner_id=query.owner_id,
        types=frozenset({query.type} if query.type else get_args(EntryType)),
    )
    found = calendar.lines(
        start=query.from_, end=query.to, filters=filters, after=_position(query.cursor), limit=query.limit + 1
    )
    shown = found[: query.limit]
    return {
        "items": [_shown(line) for line in shown],
        "next": paging.encode_cursor([MARK, *shown[-1].position]) if len(found) > query.limit else None,
    }


@router.get("/hints", response=HintsOut, summary="Read gaps and clashes of some days")
def get_hints(request: ApiRequest, query: Query[HintsQuery]) -> hints.Hints:
    """Silences longer than a campaign's rhythm that are not over yet, and what stands in one another's way. They are
    hints: nothing is forbidden by them."""
    if not query.first <= query.last < query.first + DAYS:
        raise ProblemError(422, "invalid", "`last` is the same day as `first` or at most 91 days later.", field="last")
    return hints.hints_between(first=query.first, last=query.last)


def _shown(line: calendar.Entry | NamedDay) -> dict[str, Any]:
    if isinstance(line, calendar.Entry):
        return {**vars(line), "all_day": False, "source": ""}
    nothing = dict.fromkeys(("id", "content_id", "content_kind", "state", "content_state", "campaign_id", "channel_id"))
    told = {name: getattr(line, name) for name in ("at", "type", "ends_at", "all_day", "title", "source")}
    return {**nothing, **told, "cancelled": False}


def _position(cursor: str | None) -> tuple[datetime, str, int] | None:
    if not cursor:
        return None
    try:
        mark, *position = paging.decode_cursor(cursor)
    except paging.BadCursor as error:
        raise bad_cursor(error) from None
    if mark != MARK:
        raise ProblemError(422, "bad_cursor", "This cursor belongs to a list, not to the calendar.", field="cursor")
    at, type_, id_ = position
    return datetime.fromisoformat(at), type_, id_
