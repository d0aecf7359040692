"""The plan as iCalendar, behind a person's private address.

It holds what the next year and the last month bring: events and closing dates from 31 days back to 366 days ahead, and
publications from 31 days back to 92 days ahead, all of them.

Every component is made from stored rows only, so the same plan gives the same bytes. How often a component was
changed (SEQUENCE) and when last (LAST-MODIFIED) are the revisions that planning raises with every edit and every move.
The newest entries of the audit trail, which hears of all that is shown, names of channels too, tell whether the plan is
still the one that was composed last. DTSTAMP equals LAST-MODIFIED, as RFC 5545 (3.8.7.2) has it where no METHOD is
named. Times stand in UTC: of the hour that happens twice in autumn no local form can tell which is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from icalendar import vText
from icalendar.parser import Contentline

from backend.accounts import services
from backend.accounts.models import FeedToken
from backend.audit.models import LogEntry
from backend.site.feeds.views import private
from backend.site.http.http_cache import Document, reads
from campaigns.planning import organisation_clock
from campaigns.planning.calendar import entries as calendar
from campaigns.planning.models import (
    Channel,
    Content,
    ContentKind,
    ContentState,
    Organisation,
    Publication,
    PublicationState,
)
from campaigns.website import addresses

BACK = timedelta(days=31)
AHEAD = timedelta(days=366)
PUBLICATIONS_AHEAD = timedelta(days=92)
NEWEST = 100
"""Entries of the trail that are compared: of two changes that overlap, the one with the lower number can come last."""
FOLDED_FROM = 74  # characters
MEDIA_TYPE = "text/calendar; charset=utf-8"
CATEGORIES = {"event": "Event", "closing": "Job", "publication": "Post"}


@dataclass(frozen=True)
class _CachedCalendar:
    version: tuple[Any, ...]
    document: Document


_kept: _CachedCalendar | None = None
_composing = Lock()


@reads
def plan(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("token", "")
    known = bool(token) and services.find_feed_reader(secret=token, feed=FeedToken.Feed.PLAN) is not None
    return private(request, _document(timezone.now()) if known else None)


def _document(now: datetime) -> Document:
    """The plan as it is now; composed anew on another day and after every change that the trail has heard of."""
    global _kept
    # Whole days, so that two readings on one day give the same bytes.
    zone = organisation_clock.organisation_zone()
    today = organisation_clock.day_of(now, zone)
    with _composing:  # of many who ask after a change, one composes
        # Read before the plan: what changes in between makes the next reading compose again.
        version = (zone.key, today, *LogEntry.objects.order_by("-pk").values_list("pk", "timestamp")[:NEWEST])
        if _kept is None or _kept.version != version:
            _kept = _CachedCalendar(version, Document(_plan(today, zone), MEDIA_TYPE))
        return _kept.document


def _plan(today: date, zone: ZoneInfo) -> bytes:
    found = _entries(today, zone)
    contents = {row.pk: row for row in _contents({entry.content_id for entry in found})}
    channels = dict(Channel.objects.values_list("pk", "name"))
    of_publications = _revisions({entry.id for entry in found if entry.type == "publication"})
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Promenade//Plan//EN",
        "VERSION:2.0",
        _text("X-WR-CALNAME", f"Plan of {Organisation.current().name}"),
        f"X-WR-TIMEZONE:{zone.key}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
    ]
    for entry in found:
        content = contents[entry.content_id]
        number, last = content.revision, content.revised_at
        if entry.type == "publication":
            own, at = of_publications[entry.id]
            number, last = number + own, max(last, at)
        lines += _component(entry, content, number, last, channels.get(entry.channel_id or 0, ""))
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _entries(today: date, zone: ZoneInfo) -> list[calendar.Entry]:
    start, end, publications_end = (
        organisation_clock.start_of(today + days, zone) for days in (-BACK, AHEAD, PUBLICATIONS_AHEAD)
    )
    dates = calendar.Filters(types=frozenset({"event", "closing"}))
    publications = calendar.Filters(types=frozenset({"publication"}))
    return [
        *calendar.entries(start=start, end=end, filters=dates),
        *calendar.entries(start=start, end=publications_end, filters=publications),
    ]


def _component(
    entry: calendar.Entry, content: Content, revision: int, revised_at: datetime, channel: str
) -> Iterator[str]:
    """Its lines. Put together here, because icalendar's own components take thirty times as long and there are
    thousands; icalendar escapes and folds."""
    changed = _moment(revised_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(entry, content)}"
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"CREATED:{_moment(content.created_at)}"
    yield f"SEQUENCE:{revision}"
    yield f"DTSTART:{_moment(entry.at)}"
    if entry.ends_at and entry.ends_at > entry.at:
        yield f"DTEND:{_moment(entry.ends_at)}"
    yield _text("SUMMARY", _summary(entry, channel))
    yield _text("DESCRIPTION", _description(entry, content))
    yield f"CATEGORIES:{CATEGORIES[entry.type]}"
    yield f"STATUS:{_status(entry, content)}"
    yield _folded(f"URL:{addresses.page_of(content)}")
    if entry.type != "event":
        yield "TRANSP:TRANSPARENT"  # a deadline or a post takes nobody's time
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@cache
def _label(choices: type[TextChoices], value: str) -> str:
    return str(choices(value).label)


@lru_cache(10_000)
def _text(name: str, text: str) -> str:
    return _folded(f"{name}:{vText(text).to_ical().decode()}")


def _folded(line: str) -> str:
    if len(line) <= FOLDED_FROM and line.isascii():
        return line
    return str(Contentline(line).to_ical().decode())  # type: ignore[no-untyped-call]


def _uid(entry: calendar.Entry, content: Content) -> str:
    """Never changed by an edit, a new time or a new name."""
    if entry.type == "publication":
        return f"publication-{entry.id}@promenade"
    return f"{content.guid}@promenade" if entry.type == "event" else f"closing-{content.guid}@promenade"


def _summary(entry: calendar.Entry, channel: str) -> str:
    if entry.type == "publication":
        return f"{channel}: {entry.title}"
    return f"Closes: {entry.title}" if entry.type == "closing" else entry.title


def _description(entry: calendar.Entry, content: Content) -> str:
    state = f"{_label(ContentKind, content.kind)}, {_label(ContentState, content.state).lower()}."
    if entry.type != "publication":
        return state
    return f"{state} The post is: {_label(PublicationState, entry.state).lower()}."


def _status(entry: calendar.Entry, content: Content) -> str:
    if entry.cancelled or entry.state in (PublicationState.CANCELLED, PublicationState.WITHDRAWN):
        return "CANCELLED"  # content that was withdrawn is in a state of the same name
    settled = content.state in (ContentState.APPROVED, ContentState.ARCHIVED)
    if entry.type == "publication":
        settled &= entry.state in (PublicationState.SCHEDULED, PublicationState.SENDING, PublicationState.SENT)
    return "CONFIRMED" if settled else "TENTATIVE"


def _revisions(ids: set[int]) -> dict[int, tuple[int, datetime]]:
    """How often each publication was changed, and when last."""
    found: dict[int, tuple[int, datetime]] = {}
    for part in _parts(ids):
        for pk, revision, at in Publication.objects.filter(pk__in=part).values_list("pk", "revision", "revised_at"):
            found[pk] = revision, at
    return found


def _contents(ids: set[int]) -> Iterator[Content]:
    columns = ("guid", "kind", "slug", "audience", "state", "created_at", "revision", "revised_at")
    for part in _parts(ids):
        yield from Content.objects.filter(pk__in=part).only(*columns)


def _parts(ids: set[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + 500] for start in range(0, len(ordered), 500)]
