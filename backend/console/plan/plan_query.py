"""What the address of the plan asks for. Whatever in it makes no sense is read as not asked: an address that somebody
kept or shortened still shows the plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from backend.console.frame import parameters
from campaigns.planning import organisation_clock
from campaigns.planning.calendar.entries import PLANNED, Filters
from campaigns.planning.models import ContentKind, ContentState, PublicationState

VIEWS = ("month", "week", "list")
STATES = tuple(dict.fromkeys([*ContentState.values, *PublicationState.values]))
FIRST, LAST = date(organisation_clock.FIRST_YEAR, 2, 1), date(organisation_clock.LAST_YEAR, 11, 1)
DAY = timedelta(days=1)
NUMBERS = ("campaign", "channel", "team", "owner")


@dataclass(frozen=True)
class PlanQuery:
    view: str
    month: date
    """Its first day."""
    week: date
    """Its Monday."""
    campaign: int | None = None
    channel: int | None = None
    team: int | None = None
    owner: int | None = None
    kind: str | None = None
    state: str | None = None
    narrow_weekends: bool = False
    open: int | None = None
    """The publication whose panel stands open."""
    day: date | None = None
    """The day whose panel stands open."""
    after: str = ""
    """Where this page of the list begins."""
    undo: str = ""
    """A move that can be taken back; see `moves.Undo`."""

    @property
    def filters(self) -> Filters:
        return Filters(
            campaign_id=self.campaign,
            channel_id=self.channel,
            kind=self.kind,
            state=self.state,
            team_id=self.team,
            owner_id=self.owner,
            types=frozenset(PLANNED),
        )

    @property
    def days(self) -> list[date]:
        """All days on the page: whole weeks of a month (six at most), one week, or the days of the month."""
        if self.view == "week":
            first, last = self.week, self.week + 6 * DAY
        else:
            first, last = self.month, next_month(self.month) - DAY
        if self.view == "month":
            first, last = monday_of(first), monday_of(last) + 6 * DAY
        return [first + n * DAY for n in range((last - first).days + 1)]

    @property
    def span(self) -> tuple[datetime, datetime]:
        return midnight(self.days[0]), midnight(self.days[-1] + DAY)

    @property
    def before(self) -> PlanQuery:
        return self._moved(-7 * DAY, next_month(self.month, back=True))

    @property
    def later(self) -> PlanQuery:
        return self._moved(7 * DAY, next_month(self.month))

    def _moved(self, days: timedelta, month: date) -> PlanQuery:
        if self.view != "week":
            return self.on(month)
        return self.on(self.week + days)

    def on(self, day: date) -> PlanQuery:
        """The same page where it shows this day, with nothing open."""
        within = min(max(day, FIRST), LAST)
        return replace(
            self, month=within.replace(day=1), week=monday_of(within), open=None, day=None, after="", undo=""
        )

    def seen_as(self, view: str) -> PlanQuery:
        """In another view: from the week to the month in which its Thursday lies, from a month to its first week or,
        in the present one, to this week."""
        if view == self.view:
            return replace(self, after="", undo="")
        if self.view == "week":
            return replace(self.on(self.week + 3 * DAY), view=view)
        today = timezone.localdate()
        return replace(self.on(today if today.replace(day=1) == self.month else self.month), view=view)

    def address(self, **changes: Any) -> str:
        """Of this page with some of it changed, readable and complete enough to be shared."""
        asked = replace(self, **changes)
        when = {"week": f"{asked.week:%G-W%V}"} if asked.view == "week" else {"month": f"{asked.month:%Y-%m}"}
        parts: dict[str, Any] = {"view": asked.view, **when}
        parts |= {name: getattr(asked, name) for name in (*NUMBERS, "kind", "state", "open", "day", "after", "undo")}
        parts["weekends"] = "narrow" if asked.narrow_weekends else ""
        told = {name: value for name, value in parts.items() if value}
        return f"{reverse('console:plan')}?{urlencode(told)}"


def read(query: Mapping[str, str]) -> PlanQuery:
    today = timezone.localdate()
    view = query.get("view", "")
    day = _day(query.get("day", ""))
    anchor = day or today
    kind, state = query.get("kind", ""), query.get("state", "")
    return PlanQuery(
        view=view if view in VIEWS else "month",
        month=_day(f"{query.get('month', '')}-01") or anchor.replace(day=1),
        week=_week(query.get("week", "")) or monday_of(anchor),
        **{name: parameters.number(query.get(name, "")) for name in NUMBERS},
        kind=kind if kind in ContentKind.values else None,
        state=state if state in STATES else None,
        narrow_weekends=query.get("weekends") == "narrow",
        open=parameters.number(query.get("open", "")),
        day=day,
        after=query.get("after", ""),
        undo=query.get("undo", ""),
    )


def read_address(address: str) -> PlanQuery:
    """Of a whole address, such as a form's `next`."""
    return read(QueryDict(urlsplit(address).query).dict())


def midnight(day: date) -> datetime:
    """On the reader's wall clock."""
    return organisation_clock.start_of(day, timezone.get_current_timezone())


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY


def next_month(first: date, *, back: bool = False) -> date:
    return ((first - DAY) if back else (first + 32 * DAY)).replace(day=1)


def _day(text: str) -> date | None:
    found = parameters.day(text)
    return found if found is not None and FIRST <= found <= LAST else None


def _week(text: str) -> date | None:
    parts = re.fullmatch(r"(\d{4})-W(\d{2})", text, re.ASCII)
    try:
        found = date.fromisocalendar(int(parts[1]), int(parts[2]), 1) if parts else None
    except ValueError:
        return None
    return found if found is not None and FIRST <= found <= LAST else None
