"""The plan as iCalendar, behind a person's private address.

Every component is made from stored rows only, so the same plan gives the same bytes. How often a component was
changed (SEQUENCE) and when last (LAST-MODIFIED) is read from the audit trail: it is append-only and hears of every
edit and every move, so its count only ever rises. DTSTAMP equals LAST-MODIFIED, as RFC 5545 (3.8.7.2) has it where
no METHOD is named. Times stand in UTC: of the hour that happens twice in autumn no local form can tell which is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from icalendar import Calendar, Event

from backend.accounts import services
from backend.accounts.models import FeedToken
from backend.audit.models import LogEntry
from backend.site.feeds import private
from backend.site.reading import Document, reads
from campaigns.bulletins import addresses
from campaigns.bulletins.models import Bulletin
from campaigns.planning import calendar, models
from campaigns.planning.models import (
    Channel,
    Content,
    ContentKind,
    ContentState,
    Organisation,
    Publication,
    PublicationState,
)

BACK = timedelta(days=31)
AHEAD = timedelta(days=366)
ENTRIES_AT_MOST = 10_000
MEDIA_TYPE = "text/calendar; charset=utf-8"
CATEGORIES = {"event": "Event", "closing": "Vacancy", "publication": "Publication"}
KINDS: dict[str, type[Content]] = {
    ContentKind.EVENT: models.Event,
    ContentKind.VACANCY: models.Vacancy,
    ContentKind.BLOG_ENTRY: models.BlogEntry,
    ContentKind.BULLETIN: Bulletin,
}


@reads
def plan(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("token", "")
    known = bool(token) and services.feed_reader(secret=token, feed=FeedToken.Feed.PLAN) is not None
    return private(request, Document(_plan(timezone.now()), MEDIA_TYPE) if known else None)


@dataclass(frozen=True)
class _Changes:
    """How often rows were changed, and when last."""

    count: int = 0
    last: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def with_(self, other: _Changes) -> _Changes:
        return _Changes(self.count + other.count, max(self.last, other.last))


def _plan(now: datetime) -> bytes:
    # Whole days, so that two readings on one day give the same bytes.
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = calendar.entries(
        start=today - BACK, end=today + AHEAD, filters=calendar.Filters(), after=None, limit=ENTRIES_AT_MOST
    )
    contents = {row.pk: row for row in _in_parts(Content.objects.all(), {entry.content_id for entry in found})}
    channels = dict(Channel.objects.values_list("pk", "name"))
    of_content = _changes_of_content(contents.values())
    of_publication = _changes(Publication, {entry.id for entry in found if entry.type == "publication"})
    document = Calendar()
    document.add("PRODID", "-//Promenade//Plan//EN")
    document.add("VERSION", "2.0")
    document.add("X-WR-CALNAME", f"Plan of {Organisation.current().name}")
    document.add("X-WR-TIMEZONE", settings.TIME_ZONE)
    document.add("REFRESH-INTERVAL", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    for entry in found:
        content = contents[entry.content_id]
        changes = of_content[entry.content_id]
        if entry.type == "publication":
            changes = changes.with_(of_publication[entry.id])
        document.add_component(_component(entry, content, changes, channels.get(entry.channel_id or 0, "")))
    return bytes(document.to_ical())


def _component(entry: calendar.Entry, content: Content, changes: _Changes, channel: str) -> Event:
    component = Event()
    component.add("UID", _uid(entry, content))
    component.add("DTSTAMP", changes.last)
    component.add("LAST-MODIFIED", changes.last)
    component.add("CREATED", content.created_at.astimezone(UTC))
    component.add("SEQUENCE", changes.count)
    component.add("DTSTART", entry.at.astimezone(UTC))
    if entry.ends_at and entry.ends_at > entry.at:
        component.add("DTEND", entry.ends_at.astimezone(UTC))
    component.add("SUMMARY", _summary(entry, channel))
    component.add("DESCRIPTION", _description(entry, content))
    component.add("CATEGORIES", [CATEGORIES[entry.type]])
    component.add("STATUS", _status(entry, content))
    component.add("URL", addresses.page_of(content))
    if entry.type != "event":
        component.add("TRANSP", "TRANSPARENT")  # a deadline or a post takes nobody's time
    return component


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
    state = f"{content.get_kind_display()}, {content.get_state_display().lower()}."
    if entry.type != "publication":
        return state
    return f"{state} The publication is: {PublicationState(entry.state).label.lower()}."


def _status(entry: calendar.Entry, content: Content) -> str:
    if entry.cancelled or entry.state in (PublicationState.CANCELLED, PublicationState.WITHDRAWN):
        return "CANCELLED"  # content that was withdrawn is in a state of the same name
    settled = content.state in (ContentState.APPROVED, ContentState.ARCHIVED)
    if entry.type == "publication":
        settled &= entry.state in (PublicationState.SCHEDULED, PublicationState.SENDING, PublicationState.SENT)
    return "CONFIRMED" if settled else "TENTATIVE"


def _changes_of_content(contents: Iterable[Content]) -> dict[int, _Changes]:
    """Each kind is followed under its own name."""
    by_kind: dict[type[Model], set[int]] = defaultdict(set)
    found: dict[int, _Changes] = {}
    for content in contents:
        by_kind[KINDS[content.kind]].add(content.pk)
        found[content.pk] = _Changes(last=content.edited_at.astimezone(UTC))
    for model, ids in by_kind.items():
        for pk, changes in _changes(model, ids).items():
            found[pk] = found[pk].with_(changes)
    return found


def _changes(model: type[Model], ids: set[int]) -> defaultdict[int, _Changes]:
    found: defaultdict[int, _Changes] = defaultdict(_Changes)
    trail = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
    for part in _parts(ids):
        rows = trail.filter(object_pk__in=[str(pk) for pk in part]).order_by().values_list("object_pk")
        for pk, count, last in rows.annotate(Count("pk"), Max("timestamp")):
            found[int(pk)] = _Changes(count, last.astimezone(UTC))
    return found


def _in_parts(rows: QuerySet[Content], ids: set[int]) -> list[Content]:
    return [row for part in _parts(ids) for row in rows.filter(pk__in=part)]


def _parts(ids: set[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + 500] for start in range(0, len(ordered), 500)]
