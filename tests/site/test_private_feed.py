from __future__ import annotations

import logging

import pytest
from django.test import Client

from backend.accounts import services
from backend.accounts.models import FeedToken, User
from campaigns.website.models import Surface
from tests import factories
from tests.site.conftest import Publish


def test_private_feed_is_for_one_person_and_kept_by_nobody_else(client: Client, private_feed: str) -> None:
    answer = client.get(private_feed)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=%00", "?token=%ff", "?key=x"])
@pytest.mark.parametrize("path", ["/feeds/bulletin.rss", "/calendar/plan.ics"])
def test_no_token_or_a_wrong_one_learns_nothing(client: Client, path: str, query: str) -> None:
    answer = client.get(path + query)

    assert answer.status_code == 404
    assert answer.content == b"Not found.\n"
    assert not answer.cookies


def test_token_of_one_feed_does_not_open_the_other(client: Client, private_feed: str, private_plan: str) -> None:
    assert client.get(private_feed.replace("/feeds/bulletin.rss", "/calendar/plan.ics")).status_code == 404
    assert client.get(private_plan.replace("/calendar/plan.ics", "/feeds/bulletin.rss")).status_code == 404


def test_signed_in_person_needs_the_token_all_the_same(client: Client, comms: User) -> None:
    client.force_login(comms)

    assert client.get("/feeds/bulletin.rss").status_code == 404


def test_access_ends_the_moment_a_person_leaves(client: Client, private_feed: str, comms: User, admin: User) -> None:
    etag = client.get(private_feed).headers["ETag"]

    services.change_person(user=comms, changes={"is_active": False})

    assert client.get(private_feed, headers={"If-None-Match": etag}).status_code == 404


def test_access_ends_with_revocation_and_with_a_new_address(client: Client, private_feed: str, comms: User) -> None:
    newer = services.issue_feed_token(user=comms, feed="bulletin")
    assert client.get(private_feed).status_code == 404
    assert client.get(f"/feeds/bulletin.rss?token={newer}").status_code == 200

    services.revoke_feed_token(user=comms, feed="bulletin")

    assert client.get(f"/feeds/bulletin.rss?token={newer}").status_code == 404


def test_last_use_is_noted(client: Client, private_feed: str) -> None:
    client.get(private_feed)

    assert FeedToken.objects.get().last_used_at is not None


def test_token_stands_in_no_log(
    client: Client, private_feed: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    token = private_feed.partition("=")[2]
    with caplog.at_level(logging.DEBUG):
        client.get(private_feed)
        client.get(f"/calendar/plan.ics?token={token}")  # refused, and so logged as a warning
        client.post(private_feed)

    assert "feeds/bulletin.rss" in caplog.text
    assert token not in caplog.text
    assert token not in "".join(capfd.readouterr())


def test_two_readers_get_their_own_address_and_the_same_news(
    client: Client, publish: Publish, private_feed: str, hr: User
) -> None:
    publish(factories.approved_bulletin(title="News in brief"), Surface.BULLETIN)
    theirs = f"/feeds/bulletin.rss?token={services.issue_feed_token(user=hr, feed='bulletin')}"

    mine, other = client.get(private_feed), client.get(theirs)

    assert private_feed.partition("=")[2].encode() not in other.content
    assert b"News in brief" in other.content
    assert mine.headers["ETag"] != other.headers["ETag"]
