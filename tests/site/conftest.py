"""The house's own channels, and content that goes out on them as the worker sends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from backend.accounts import services
from backend.accounts.models import User
from backend.site.feeds import plan_calendar
from campaigns.planning.models import Channel, Content, Organisation, Publication
from campaigns.planning.services import publications
from campaigns.website.models import Item, Surface
from scheduler.connections import services as connections
from scheduler.engine import publication_claims, sending
from tests import factories

Publish = Callable[..., Item]


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def house_channel(surface: str) -> Channel:
    name = "Hospital blog" if surface == Surface.BLOG else "Staff bulletin"
    known = Channel.objects.filter(name=name).first()
    if known:
        return known
    staff = surface == Surface.BULLETIN
    row = factories.channel(name=name, category="feed" if staff else "blog", audience="staff" if staff else "public")
    connections.connect_channel(channel=row, kind=surface, settings={}, secrets={})
    return row


def publish_now(content: Content, surface: str = Surface.BLOG, wording: str = "") -> Item:
    """Sends approved content out, through claim and adapter, and gives the item that then stands there."""
    row = publications.schedule_publication(
        content=content,
        channel=house_channel(surface),
        publish_at=timezone.now() - timedelta(seconds=1),  # a clock may step back a little
        zone="Europe/London",
        wording=wording,
        allow_past=True,
        by=None,
    )
    for claim in publication_claims.claim_due(limit=10):
        sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test")
    row = Publication.objects.get(pk=row.pk)
    assert row.state == "sent", row.reason
    return Item.objects.get(surface=surface, content_id=content.pk)


@pytest.fixture
def publish(db: None) -> Publish:
    return publish_now


@pytest.fixture
def private_feed(comms: User) -> str:
    """The private address of the bulletin of the communications officer."""
    return f"/feeds/bulletin.rss?token={services.issue_feed_token(user=comms, feed='bulletin')}"


@pytest.fixture
def private_plan(comms: User, monkeypatch: pytest.MonkeyPatch) -> str:
    # With a stopped clock two tests can write the same trail, which no installation does.
    monkeypatch.setattr(plan_calendar, "_kept", None)
    Organisation.current()  # made by the first page that names it
    return f"/calendar/plan.ics?token={services.issue_feed_token(user=comms, feed='plan')}"
