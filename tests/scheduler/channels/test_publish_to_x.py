"""From a due publication to a post on a server that behaves, and misbehaves, as X does."""

from __future__ import annotations

import pytest
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from scheduler.channels.contract import Abilities
from scheduler.channels.x.adapter import X
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import reconcile
from tests import factories
from tests.scheduler.conftest import make_due, send
from tests.servers import x_like
from tests.servers.control import Server

SECRETS = {
    "consumer_key": x_like.CONSUMER_KEY,
    "consumer_secret": x_like.CONSUMER_SECRET,
    "access_token": x_like.ACCESS_TOKEN,
    "access_token_secret": x_like.ACCESS_TOKEN_SECRET,
}


@pytest.fixture
def x_channel(db: None, server: Server) -> Channel:
    row = factories.channel(name="X", category="social")
    connections.connect_channel(channel=row, kind="x", settings={"api_base": server.address}, secrets=SECRETS)
    return row


@pytest.fixture
def post(x_channel: Channel) -> Publication:
    return make_due(factories.publication(of=factories.approved_vacancy(), on=x_channel))


def test_a_vacancy_is_posted_with_its_tracked_link(post: Publication, server: Server) -> None:
    assert send(post) == "sent"

    (accepted,) = server.posts()
    post.refresh_from_db()
    assert f"/r/{post.link.code}" in accepted["text"]
    assert post.sent_post.remote_id == accepted["id"]
    assert post.link.target == post.content.specific.apply_url


def test_a_post_whose_answer_was_dropped_is_found_by_its_link_and_stands_once(
    post: Publication, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(X, "abilities", Abilities(reads_back=True, deletes=True, settling=0.0))
    server.go_wrong("accept_then_drop")
    assert send(post) == "unknown"

    Publication.objects.update(due_at=timezone.now())
    (publication_id,) = reconcile.claim_due_reads(limit=1)

    assert reconcile.read_back(publication_id=publication_id) == "sent"
    (accepted,) = server.posts()
    post.refresh_from_db()
    assert post.sent_post.remote_id == accepted["id"]


def test_a_sign_in_that_x_refuses_holds_the_post_and_marks_the_connection(
    x_channel: Channel, post: Publication, server: Server
) -> None:
    connections.connect_channel(
        channel=x_channel,
        kind="x",
        settings={"api_base": server.address},
        secrets=SECRETS | {"access_token_secret": "no longer this"},
    )

    assert send(post) == "held"
    assert Connection.objects.get().status == "needs_sign_in"
    assert server.posts() == []


def test_checking_a_connection_says_who_we_are(x_channel: Channel) -> None:
    found = connections.check_connection(connection=x_channel.connection)

    assert found.status == "healthy"
    assert found.account.startswith("@")


def test_wording_that_is_too_long_is_held_with_the_number_of_characters(post: Publication, server: Server) -> None:
    Publication.objects.update(wording="word " * 80)
    post.refresh_from_db()

    assert send(post) == "held"
    assert post.reason_code == "does_not_fit"
    assert any(letter.isdigit() for letter in post.reason)
    assert server.posts() == []


def test_secrets_are_encrypted_at_rest(x_channel: Channel) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM scheduler_connection")
        (stored,) = cursor.fetchone()

    assert not any(secret in stored for secret in SECRETS.values())
