"""The page *Plan* for one address: what it reads, and what its templates are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Value
from django.utils import timezone

from backend import paging
from backend.accounts import roles
from backend.accounts.models import User
from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.plan import board, moves, new_entry
from backend.console.plan.board import ChipChannel, Day
from backend.console.plan.plan_query import DAY, STATES, VIEWS, PlanQuery, midnight
from backend.console.templatetags.console import words_for
from campaigns.planning.calendar import entries as calendar
from campaigns.planning.calendar import hints
from campaigns.planning.calendar.entries import Entry
from campaigns.planning.calendar.hints import Hints
from campaigns.planning.models import Campaign, Channel, ContentKind, ContentState, Publication, Team

ROWS = 50
"""Of one page of the list."""
UNAPPROVED = {ContentState.DRAFT, ContentState.IN_REVIEW, ContentState.RETURNED}
MARK = "plan"
"""Of the cursors of this list, which is sorted by time, type and id."""
MOVE, ADD = "reschedule publication", "schedule content"


@dataclass
class PlanPage:
    """What an address shows. Everything is read once and only where the page shows it."""

    asked: PlanQuery
    request: Request

    @cached_property
    def channels(self) -> dict[int, Channel]:
        return {row.pk: row for row in Channel.objects.all()}

    @cached_property
    def campaigns(self) -> list[Campaign]:
        return list(Campaign.objects.all())

    @cached_property
    def entries(self) -> list[Entry]:
        start, end = self.asked.span
        return calendar.entries(start=start, end=end, filters=self.asked.filters)

    @cached_property
    def listed(self) -> list[Entry]:
        """Of one page of the list, and one more where another follows; what is said of the month is said of all."""
        after = _place(self.asked.after)
        return [entry for entry in self.entries if after is None or entry.position > after][: ROWS + 1]

    @cached_property
    def hints(self) -> Hints:
        asked = self.asked
        wanted = [each for each in self.campaigns if asked.campaign in (None, each.pk)]
        return hints.find_hints(first=asked.days[0], last=asked.days[-1], campaigns=wanted, events=self.entries)

    @property
    def where(self) -> dict[int, ChipChannel]:
        return {pk: ChipChannel(row.name, row.category) for pk, row in self.channels.items()}

    @cached_property
    def days(self) -> list[Day]:
        entries = self.listed[:ROWS] if self.asked.view == "list" else self.entries
        moves = authorization.has_permission(self.request.user, MOVE)
        return board.days(self.asked, entries, self.where, self.hints, moves=moves)

    @property
    def context(self) -> dict[str, Any]:
        asked, days = self.asked, self.days
        return {
            "asked": asked,
            "here": asked.address(undo=""),
            "plain": asked.address(open=None, day=None, undo=""),
            "title": self.title,
            "lead": self.lead,
            "weeks": [days[n : n + 7] for n in range(0, len(days), 7)],
            "days": [day for day in days if day.chips or day.flags] if asked.view == "list" else days,
            "next_rows": self.next_rows,
            "nothing": not self.entries,
            "first_rows": asked.address(after="", undo=""),
            "views": [(view, asked.seen_as(view).address(), view == asked.view) for view in VIEWS],
            "before": asked.before.address(),
            "today": asked.on(timezone.localdate()).address(),
            "later": asked.later.address(),
            "weekends": asked.address(narrow_weekends=not asked.narrow_weekends, undo=""),
            "hints": self.hints,
            "moves": authorization.has_permission(self.request.user, MOVE),
            "adds": authorization.has_permission(self.request.user, ADD),
            "undo": moves.read_undo(asked.undo)
            if asked.undo and authorization.has_permission(self.request.user, MOVE)
            else None,
            "icons": _icons(days),
            **self.choices,
            **self.panel,
        }

    @property
    def title(self) -> str:
        first, last = self.asked.days[0], self.asked.days[-1]
        if self.asked.view != "week":
            return f"{self.asked.month:%B %Y}"
        month = "" if first.month == last.month else f" {first:%B}"
        return f"{first.day}{month} to {last.day} {last:%B %Y}"

    @property
    def lead(self) -> str:
        inside = [day.day for day in self.days if not day.outside]
        start, end = midnight(inside[0]), midnight(inside[-1] + DAY)
        here = [entry for entry in self.entries if entry.at < end and (entry.at >= start or _goes_on(entry, start))]
        posts = [entry for entry in here if entry.type == "publication"]
        told = [_count(len(posts), "post")]
        for type_, noun in (("event", "event"), ("closing", "closing date")):
            number = sum(entry.type == type_ for entry in here)
            told += [_count(number, noun)] if number else []
        sentence = f"{', '.join(told)}."
        waiting = sum(board.state_of(post) in UNAPPROVED for post in posts)
        if waiting:
            sentence += f" {_count(waiting, 'post')} {'is' if waiting == 1 else 'are'} not approved yet."
        names = board.long_names(self.asked)
        return f"{sentence} {', '.join(names)}." if names else sentence

    @property
    def next_rows(self) -> str | None:
        if self.asked.view != "list" or len(self.listed) <= ROWS:
            return None
        after = paging.encode_cursor([MARK, *self.listed[ROWS - 1].position])
        return self.asked.address(after=after, undo="")

    @property
    def choices(self) -> dict[str, Any]:
        """What the filters offer. Teams and people come in one query."""
        people = User.objects.filter(is_active=True, is_program=False, role__in=roles.PLANNERS).order_by()
        teams = Team.objects.order_by().values_list(Value("team"), "pk", "name")
        both = sorted(teams.union(people.values_list(Value("owner"), "pk", "name")), key=lambda row: row[2])
        offered: dict[str, tuple[str, list[tuple[Any, Any]]]] = {
            "campaign": ("Campaign", [(row.pk, row.name) for row in self.campaigns]),
            "channel": ("Channel", [(row.pk, row.name) for row in self.channels.values()]),
            "kind": ("Kind", list(ContentKind.choices)),
            "state": ("State", [(state, words_for(state)) for state in STATES]),
            "team": ("Team", [(pk, name) for what, pk, name in both if what == "team"]),
            "owner": ("Author", [(pk, name) for what, pk, name in both if what == "owner"]),
        }
        chosen = [
            (label, str(word), self.asked.address(**{name: None}, undo="", after=""))
            for name, (label, rows) in offered.items()
            for value, word in rows
            if value == getattr(self.asked, name)
        ]
        filters = [(name, label, rows, getattr(self.asked, name)) for name, (label, rows) in offered.items()]
        return {"filters": filters, "chosen": chosen}

    @cached_property
    def panel(self) -> dict[str, Any]:
        """What stands open beside the days: one day, or one publication."""
        asked = self.asked
        close = asked.address(open=None, day=None, undo="")
        shared = {"asked": asked, "plain": close, "moves": authorization.has_permission(self.request.user, MOVE)}
        if asked.open is not None:
            row = Publication.objects.select_related("content", "channel").filter(pk=asked.open).first()
            return {**shared, "opened": row, "gone": row is None}
        if asked.day is None:
            return shared
        return {
            **shared,
            "opened_day": self._day(asked.day),
            "adds": authorization.has_permission(self.request.user, ADD),
            **self._add_forms(),
        }

    def _day(self, wanted: date) -> Day:
        """All that stands on a day, also where the page shows other days or a part of them."""
        entries = self.entries
        if wanted not in self.asked.days:
            start, end = midnight(wanted), midnight(wanted + DAY)
            entries = calendar.entries(start=start, end=end, filters=self.asked.filters)
        (day,) = board.days(self.asked, entries, self.where, self.hints, moves=False, only=wanted)
        return day

    def _add_forms(self) -> dict[str, Any]:
        if not authorization.has_permission(self.request.user, ADD):
            return {}
        post, event = new_entry.add_forms(
            self.asked.day,
            channels=[(pk, row.name) for pk, row in self.channels.items() if row.active],
            campaigns=[(row.pk, row.name) for row in self.campaigns],
            campaign=self.asked.campaign,
            channel=self.asked.channel,
        )
        return {"post": post, "event": event}


def _goes_on(entry: Entry, start: datetime) -> bool:
    return entry.ends_at is not None and entry.ends_at > start


def _icons(days: list[Day]) -> set[str]:
    chips = [chip for day in days for chip in day.chips]
    names = {name for chip in chips for name in (chip.channel_icon, chip.kind_icon, chip.state_icon)}
    return names | {flag.icon for day in days for flag in day.flags} | {"triangle-alert"}


def _count(number: int, noun: str) -> str:
    return f"{number or 'No'} {noun}{'' if number == 1 else 's'}"


def _place(cursor: str) -> calendar.Position | None:
    """Where a page of the list begins; one that is not ours begins the list anew."""
    try:
        mark, *position = paging.decode_cursor(cursor) if cursor else [None]
    except paging.BadCursor:
        return None
    if mark != MARK:
        return None
    at, kind, pk = position
    return datetime.fromisoformat(str(at)), str(kind), int(str(pk))
