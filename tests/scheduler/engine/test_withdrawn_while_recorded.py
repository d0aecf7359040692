"""A withdrawal and the record of what was sent meet, each on its own connection: whichever comes first, what is live is
taken down or asks for somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from campaigns.planning.errors import MoveRefused
from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import content, publications
from scheduler.channels.contract import OutcomeUnknown, Receipt
from scheduler.engine import reconcile, sending
from scheduler.posts import manual_publishing
from scheduler.posts.models import Takedown
from tests import factories
from tests.meeting import TWO_CONNECTIONS, Act, meet
from tests.scheduler.conftest import Remote, Told, begin, claim_one, make_due, send

pytestmark = TWO_CONNECTIONS


def answered(row: Publication, remote: Remote) -> Act:
    attempt = begin(row, fence=claim_one(row).fence)
    assert attempt is not None
    return lambda: sending.record(attempt, Receipt("7", "https://told.example/7"))


def answered_late(row: Publication, remote: Remote) -> Act:
    record = answered(row, remote)
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reconcile.give_up_lost_workers() == 1
    return record


def read_back(row: Publication, remote: Remote) -> Act:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(row) == "unknown"
    row = Publication.objects.select_related("channel__connection").get(pk=row.pk)
    found = Receipt("7", "https://told.example/7")
    return lambda: reconcile._found(row, row.channel.connection, found)


def seen_by_a_person(row: Publication, remote: Remote) -> Act:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(row) == "unknown"
    address = "https://told.example/7"
    return lambda: manual_publishing.mark_published(publication=row, at=timezone.now(), url=address, by=None)


def posted_by_hand(row: Publication, remote: Remote) -> Act:
    address = "https://told.example/7"
    return lambda: manual_publishing.mark_published(publication=row, at=timezone.now(), url=address, by=None)


LIVE = [answered, answered_late, read_back, seen_by_a_person]


def approved_and_due(channel: Channel) -> Publication:
    return make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))


@pytest.mark.parametrize("live", LIVE)
def test_what_is_live_comes_down_whoever_comes_first(
    channel: Channel, remote: Remote, live: Callable[[Publication, Remote], Act]
) -> None:
    for withdrawn_first in (True, False):
        row = approved_and_due(channel)
        record = live(row, remote)
        withdraw = partial(content.withdraw_content, content=row.content, by=factories.person("comms"))
        meet(*((withdraw, record) if withdrawn_first else (record, withdraw)))

        row.refresh_from_db()
        by_us = row.sent_post.remote_id != ""
        assert (row.state, row.reason_code) == ("sent", "taking_down" if by_us else "still_live"), withdrawn_first
        assert Takedown.objects.filter(publication=row, due_at__isnull=False).exists() == by_us


def test_who_records_and_who_changes_it_do_not_wait_for_each_other_for_ever(channel: Channel, remote: Remote) -> None:
    for live in LIVE:
        row = approved_and_due(channel)
        record = live(row, remote)
        meet(partial(publications.lock_content_of, row.pk), record, then=partial(publications.lock_publication, row.pk))

        row.refresh_from_db()
        assert row.state == "sent"


def test_what_we_cannot_take_down_asks_for_somebody_whoever_comes_first(
    channel: Channel, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Told, "abilities", replace(Told.abilities, deletes=False))
    for withdrawn_first in (True, False):
        row = approved_and_due(channel)
        record = answered(row, remote)
        withdraw = partial(content.withdraw_content, content=row.content, by=factories.person("comms"))
        meet(*((withdraw, record) if withdrawn_first else (record, withdraw)))

        row.refresh_from_db()
        assert (row.state, row.reason_code, row.needs_person) == ("sent", "still_live", True), withdrawn_first


def test_what_is_withdrawn_before_somebody_has_posted_it_is_cancelled(channel: Channel, remote: Remote) -> None:
    row = approved_and_due(channel)
    withdraw = partial(content.withdraw_content, content=row.content, by=factories.person("comms"))
    post = posted_by_hand(row, remote)

    with pytest.raises(MoveRefused, match="cancelled"):
        meet(withdraw, post)

    row = approved_and_due(channel)
    withdraw = partial(content.withdraw_content, content=row.content, by=factories.person("comms"))
    meet(posted_by_hand(row, remote), withdraw)
    row.refresh_from_db()
    assert (row.state, row.reason_code) == ("sent", "still_live")
