"""A connected channel whose adapter does what a test tells it, at the network's edge; and publications that are due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from scheduler.channels.contract import Payload
from scheduler.connections import services as connections
from scheduler.engine import preflight, publication_claims, sending
from tests import factories
from tests.adapter import Remote, Told

__all__ = ["Remote", "Told"]


@pytest.fixture
def channel(db: None, remote: Remote) -> Channel:
    row = factories.channel(name="Told", category="social")
    connections.connect_channel(channel=row, kind="told", settings={}, secrets={})
    return row


def make_due(publication: Publication, *, minutes_ago: float = 0.01) -> Publication:
    """As if its time had come that long ago."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    Publication.objects.filter(pk=publication.pk).update(publish_at=at, due_at=at)
    publication.refresh_from_db()
    return publication


@pytest.fixture
def due(channel: Channel) -> Publication:
    """An approved blog entry, due now on the told channel."""
    return make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))


def claim_one(publication: Publication) -> publication_claims.Claim:
    """Claim it, and nothing else may be due."""
    (claim,) = publication_claims.claim_due(limit=10)
    assert claim.publication_id == publication.pk
    publication.refresh_from_db()
    return claim


def send(publication: Publication) -> str:
    """Claim it and send it, as dispatcher and worker do."""
    claim = claim_one(publication)
    state = sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test")
    publication.refresh_from_db()
    return state


def begin(publication: Publication, *, fence: int, worker: str = "test") -> sending.Attempt | None:
    """Write its attempt as a worker does before it calls, and go no further."""
    payload = Payload(text="", length=0, limit=None, body={})
    attempt = sending._begin(publication, publication.channel.connection, payload, "", fence=fence, worker=worker)
    assert not isinstance(attempt, preflight.Blocked)
    return attempt
