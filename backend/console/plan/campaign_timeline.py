"""A campaign's weeks: what went out and what will, its events and closing dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from backend.console.plan.board import covered_days
from backend.console.plan.plan_query import midnight, monday_of
from campaigns.planning.calendar import entries as calendar
from campaigns.planning.calendar.entries import Entry, Filters
from campaigns.planning.models import Campaign, Channel

WEEKS = 8
BEHIND = 2
"""Weeks that are shown before the present one."""
SHOWN = 5
"""Lines of a week; the rest stands in the plan."""
WEEK = timedelta(days=7)
FIRST, LAST = date(1972, 1, 3), date(2199, 1, 7)


@dataclass(frozen=True)
class TimelineEntry:
    at: datetime
    title: str
    address: str
    kind: str
    where: str
    """The channel of a post."""
    state: str
    """Of a post; empty for a date."""
    said: str
    """What a date is; empty for a post."""
    off: bool


@dataclass(frozen=True)
class Week:
    """One week, or several in a row in which there is nothing."""

    monday: date
    last: date
    now: bool
    posts: int
    address: str
    """Of the same week in the plan."""
    more: int
    lines: list[TimelineEntry] = field(default_factory=list)


@dataclass(frozen=True)
class Timeline:
    weeks: list[Week]
    first: date
    before: str
    later: str

    @property
    def last(self) -> date:
        return self.first + WEEKS * WEEK - timedelta(days=1)


def timeline(campaign: Campaign, wanted: str) -> Timeline:
    """The weeks from the one that is wanted, such as 2026-03-02, or those around now. Its cost follows from what the
    house plans in these weeks, not from the campaign."""
    first = _first(campaign, wanted)
    start, end = midnight(first), midnight(first + WEEKS * WEEK)
    filters = Filters(campaign_id=campaign.pk, types=frozenset(calendar.PLANNED))
    entries = calendar.entries(start=start, end=end, filters=filters)
    channels = dict(Channel.objects.values_list("pk", "name"))
    here = reverse("console:campaign", args=[campaign.pk])
    return Timeline(
        weeks=_folded(_weeks(campaign, first, entries, channels)),
        first=first,
        before=f"{here}?week={max(first - WEEKS * WEEK, FIRST)}#timeline",
        later=f"{here}?week={min(first + WEEKS * WEEK, LAST)}#timeline",
    )


def _first(campaign: Campaign, wanted: str) -> date:
    try:
        chosen = date.fromisoformat(wanted) if wanted.isascii() else None
    except ValueError:
        chosen = None
    if chosen is None:
        today = timezone.localdate()
        if today < campaign.starts_on:
            chosen = campaign.starts_on - WEEK
        elif campaign.ends_on and campaign.ends_on < today:
            chosen = campaign.ends_on - (WEEKS - 1) * WEEK
        else:
            chosen = today - BEHIND * WEEK
    return monday_of(min(max(chosen, FIRST), LAST))


def _weeks(campaign: Campaign, first: date, entries: list[Entry], channels: Mapping[int, str]) -> Iterator[Week]:
    today, zone = monday_of(timezone.localdate()), timezone.get_current_timezone()
    by_week: dict[date, list[Entry]] = {}
    for entry in entries:
        days = covered_days(entry, zone, first, first + WEEKS * WEEK - timedelta(days=1))
        for monday in dict.fromkeys(monday_of(day) for day in days):
            by_week.setdefault(monday, []).append(entry)
    for number in range(WEEKS):
        monday = first + number * WEEK
        found = by_week.get(monday, [])
        runs = monday + WEEK > campaign.starts_on and (campaign.ends_on is None or monday <= campaign.ends_on)
        if not found and not runs:
            continue
        query = urlencode({"view": "week", "week": f"{monday:%G-W%V}", "campaign": campaign.pk})
        shown = sorted([each for each in found if each.type != "publication"][:SHOWN] + _posts(found)[:SHOWN], key=_at)
        yield Week(
            monday=monday,
            last=monday + timedelta(days=6),
            now=monday == today,
            posts=len(_posts(found)),
            address=f"{reverse('console:plan')}?{query}",
            more=len(found) - len(shown),
            lines=[_line(each, channels) for each in shown],
        )


def _folded(weeks: Iterable[Week]) -> list[Week]:
    """Empty weeks in a row become one line; the present week stands for itself."""
    found: list[Week] = []
    for week in weeks:
        empty = not week.lines and not week.now
        if empty and found and not found[-1].lines and not found[-1].now:
            found[-1] = replace(found[-1], last=week.last)
        else:
            found.append(week)
    return found


def _posts(entries: list[Entry]) -> list[Entry]:
    return [each for each in entries if each.type == "publication"]


def _at(entry: Entry) -> datetime:
    return entry.at


def _line(entry: Entry, channels: Mapping[int, str]) -> TimelineEntry:
    post = entry.type == "publication"
    said = {"event": "Event", "closing": "Closing date"}.get(entry.type, "")
    if entry.cancelled and said:
        said = "Event, cancelled" if entry.type == "event" else "Closed early"
    return TimelineEntry(
        at=entry.at,
        title=entry.title,
        address=reverse("console:publication" if post else "console:content", args=[entry.id]),
        kind=entry.content_kind,
        where=channels.get(entry.channel_id or 0, ""),
        state=entry.state if post else "",
        said=said,
        off=entry.cancelled,
    )
