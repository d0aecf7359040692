"""A text that already posted there is warned of, however we came to know that it did."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from scheduler.channels.contract import NotSent, OutcomeUnknown
from scheduler.connections import services as connections
from scheduler.engine import reconcile
from scheduler.posts import drafts, manual_publishing
from tests import factories
from tests.scheduler.conftest import Remote, send


def warned(like: Publication, *, wording: str = "") -> bool:
    """Whether another publication of the same words, on the same channel, is warned of."""
    content = factories.blog_entry(title=like.content.title, summary=like.content.summary)
    draft = Publication(content=content, channel=like.channel, wording=wording)
    return any("already posted there" in warning for warning in drafts.preview(draft).warnings)


def mark_published(publication: Publication) -> None:
    manual_publishing.mark_published(publication=publication, at=timezone.now(), by=factories.person("comms"))


def test_of_what_was_sent(due: Publication) -> None:
    assert not warned(due)
    assert send(due) == "sent"

    assert warned(due)
    assert not warned(due, wording="Create new.")


def test_of_what_was_found_on_the_channel_afterwards(
    clock: time_machine.Traveller, due: Publication, remote: Remote
) -> None:
    remote.accepts_before_failing, remote.answers = True, [OutcomeUnknown("No answer.")]
    assert send(due) == "unknown"
    clock.shift(timedelta(minutes=1))
    assert reconcile.read_back(publication_id=due.pk) == "sent"

    assert warned(due)


def test_of_what_a_person_found_live(due: Publication, remote: Remote) -> None:
    remote.answers = [OutcomeUnknown("No answer.")]
    assert send(due) == "unknown"
    mark_published(due)

    assert warned(due)


def test_not_of_what_was_refused(due: Publication, remote: Remote) -> None:
    remote.answers = [NotSent("No.", permanent=True)]
    assert send(due) == "failed"

    assert not warned(due)


@pytest.mark.parametrize("wording", ["", "We are hiring on the ward."])
def test_of_what_a_person_posted(db: None, wording: str) -> None:
    board: Channel = factories.channel(name="Noticeboards")
    connections.connect_channel(channel=board, kind="share-kit", settings={"place": "the boards"}, secrets={})
    poster = factories.publication(of=factories.blog_entry(), on=board, wording=wording)
    factories.approved(poster.content)
    assert not warned(poster, wording=wording)
    mark_published(poster)

    assert warned(poster, wording=wording)
    assert not warned(poster, wording="Create new.")
