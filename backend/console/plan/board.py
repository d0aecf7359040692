"""What stands on the days of the plan: chips of what goes out, flags of events and closing dates, names of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from django.urls import reverse
from django.utils import timezone

from backend.console.plan.plan_query import DAY, PlanQuery
from backend.console.templatetags.console import CATEGORIES, KINDS, STATES
from campaigns.planning.calendar import named_days
from campaigns.planning.calendar.entries import Entry
from campaigns.planning.calendar.hints import Clash, Gap, Hints
from campaigns.planning.models import ContentState, PublicationState

SHOWN = 4
"""Chips of a day in a month; the others fold into one line that opens the day."""
FLAGS = 3
LONG = timedelta(days=8)
"""What lasts longer is named above the days instead of on each of them."""
FLAG_ICONS = {"event": "calendar-heart", "closing": "flag"}


@dataclass(frozen=True)
class ChipChannel:
    """A channel as a chip needs it."""

    name: str
    category: str


@dataclass(frozen=True)
class Chip:
    id: int
    time: str
    title: str
    kind: str
    kind_icon: str
    channel: str
    channel_icon: str
    state: str
    state_icon: str
    word: str
    tone: str
    said: str
    """Everything that the icons say, for whoever does not see them."""
    movable: bool
    seen: str
    clashes: tuple[str, ...] = ()

    @property
    def spoken(self) -> bool:
        """Whether the state is worth a word on the chip: everything but what goes its way."""
        return self.word not in ("Scheduled", "Sent")


@dataclass(frozen=True)
class Flag:
    icon: str
    kind: str
    words: str
    title: str
    address: str
    cancelled: bool
    clashes: tuple[str, ...] = ()


@dataclass
class Day:
    day: date
    today: bool
    outside: bool
    """Of the month before or after."""
    weekend: bool
    address: str
    holiday: str = ""
    names: list[str] = field(default_factory=list)
    posts: list[Entry] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    """Of the posts that are shown."""
    dates: list[Entry] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    """Of the dates that are shown."""
    gaps: list[Gap] = field(default_factory=list)
    fold: int | None = None
    """How many posts are shown; all where this is None."""

    @property
    def more(self) -> int:
        return len(self.posts) - len(self.chips)

    @property
    def flags_more(self) -> int:
        return len(self.dates) - len(self.flags)

    @property
    def empty(self) -> bool:
        return not (self.posts or self.flags or self.names or self.holiday or self.gaps)

    @property
    def looks(self) -> str:
        """The classes of its cell."""
        marks = {
            "today": self.today,
            "outside": self.outside,
            "weekend": self.weekend,
            "bare": self.empty,
            "holiday": self.holiday,
        }
        return " ".join(["day", *(name for name, holds in marks.items() if holds)])


def version(at: datetime, state: str) -> str:
    """Where a publication stands in the plan; another one means that somebody moved or changed it meanwhile."""
    return f"{at.timestamp():.0f}.{state}"


def days(
    asked: PlanQuery,
    entries: Iterable[Entry],
    channels: dict[int, ChipChannel],
    hints: Hints,
    *,
    moves: bool,
    only: date | None = None,
) -> list[Day]:
    """Every day of the page in order, or one day with all that stands on it. `moves` says whether this person may
    move things."""
    today = timezone.localdate()
    shown = asked.days if only is None else [only]
    inside = {asked.month} if asked.view == "month" else {day.replace(day=1) for day in shown}
    found = {
        day: Day(
            day=day,
            today=day == today,
            outside=day.replace(day=1) not in inside,
            weekend=day.weekday() >= 5,
            address=asked.address(day=day, open=None, undo=""),
            fold=SHOWN if asked.view == "month" and only is None else None,
        )
        for day in shown
    }
    by_publication, by_event = _by_row(hints.clashes)
    zone = timezone.get_current_timezone()  # once, because there can be thousands of entries
    for entry in entries:
        if entry.type == "publication":
            day = found.get(entry.at.astimezone(zone).date())
            if day is None:
                continue
            day.posts.append(entry)
            if day.fold is None or len(day.chips) < day.fold:
                day.chips.append(_chip(entry, channels, by_publication[entry.id], moves=moves))
        else:
            for covered in covered_days(entry, zone, shown[0], shown[-1]):
                found[covered].dates.append(entry)
    for day in found.values():
        for entry in day.dates[: day.fold and FLAGS]:
            day.flags.append(_flag(entry, by_event[entry.id] if entry.type == "event" else []))
    _name(found, shown)
    for gap in hints.gaps:
        first = max(gap.first, today, shown[0])
        if first in found and first < gap.last:
            found[first].gaps.append(gap)
    return list(found.values())


def long_names(asked: PlanQuery) -> list[str]:
    """Months and the like that touch these days."""
    first, last = (asked.month, asked.days[-1]) if asked.view != "month" else _month_of(asked)
    return [day.title for day in named_days.days_touching(first, last) if day.last - day.first >= LONG]


def _month_of(asked: PlanQuery) -> tuple[date, date]:
    inside = [day for day in asked.days if day.replace(day=1) == asked.month]
    return inside[0], inside[-1]


def _by_row(clashes: Iterable[Clash]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    publications: dict[int, list[str]] = defaultdict(list)
    events: dict[int, list[str]] = defaultdict(list)
    for clash in clashes:
        for pk in clash.publication_ids:
            publications[pk].append(clash.words)
        if clash.event_id is not None:
            events[clash.event_id].append(clash.words)
    return publications, events


def _chip(entry: Entry, channels: dict[int, ChipChannel], clashes: list[str], *, moves: bool) -> Chip:
    local = timezone.localtime(entry.at)
    state = state_of(entry)
    icon, word, tone = STATES[state]
    kind_icon, kind = KINDS[entry.content_kind]
    where = channels.get(entry.channel_id or 0) or ChipChannel("A channel", "other")
    said = f"{where.name}, {kind.lower()}, {word.lower()}"
    return Chip(
        id=entry.id,
        time=f"{local:%H:%M}",
        title=entry.title,
        kind=entry.content_kind,
        kind_icon=kind_icon,
        channel=where.name,
        channel_icon=CATEGORIES[where.category],
        state=state,
        state_icon=icon,
        word=word,
        tone=tone,
        said=f"{said}. {' '.join(clashes)}" if clashes else said,
        movable=moves and entry.state == PublicationState.SCHEDULED,
        seen=version(entry.at, entry.state),
        clashes=tuple(clashes),
    )


def state_of(entry: Entry) -> str:
    """What stands in its way: as long as the content is not approved, that matters more than that it has a time."""
    if entry.state == PublicationState.SCHEDULED and entry.content_state != ContentState.APPROVED:
        return entry.content_state
    return entry.state


def covered_days(entry: Entry, zone: tzinfo, first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last` on which it goes on."""
    begins = entry.at.astimezone(zone).date()
    ends = (entry.ends_at - timedelta(seconds=1)).astimezone(zone).date() if entry.ends_at else begins
    day, until = max(begins, first), min(max(begins, ends), last)
    while day <= until:
        yield day
        day += DAY


def _flag(entry: Entry, clashes: list[str]) -> Flag:
    verb = {"event": "Event", "closing": "Closes"}[entry.type]
    ended = {"event": "cancelled", "closing": "no longer open"}[entry.type] if entry.cancelled else ""
    words = ", ".join(part for part in (f"{verb} {timezone.localtime(entry.at):%H:%M}", ended, *clashes) if part)
    return Flag(
        icon=FLAG_ICONS[entry.type],
        kind=entry.content_kind,
        words=words,
        title=entry.title,
        address=reverse("console:content", args=[entry.content_id]),
        cancelled=entry.cancelled,
        clashes=tuple(clashes),
    )


def _name(found: dict[date, Day], shown: list[date]) -> None:
    """Names stand quietly on their day; of several days on the first one that is shown, with its last."""
    for named in named_days.days_touching(shown[0], shown[-1]):
        if named.last - named.first >= LONG:
            continue
        day = found[max(named.first, shown[0])]
        if named.type == "bank_holiday":
            day.holiday = named.title
        else:
            until = f" (until {named.last:%a} {named.last.day} {named.last:%b})" if named.last > day.day else ""
            day.names.append(f"{named.title}{until}")
