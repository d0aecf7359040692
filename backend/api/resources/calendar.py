"""The calendar: events, closing dates and publications of any span, in one list."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from ninja import Field, Query, Router, Schema

from backend.api.paging import seal, unseal
from backend.api.problems import ProblemError
from backend.api.schemas import ApiRequest, Id, Moment
from campaigns.planning import calendar
from campaigns.planning.models import ContentKind, ContentState, PublicationState

router = Router(tags=["calendar"])
MARK = "calendar"
"""First in each cursor, so that one of a list is not taken for one of the calendar."""

EntryType = Literal["event", "closing", "publication"]


class CalendarEntryOut(Schema):
    at: datetime = Field(description="When it starts, closes or goes out.")
    type: EntryType
    id: int = Field(description="Of the publication, otherwise of the content.")
    ends_at: datetime | None
    title: str
    content_id: int
    content_kind: ContentKind
    state: ContentState | PublicationState
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
    type: EntryType | None = None
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    limit: int = Field(500, ge=1, le=2000)


@router.get("", response=CalendarOut, summary="Read a span of the calendar")
def get_calendar(request: ApiRequest, query: Query[CalendarQuery]) -> Any:
    """Sorted by time, then type, then id. Without an offset, times are read in Europe/London."""
    if query.to <= query.from_:
        raise ProblemError(422, "invalid", "`to` must be later than `from`.", field="to")
    filters = calendar.Filters(
        campaign_id=query.campaign_id,
        channel_id=query.channel_id,
        kind=query.kind,
        types=frozenset({query.type} if query.type else get_args(EntryType)),
    )
    found = calendar.entries(
        start=query.from_, end=query.to, filters=filters, after=_position(query.cursor), limit=query.limit + 1
    )
    shown = found[: query.limit]
    return {"items": shown, "next": seal([MARK, *shown[-1].position]) if len(found) > query.limit else None}


def _position(cursor: str | None) -> tuple[datetime, str, int] | None:
    if not cursor:
        return None
    mark, *position = unseal(cursor)
    if mark != MARK:
        raise ProblemError(422, "bad_cursor", "This cursor belongs to a list, not to the calendar.", field="cursor")
    at, type_, id_ = position
    return datetime.fromisoformat(at), type_, id_
