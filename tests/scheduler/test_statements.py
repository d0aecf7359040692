"""What a post costs on its way out, and that statements written by hand say what the models say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.audit.models import LogEntry
from campaigns.planning.models import Channel, Content, Publication
from campaigns.planning.services.timing import pauses
from scheduler.channels.contract import Receipt
from scheduler.engine import preflight, publication_claims, sending
from tests import factories
from tests.scheduler.conftest import Told, begin, claim_one, make_due, send

AT_MOST = 12


def planned(kind: str, channel: Channel) -> Publication:
    content: Content = factories.approved(getattr(factories, kind)(campaign=factories.campaign()))
    return make_due(factories.publication(of=content, on=channel))


def send_all() -> int:
    found = publication_claims.claim_due(limit=20)
    for claim in found:
        assert sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test") == "sent"
    return len(found)


@pytest.mark.parametrize("kind", ["blog_entry", "vacancy", "event"])
def test_one_send_takes_few_statements(channel: Channel, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its share of the claim that takes it: a busy worker claims many together."""
    monkeypatch.setattr(Told, "send", lambda _, __, *, key, timeout: Receipt(key, f"https://told.example/{timeout}"))
    planned(kind, channel)
    send_all()  # what is asked once and kept
    for _ in range(16):
        planned(kind, channel)
    with CaptureQueriesContext(connection) as taken:
        assert send_all() == 16

    assert len(taken) / 16 <= AT_MOST, "\n".join(each["sql"][:200] for each in taken)


@pytest.mark.parametrize("kind", ["blog_entry", "vacancy", "event"])
def test_a_kept_query_reads_what_the_models_read(channel: Channel, kind: str) -> None:
    row = planned(kind, channel)
    claim_one(row)
    (kept,) = sending.CLAIMED.rows(pk=row.pk, fence=row.fence)
    read = preflight.with_preflight_data(Publication.objects.all()).get(pk=row.pk)

    names = ["content", "channel", "link", "content.campaign", "channel.connection"]
    names += [] if kind == "blog_entry" else ["content.specific"]
    with CaptureQueriesContext(connection) as taken:
        for name in names:
            one, other = kept, read
            for step in name.split("."):
                one, other = getattr(one, step), getattr(other, step)
            assert {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields} == {
                field.attname: getattr(other, field.attname) for field in other._meta.concrete_fields
            }
    assert not taken.captured_queries
    assert {field.attname: getattr(kept, field.attname) for field in kept._meta.concrete_fields} == {
        field.attname: getattr(read, field.attname) for field in read._meta.concrete_fields
    }
    assert (kept.has_pause, kept.keeps_quiet, kept.has_pictures) == (False, False, False)  # type: ignore[attr-defined]
    assert sending.CLAIMED.rows(pk=row.pk, fence=row.fence + 1) == []


@pytest.mark.parametrize(
    ("of", "own"),
    [("everything", True), ("channel", True), ("channel", False), ("campaign", True), ("campaign", False)],
)
def test_a_pause_after_the_gates_stops_what_is_its_own(channel: Channel, of: str, own: bool) -> None:
    row = planned("blog_entry", channel)
    claim = claim_one(row)
    over: dict[str, Any] = {}
    if of == "channel":
        over = {"channel": channel if own else factories.channel(name="Another")}
    elif of == "campaign":
        over = {"campaign": row.content.campaign if own else factories.campaign()}
    pauses.start_pause(reason="Wait.", by=None, **over)

    assert (begin(row, fence=claim.fence) is None) == own


def test_a_claim_that_is_over_begins_nothing(channel: Channel) -> None:
    row = planned("blog_entry", channel)
    claim = claim_one(row)
    Publication.objects.update(lease_until=timezone.now() - timedelta(milliseconds=1))

    assert begin(row, fence=claim.fence) is None
    row.refresh_from_db()
    assert (row.state, row.tries, row.attempts.count()) == ("scheduled", 0, 0)


def test_the_trail_tells_of_both_moves(due: Publication) -> None:
    send(due)

    entries = LogEntry.objects.get_for_object(due).order_by("pk")
    told = [(each.changes["state"], each.timestamp, each.actor) for each in entries if "state" in each.changes]
    assert told == [
        (["scheduled", "sending"], due.attempts.get().started_at, None),
        (["sending", "sent"], told[1][1], None),
    ]
    assert told[1][1] >= due.attempts.get().started_at
