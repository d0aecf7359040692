"""A connected channel whose adapter does what a test tells it, at the network's edge; and publications that are due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

import pytest
from django.utils import timezone
from pydantic import BaseModel

from campaigns.planning.models import Channel, Publication
from scheduler.channels import registry
from scheduler.channels.contract import Abilities, AdapterContext, Draft, Health, Payload, Receipt
from scheduler.connections import renewal
from scheduler.connections import services as connections
from scheduler.engine import claims, preflight, reconcile, restore, sending
from scheduler.mail import delivery as mail
from scheduler.mail import queue as mailroom
from scheduler.posts import takedown
from scheduler.webhooks import deliveries
from tests import factories


@dataclass
class Remote:
    """What stands on the far side: the posts that were accepted, and how the next calls go."""

    posts: dict[str, str] = field(default_factory=dict)
    sends: list[str] = field(default_factory=list)
    answers: list[Exception | Callable[[], None]] = field(default_factory=list)
    accepts_before_failing: bool = False
    cannot_read: Exception | None = None
    deletions: list[Exception] = field(default_factory=list)
    """What the next calls to take something down meet."""
    seen_attempts: list[int] = field(default_factory=list)


class Told:
    """An adapter that answers what `remote.answers` says, and accepts when that is empty."""

    kind: ClassVar[str] = "told"
    label: ClassVar[str] = "Told"
    reaches: ClassVar[str] = "public"
    abilities: ClassVar[Abilities] = Abilities(reads_back=True, deletes=True, settling=0.0)
    remote: ClassVar[Remote] = Remote()

    class Settings(BaseModel):
        pass

    class Secrets(BaseModel):
        pass

    def __init__(self, settings: BaseModel, secrets: BaseModel, context: AdapterContext) -> None:
        pass

    def compose(self, draft: Draft) -> Payload:
        return Payload(text=draft.text, length=len(draft.text), limit=None, body={"text": draft.text})

    def send(self, payload: Payload, *, key: str, timeout: float) -> Receipt:
        remote = Told.remote
        remote.sends.append(key)
        remote.seen_attempts.append(Publication.objects.get(key=key).attempts.filter(outcome="").count())
        answer = remote.answers.pop(0) if remote.answers else None
        if answer is None or remote.accepts_before_failing:
            remote.posts.setdefault(key, payload.text)
        if callable(answer):
            answer()
        elif answer is not None:
            raise answer
        return Receipt(key, f"https://told.example/{key}")

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        if Told.remote.cannot_read:
            raise Told.remote.cannot_read
        return Receipt(key, f"https://told.example/{key}") if key in Told.remote.posts else None

    def delete(self, receipt: Receipt, *, timeout: float) -> None:
        if Told.remote.deletions:
            raise Told.remote.deletions.pop(0)
        Told.remote.posts.pop(receipt.remote_id, None)

    def check(self, *, timeout: float) -> Health:
        return Health(ok=True, account="told", message="")


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that a test stops or moves is PostgreSQL's too; whole installations show that its own works."""
    for module in (claims, deliveries, mail, mailroom, reconcile, restore, sending, renewal, takedown):
        monkeypatch.setattr(module, "database_now", timezone.now)


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Remote:
    Told.remote = Remote()
    monkeypatch.setitem(registry.ADAPTERS, "told", Told)
    monkeypatch.setattr(Told, "abilities", Abilities(reads_back=True, deletes=True, settling=0.0))
    return Told.remote


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


def claim_one(publication: Publication) -> claims.Claim:
    """Claim it, and nothing else may be due."""
    (claim,) = claims.claim_due(limit=10)
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
