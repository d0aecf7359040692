"""Lists of vacancies and of events: what the address asks for, and their sorting."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

from backend.console import paging
from campaigns.planning.models import Campaign, Content, ContentState, Team

Row = TypeVar("Row", bound=Content)
GONE = (ContentState.WITHDRAWN, ContentState.ARCHIVED)


class Listing:
    """What the address asks for; what makes no sense in it is read as not asked. `whiches` are the tabs by time, the
    first being what lies ahead and the last everything; `by` is the column of that time."""

    def __init__(self, request: HttpRequest, *, whiches: list[tuple[str, str]], by: str) -> None:
        asked = request.GET
        self.request, self.whiches, self.by = request, whiches, by
        names = [name for name, _ in whiches]
        self.which = asked["which"] if asked.get("which") in names else names[0]
        self.words = asked.get("q", "").replace("\x00", "").strip()[:100]
        self.state = asked["state"] if asked.get("state") in ContentState.values else ""
        self.campaign, self.team = _number(asked.get("campaign", "")), _number(asked.get("team", ""))
        self.ahead = self.which == names[0]
        self.everything = self.which == names[-1]
        usual = by if self.ahead else f"-{by}"
        self.sort = asked["sort"] if asked.get("sort") in (by, f"-{by}", "pk", "-pk") else usual

    @property
    def narrow(self) -> bool:
        """Whether anything but the tab is asked for."""
        return bool(self.words or self.state or self.campaign or self.team)

    @property
    def by_time(self) -> dict[str, str]:
        return self._head(self.by)

    @property
    def by_age(self) -> dict[str, str]:
        return self._head("pk")

    def narrowed(self, rows: QuerySet[Row], *, team: str) -> QuerySet[Row]:
        """What was withdrawn or put away shows only among everything, or where its state is asked for."""
        wanted = {"state": self.state, "campaign_id": self.campaign, team: self.team, "title__icontains": self.words}
        found = rows.filter(**{name: value for name, value in wanted.items() if value})
        return found if self.state or self.everything else found.exclude(state__in=GONE)

    def page(self, rows: QuerySet[Row]) -> paging.Page[Row]:
        return paging.page(rows, self.request, sort=self.sort)

    def _head(self, column: str) -> dict[str, str]:
        """For a column's head: how it is sorted now, and what a press on it asks for."""
        now = {column: "ascending", f"-{column}": "descending"}.get(self.sort, "")
        first, second = (f"-{column}", column) if column == "pk" else (column, f"-{column}")
        return {"now": now, "next": second if self.sort == first else first}


def choices() -> dict[str, Any]:
    """What the filters offer."""
    return {
        "states": ContentState.choices,
        "campaigns": list(Campaign.objects.values_list("pk", "name")),
        "teams": list(Team.objects.values_list("pk", "name")),
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
