"""Lists of content of one kind: what the address asks for, and their sorting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backend.console.content.content_status import LISTS
from backend.console.frame import paging, parameters
from campaigns.planning.models import Campaign, Content, ContentKind, ContentState, Team

Row = TypeVar("Row", bound=Content)
GONE = (ContentState.WITHDRAWN, ContentState.ARCHIVED)
CAMPAIGNS_OFFERED = 200
IN_USE = [("current", "In use"), ("all", "All")]
"""Tabs of kinds that no time ends."""


class Listing:
    """What the address asks for; what makes no sense in it is read as not asked. `whiches` are the tabs, the first
    being what lies ahead or is in use and the last everything; `by` is the column of their time."""

    def __init__(self, request: HttpRequest, kind: ContentKind, *, whiches: Iterable[tuple[str, str]], by: str) -> None:
        wanted = request.GET
        self.request, self.kind, self.whiches, self.by = request, kind, list(whiches), by
        names = [name for name, _ in self.whiches]
        self.which = wanted["which"] if wanted.get("which") in names else names[0]
        self.words = parameters.words(request)
        self.state = wanted["state"] if wanted.get("state") in ContentState.values else ""
        self.campaign, self.team = (parameters.number(wanted.get(name, "")) for name in ("campaign", "team"))
        self.ahead = self.which == names[0] and by != "pk"
        self.everything = self.which == names[-1]
        usual = by if self.ahead else f"-{by}"
        self.sort = paging.sorting(wanted, (usual, by, f"-{by}", "pk", "-pk"))

    @property
    def narrow(self) -> bool:
        """Whether anything but the tab is asked for."""
        return bool(self.words or self.state or self.campaign or self.team)

    @property
    def by_time(self) -> paging.Head:
        return paging.head(self.by, self.sort, first="-pk" if self.by == "pk" else self.by)

    @property
    def by_age(self) -> paging.Head:
        return paging.head("pk", self.sort, first="-pk")

    def narrowed(self, rows: QuerySet[Row], *, team: str = "") -> QuerySet[Row]:
        """What was withdrawn or put away shows only among everything, or where its state is asked for. `team` is the
        column of the team, where the kind has one."""
        wanted = {"state": self.state, "campaign_id": self.campaign, team: self.team, "title__icontains": self.words}
        found = rows.filter(**{name: value for name, value in wanted.items() if name and value})
        return found if self.state or self.everything else found.exclude(state__in=GONE)

    def show(self, rows: QuerySet[Row], *related: str, teams: bool = False) -> HttpResponse:
        """The page; `related` are the rows' own columns that it shows beside those of all content."""
        name, label = LISTS[self.kind]
        rows = rows.select_related("campaign", "edited_by", *related)
        context: dict[str, Any] = {
            "listing": self,
            "label": label,
            "create": f"add {self.kind.replace('_', ' ')}",
            "new": f"console:new_{self.kind}",
            "pages": paging.page(rows, self.request, sort=self.sort),
            "now": timezone.now(),
            "states": ContentState.choices,
            "campaigns": self._campaigns(),
            "teams": list(Team.objects.values_list("pk", "name")) if teams else [],
        }
        return render(self.request, f"console/content/{name}.html", context)

    def _campaigns(self) -> list[tuple[int, str]]:
        """The newest, and the one that is asked for."""
        rows = Campaign.objects.values_list("pk", "name")
        found = list(rows[:CAMPAIGNS_OFFERED])
        if self.campaign and self.campaign not in dict(found):
            found += rows.filter(pk=self.campaign)
        return found
