"""The slowest page of a house with 100,000 publications: every list of the API in each of its orders, and everything
that the site shows. The server's time, in process and through all middleware, against 100 ms."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

from django.test import Client
from django.utils import timezone

from backend.accounts.models import FeedToken, User
from backend.accounts.services import issue_feed_token
from backend.api.api import api
from campaigns.hiring.models import TrackedLink
from campaigns.website import addresses
from campaigns.website.models import Item
from tests.bench import fill, harness, house

PUBLICATIONS = 100_000
PROMISED = 0.1  # seconds
CALLS = 5
SHOWN = 3
API = "/api/v1"


@harness.benchmark("slowest_page", at_most=1.0)
def slowest() -> harness.Measured:
    with harness.on(house.published(PUBLICATIONS)):
        client = house.program()
        taken = {name: _seconds(client, address) for name, address in (*_lists(), *_site())}
    worst = sorted(taken, key=lambda name: taken[name], reverse=True)[:SHOWN]
    told = ", ".join(f"{name} {taken[name] * 1000:.0f} ms" for name in worst)
    return harness.Measured(taken[worst[0]] / PROMISED, f"slowest of {len(taken)}: {told}")


def _seconds(client: Client, address: str) -> float:
    """Median of some calls after a first one, which is not counted."""
    taken = []
    for _ in range(1 + CALLS):
        started = perf_counter()
        answer = client.get(address)
        b"".join(answer) if answer.streaming else answer.content
        taken.append(perf_counter() - started)
        assert answer.status_code in (200, 302), (address, answer.status_code, answer.content[:500])
    return median(taken[1:])


def _lists() -> Iterator[tuple[str, str]]:
    """From the API's own document, so that a new list is measured without being named here."""
    start, end = fill.month_of(timezone.now())
    spans = {
        "calendar": f"from={start:%Y-%m-%d}T00:00:00&to={end:%Y-%m-%d}T00:00:00",
        "reports/source-of-hire": f"from={start - fill.SPAN:%Y-%m-%d}&to={end:%Y-%m-%d}",
    }
    for path, operations in api.get_openapi_schema()["paths"].items():
        if "get" not in operations or "{" in path:
            continue
        name = path.removeprefix(f"{API}/")
        span = spans.get(name, "")
        for sort in _orders(operations["get"]):
            query = "&".join(part for part in (span, sort) if part)
            yield f"{path}{f'?{sort}' if sort else ''}", f"{path}?{query}"


def _orders(operation: dict[str, Any]) -> list[str]:
    for parameter in operation["parameters"]:
        if parameter["name"] == "sort":
            return [f"sort={value}" for value in parameter["schema"]["enum"]]
    return [""]


def _site() -> Iterator[tuple[str, str]]:
    """Pages and feeds as they are read by everyone, and the private ones with an address of their own."""
    for path in (
        *("/", "/blog", "/vacancies", "/vacancies?words=team+hall", "/vacancies?childcare=1"),
        *("/events", "/events?when=past", "/feeds/blog.rss", "/feeds/vacancies.rss"),
    ):
        yield path, path
    for kind in addresses.FOLDERS:
        item = Item.objects.filter(surface="blog", kind=kind).first()
        if item is not None:
            yield f"page of one {kind}", addresses.page_path(surface="blog", kind=kind, slug=item.slug)
    link = TrackedLink.objects.order_by("pk").first()
    assert link is not None
    yield "/r/…", f"/r/{link.code}"
    reader = User.objects.filter(is_program=True).latest("pk")
    for feed, path in ((FeedToken.Feed.BULLETIN, "/feeds/bulletin.rss"), (FeedToken.Feed.PLAN, "/calendar/plan.ics")):
        yield path, f"{path}?token={issue_feed_token(user=reader, feed=feed)}"
