"""Places where a person posts by hand: everything is ready, they are told when it is time, and tick it off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import publications
from scheduler.channels.contract import DoesNotFit, Draft
from scheduler.channels.share_kit.adapter import ShareKit
from scheduler.connections import services as connections
from scheduler.connections.adapter_context import adapter_context
from scheduler.posts import drafts
from tests import factories
from tests.scheduler.channels.remote_channel import Fault, RemotePost, WordsDocument, plain_document
from tests.scheduler.conftest import make_due, send


def kit(**settings: Any) -> ShareKit:
    return ShareKit(ShareKit.Settings.model_validate(settings), ShareKit.Secrets(), adapter_context())  # type: ignore[arg-type]


class Place:
    """Where a person posts: nothing is there that could be asked, or go wrong."""

    faults: frozenset[Fault] = frozenset()
    signs_in = False

    def adapter(self, *, signed_in: bool = True) -> ShareKit:
        return kit(place="the board", limit=200)

    def go_wrong(self, fault: Fault) -> None:
        raise AssertionError(fault)

    def posts(self) -> list[RemotePost]:
        return []

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(_: Path) -> Iterator[Place]:
    yield Place()


@pytest.fixture
def whatsapp(db: None) -> Channel:
    row = factories.channel(name="WhatsApp group", category="staff_tool", audience="staff")
    connections.connect_channel(channel=row, kind="share-kit", settings={"place": "WhatsApp"}, secrets={})
    return row


@pytest.fixture
def post(whatsapp: Channel) -> Publication:
    return make_due(factories.publication(of=factories.approved_blog_entry(), on=whatsapp))


def test_when_it_is_time_a_person_is_told_and_ticks_it_off(post: Publication) -> None:
    assert send(post) == "held"
    assert (post.reason_code, post.needs_person) == ("post_by_hand", True)
    assert "WhatsApp group" in post.reason

    publications.mark_published(publication=post, at=timezone.now(), by=factories.person("comms"))
    post.refresh_from_db()
    assert (post.state, post.needs_person) == ("sent", False)


def test_text_and_tracked_link_are_ready(post: Publication) -> None:
    ready = drafts.preview(post)

    assert post.content.title in ready.text
    assert "/r/" in ready.text


def test_a_place_with_a_limit_of_its_own() -> None:
    assert kit(limit=30, place="the board").compose(Draft(title="", text="Join us.", link="")).limit == 30
    with pytest.raises(DoesNotFit, match="10 over the limit for the board"):
        kit(limit=30, place="the board").compose(Draft(title="", text="x" * 40, link=""))
