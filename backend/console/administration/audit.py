"""The audit trail: who changed what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.kinds import content_types
from backend.audit.models import LogEntry, LogEntryQuerySet
from backend.console.administration import audit_words
from backend.console.frame import authorization, downloads, paging, parameters
from backend.console.frame.authorization import Request
from campaigns.planning import organisation_clock

NOBODY = "none"
OFFERED = 300
"""People and programs to choose from; of more, each one's own page leads here."""


@dataclass(frozen=True)
class AuditQuery:
    """What the address asks for. Whatever cannot be read is left out, and the form shows that."""

    who: str = ""
    kind: str = ""
    event: str = ""
    row: int | None = None
    start: date | None = None
    end: date | None = None

    @property
    def sort(self) -> str:
        """The latest first; of one row by id, which its index holds."""
        return "-timestamp" if self.row is None else "-pk"

    @property
    def nothing(self) -> bool:
        return self == AuditQuery()


def read_query(request: HttpRequest) -> AuditQuery:
    given = request.GET
    who, kind, event = given.get("who", ""), given.get("kind", ""), given.get("event", "")
    return AuditQuery(
        who=who if who == NOBODY or parameters.number(who) is not None else "",
        kind=kind if kind in audit_words.KINDS else "",
        event=event if event in LogEntry.Event.values else "",
        row=parameters.number(given.get("row", "")),
        start=parameters.day(given.get("from", "")),
        end=parameters.day(given.get("to", "")),
    )


def find_entries(asked: AuditQuery) -> LogEntryQuerySet:
    """Whole days on the reader's own calendar."""
    rows: LogEntryQuerySet = LogEntry.objects.get_queryset()
    if asked.who:
        rows = rows.by(None if asked.who == NOBODY else int(asked.who))
    kinds = content_types(asked.kind) if asked.kind else None
    rows = rows.about(kinds=kinds, row_id=asked.row)
    rows = rows.of_event(asked.event) if asked.event else rows
    zone = timezone.get_current_timezone()
    start = organisation_clock.start_of(asked.start, zone) if asked.start else None
    return rows.between(start, organisation_clock.end_of(asked.end, zone) if asked.end else None)


@authorization.page_view("read audit trail")
def audit(request: Request) -> HttpResponseBase:
    asked = read_query(request)
    rows = find_entries(asked).select_related("actor")
    if request.GET.get("format") == "csv":
        lines = _lines(rows, request, sort=asked.sort, zone=timezone.get_current_timezone())
        return downloads.csv_file(downloads.dated("audit"), audit_words.HEAD, lines)
    pages = paging.page(rows, request, sort=asked.sort)
    context = {
        "asked": asked,
        "pages": pages,
        "told": audit_words.describe_entries(pages.rows),
        "events": sorted(LogEntry.Event.choices, key=lambda event: event[1]),
        "kinds": sorted(audit_words.KINDS.items(), key=lambda kind: kind[1].lower()),
        **_who(asked),
    }
    return render(request, "console/administration/audit.html", context)


def _lines(rows: LogEntryQuerySet, request: HttpRequest, *, sort: str, zone: Any) -> Iterator[list[Any]]:
    """From the page on that the person stands at; read after the page is authorised, so it takes the zone along."""
    for some in paging.remaining_batches(rows, request, sort=sort):
        with timezone.override(zone):
            lines = list(audit_words.lines(audit_words.describe_entries(some)))
        yield from lines


def _who(asked: AuditQuery) -> dict[str, Any]:
    """Whom one may choose, with whoever is chosen among them."""
    rows = list(User.objects.order_by("is_program", "name", "pk").only("name", "is_program", "is_active")[:OFFERED])
    chosen = parameters.number(asked.who)
    if chosen is not None and chosen not in {row.pk for row in rows}:
        rows += User.objects.filter(pk=chosen)
    return {
        "people": [row for row in rows if not row.is_program],
        "programs": [row for row in rows if row.is_program],
        "chosen": chosen,
    }


urlpatterns = [path("audit", audit, name="audit")]
