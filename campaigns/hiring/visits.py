"""Counts openings of tracked links without cookies and without keeping addresses.

Whoever opens a link is known for the hour after a visit by a keyed hash, and its key, the day's salt, is
destroyed after the next day. Redirecting, also when counting fails, is left to the caller."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import crawleruseragents
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.crypto import salted_hmac

from campaigns.hiring.models import NotCounted, TrackedLink, Visit, VisitSalt
from campaigns.planning import organisation_clock
from campaigns.planning.models import Content

REPEAT_WITHIN = timedelta(hours=1)
_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PREFETCH_WORDS = ("prefetch", "prerender", "preview")
_AGENT_LENGTH = 512  # the longest user agent that is looked at; browsers stay under 300


def record_visit(*, link: TrackedLink, method: str, headers: Mapping[str, str], address: str, at: datetime) -> Visit:
    """Keep one opening of `link`, counted as a person's visit or kept apart with the reason.

    Kept apart are HEAD requests, prefetches and previews, crawlers (also an empty user agent), and openings
    within an hour of a counted visit of the same visitor. With `Sec-GPC: 1`, or without an address, a visit counts
    without a key, so its repeats count too. Only a counted visit carries a key.
    Side effects: one Visit; the first visit of a UTC day makes its salt and destroys those older than the day
    before. Raises nothing of its own. Called twice it keeps two openings, the second as a repeat."""
    given = {name.lower(): value for name, value in headers.items()}
    agent = given.get("user-agent", "").strip()[:_AGENT_LENGTH]
    reason = _not_a_person(method, given, agent)
    if reason is not NotCounted.COUNTED:
        return Visit.objects.create(link=link, at=at, not_counted=reason)
    if given.get("sec-gpc", "").strip() == "1" or not address:
        return Visit.objects.create(link=link, at=at)
    with transaction.atomic():
        # Two openings at one moment (a double tap) must not both find that they are the first.
        TrackedLink.objects.select_for_update(no_key=True).get(pk=link.pk)
        visitor, earlier_keys = _visitor_keys(link, agent, address, at)
        repeat = Visit.objects.filter(
            link=link, visitor__in=[visitor, *earlier_keys], at__gt=at - REPEAT_WITHIN, at__lte=at
        ).exists()
        if repeat:
            return Visit.objects.create(link=link, at=at, not_counted=NotCounted.REPEAT)
        return Visit.objects.create(link=link, at=at, visitor=visitor)


def count_visits(link: TrackedLink) -> int:
    """Openings of this link that count as people's visits."""
    return link.visits.filter(not_counted=NotCounted.COUNTED).count()


def count_visits_by_channel(content: Content) -> list[tuple[int, str, int]]:
    """The channels through which people's visits came to this content: id, name and how many, the most first."""
    visits = Visit.objects.counted().filter(link__content_id=content.pk)
    channels = visits.values_list("link__channel_id", "link__channel__name").annotate(number=Count("pk"))
    return list(channels.order_by("-number", "link__channel__name"))


def counts(links: Iterable[TrackedLink], *, since: date | None = None) -> dict[int, int]:
    """The same for several links by their ids, in one query, of all days or from one on; a link without visits is left
    out."""
    visits = Visit.objects.counted().filter(link_id__in=[link.pk for link in links])
    if since:
        visits = visits.since(since)
    return dict(visits.order_by().values_list("link_id").annotate(Count("pk")))


def by_reason(link: TrackedLink) -> dict[str, int]:
    """All openings of this link by why they were kept apart; those that count stand under NotCounted.COUNTED."""
    found = dict(link.visits.order_by().values_list("not_counted").annotate(Count("pk")))
    return {reason: found.get(reason, 0) for reason in NotCounted.values}


def by_day(link: TrackedLink, *, start: date, end: date) -> list[tuple[date, int]]:
    """Counted openings of each day from `start` to `end`, both included, on the organisation's clock;
    days without any are there too."""
    zone = organisation_clock.organisation_zone()
    beginning, beyond = organisation_clock.span_of(start, end, zone)
    visits = link.visits.counted().filter(at__gte=beginning, at__lt=beyond)
    found = dict(visits.order_by().values_list(TruncDate("at", tzinfo=zone)).annotate(Count("pk")))
    return [(day, found.get(day, 0)) for day in (start + timedelta(days=n) for n in range((end - start).days + 1))]


def destroy_old_salts(*, now: datetime) -> int:
    """Destroy every salt older than the day before `now` (UTC days), so that visits of different days cannot be
    joined; returns how many. A quiet day makes no salt, so a timed job calls this too. Called twice: 0."""
    return VisitSalt.objects.filter(day__lt=_utc_day(now) - timedelta(days=1)).delete()[0]


def _not_a_person(method: str, headers: Mapping[str, str], agent: str) -> NotCounted:
    if method.upper() == "HEAD":
        return NotCounted.HEAD
    purposes = " ".join(headers.get(name, "") for name in _PREFETCH_HEADERS).lower()
    if any(word in purposes for word in _PREFETCH_WORDS):
        return NotCounted.PREFETCH
    if not agent or _is_crawler(agent):
        return NotCounted.CRAWLER
    return NotCounted.COUNTED


# A browser's user agent passes through every pattern (some 150 microseconds), and few agents make most visits.
@lru_cache(maxsize=4096)
def _is_crawler(agent: str) -> bool:
    return bool(crawleruseragents.is_crawler(agent))


def _visitor_keys(link: TrackedLink, agent: str, address: str, at: datetime) -> tuple[str, list[str]]:
    """The visitor's key now, and in the first hour of a day also the key that a visit before midnight has."""
    message = "\0".join([address, agent, str(link.pk)])

    def key(salt: str) -> str:
        # HMAC-SHA256 keyed by the salt and SECRET_KEY: a stolen copy of the database alone unmasks nobody.
        return salted_hmac(salt, message, algorithm="sha256").hexdigest()

    earlier = VisitSalt.objects.filter(day=_utc_day(at - REPEAT_WITHIN)).exclude(day=_utc_day(at))
    return key(_salt_of(at)), [key(row.salt) for row in earlier]


def _salt_of(at: datetime) -> str:
    row, made = VisitSalt.objects.get_or_create(day=_utc_day(at), defaults={"salt": secrets.token_hex(32)})
    if made:
        destroy_old_salts(now=at)
    return row.salt


def _utc_day(at: datetime) -> date:
    return at.astimezone(UTC).date()
