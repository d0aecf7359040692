"""The feeds. A body is composed once for each state of its surface and kept in memory; to send it, or to say that
nothing has changed, costs one query (and for the private feed another one, for its token)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backend.accounts import services
from backend.accounts.models import FeedToken
from backend.site.feeds import entries
from backend.site.http.http_cache import Document, answer, reads
from campaigns.planning import organisation_clock
from campaigns.planning.models import ContentKind, Organisation
from campaigns.website import feeds
from campaigns.website.feeds.rss_document import MEDIA_TYPE
from campaigns.website.models import Item, ItemQuerySet, Surface, SurfaceVersion

NEWEST = 50
TTL = 15  # minutes
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Stands for the reader's token in the kept body of the private feed. Made new for each process, so that nobody can
# write it into a text and have every reader's token put there.
_TOKEN = secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Kind:
    """One feed: which items, and what it says of itself."""

    name: str
    surface: str
    title: str
    description: str
    page: str
    kinds: tuple[str, ...] = ()
    ends: bool = False
    """Whether items leave when their time is over, which nobody writes anywhere."""

    def live(self) -> ItemQuerySet:
        """The one filter that makes the items and the moment of the next ending."""
        items = Item.objects.live(self.surface)
        return items.filter(kind__in=self.kinds) if self.kinds else items


BLOG = Kind(
    name="blog",
    surface=Surface.BLOG,
    title="{} – blog",
    description="News and stories from {}.",
    page="/blog",
    kinds=(ContentKind.BLOG_ENTRY, ContentKind.BULLETIN),
)
VACANCIES = Kind(
    name="vacancies",
    surface=Surface.BLOG,
    title="{} – jobs",
    description="Open jobs at {}.",
    page="/vacancies",
    kinds=(ContentKind.VACANCY,),
    ends=True,
)
BULLETIN = Kind(
    name="bulletin",
    surface=Surface.BULLETIN,
    title="{} – staff bulletin",
    description="News for everyone who works at {}.",
    page="/staff",
)


Version = tuple[Any, ...] | None
PUBLIC = {f"/feeds/{kind.name}.rss": kind for kind in (BLOG, VACANCIES)}


@dataclass(frozen=True)
class CachedFeed:
    """A feed as it is for one version of its surface, with the answers that were made from it."""

    version: Version
    since: datetime
    until: datetime | None
    document: Document
    answers: dict[Any, Any] = field(default_factory=dict)

    def serves(self, version: Version, now: datetime) -> bool:
        if version is None or version != self.version:
            return False
        return self.since <= now and (self.until is None or now < self.until)


_kept: dict[str, CachedFeed] = {}


@reads
def blog(request: HttpRequest) -> HttpResponse:
    return _public(request, BLOG)


@reads
def vacancies(request: HttpRequest) -> HttpResponse:
    return _public(request, VACANCIES)


@reads
def bulletin(request: HttpRequest) -> HttpResponse:
    """Answers whoever holds a live token of a person who is still here; all others learn nothing."""
    token = request.GET.get("token", "")
    known = bool(token) and services.find_feed_reader(secret=token, feed=FeedToken.Feed.BULLETIN) is not None
    return private(request, _with_token(_document(BULLETIN), token) if known else None)


def private(request: HttpRequest, document: Document | None) -> HttpResponse:
    """A document for one person, or 404 without a word more. Never with a cookie."""
    if document is None:
        response = HttpResponse("Not found.\n", status=404, content_type="text/plain; charset=utf-8")
        response.headers["Cache-Control"] = "private, no-cache"
    else:
        response = answer(request, document, cache_control="private, no-cache")
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _public(request: HttpRequest, kind: Kind) -> HttpResponse:
    # "no-cache" lets everyone keep a copy but ask each time: a withdrawal is seen with the next look.
    return answer(request, _document(kind), cache_control="no-cache")


def _with_token(document: Document, token: str) -> Document:
    """The reader's own address as rel="self": some readers take that for the address to ask from then on."""
    body = document.body.replace(_TOKEN.encode(), token.encode())
    return Document(body, document.media_type, document.changed_at)


def cached_feed(kind: Kind) -> CachedFeed | None:
    """The feed as it was composed, where nothing has changed since. Costs one query."""
    return _kept_for(kind, _version(kind.surface), timezone.now())


def _kept_for(kind: Kind, version: Version, now: datetime) -> CachedFeed | None:
    found = _kept.get(kind.name)
    return found if found and found.serves(version, now) else None


def _document(kind: Kind) -> Document:
    # The version is read before the items: what is published in between makes the next reading compose again.
    version, now = _version(kind.surface), timezone.now()
    found = _kept_for(kind, version, now)
    if found is None:
        found = _kept[kind.name] = _compose(kind, version, now)
    return found.document


def _version(surface: str) -> Version:
    """What changes with everything that a feed of this surface shows; None while nothing was ever published there."""
    with connection.cursor() as cursor:
        cursor.execute(*_version_query(surface))
        row: Version = cursor.fetchone()
    return row


@cache
def _version_query(surface: str) -> tuple[str, tuple[Any, ...]]:
    # Put into SQL once: that takes ten times as long as to ask it.
    name, zone = Organisation.objects.values("name")[:1], Organisation.objects.values("zone")[:1]
    rows = SurfaceVersion.objects.filter(surface=surface).values_list("stamp", Subquery(name), Subquery(zone))
    return rows.query.sql_with_params()


def _compose(kind: Kind, version: Version, now: datetime) -> CachedFeed:
    organisation_clock.forget_organisation_zone()  # the version may know a newer one than this process remembers
    # Read before the items, and so never newer than they are.
    raised = SurfaceVersion.objects.filter(surface=kind.surface).first()
    updated = raised.changed_at if raised else NEVER
    live = kind.live()
    shown = live.not_ended(now) if kind.ends else live
    items = list(shown.select_related("picture").order_by("-published_at", "-pk")[:NEWEST])
    until = min((item.ends_at for item in items if item.ends_at), default=None) if kind.ends else None
    if kind.ends:
        last_end = live.filter(ended="", ends_at__lte=now).aggregate(at=Max("ends_at"))["at"]
        updated = max(updated, last_end or updated)
    house = Organisation.current().name
    query = f"?token={_TOKEN}" if kind is BULLETIN else ""
    feed = feeds.Feed(
        title=kind.title.format(house),
        description=kind.description.format(house),
        language="en-gb",
        self_url=f"{settings.BASE_URL}/feeds/{kind.name}.rss{query}",
        site_url=settings.BASE_URL + kind.page,
        ttl=TTL,
        updated=updated,
        entries=tuple(entries.entry_of(item, private=kind is BULLETIN) for item in items),
    )
    # Where items leave by the clock, the ETag alone tells: an ending and a publication within one second would share
    # a Last-Modified, and readers throw away what is not newer.
    changed_at = None if kind.ends or not raised else raised.changed_at
    return CachedFeed(version, now, until, Document(feeds.rss(feed), MEDIA_TYPE, changed_at))
