"""Readers ask again and again: what has not changed costs one query and no body."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from campaigns.planning import organisation_clock
from campaigns.planning.models import Organisation, Vacancy
from campaigns.website.models import Surface
from tests import factories
from tests.site.conftest import Publish, publish_now

Counted = Callable[[int], object]
FEEDS = ["/feeds/blog.rss", "/feeds/vacancies.rss"]


@pytest.fixture(scope="module")
def feeds(module_db: None) -> None:
    Organisation.current()  # made by the first page that names it, which changes what feeds say
    publish_now(factories.approved_blog_entry())
    publish_now(factories.approved_vacancy())
    publish_now(factories.approved_bulletin(), Surface.BULLETIN)


@pytest.fixture
def published(feeds: None, db: None) -> None:
    """Something stands in each."""


@pytest.mark.parametrize("path", FEEDS)
def test_unchanged_feed_answers_304_with_one_query(
    client: Client, published: None, path: str, django_assert_num_queries: Counted
) -> None:
    first = client.get(path)

    with django_assert_num_queries(1):
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("path", FEEDS)
def test_kept_body_costs_one_query(
    client: Client, published: None, path: str, django_assert_num_queries: Counted
) -> None:
    first = client.get(path)

    with django_assert_num_queries(1):
        again = client.get(path)

    assert again.content == first.content


def test_private_feed_costs_token_and_version(
    client: Client, published: None, private_feed: str, django_assert_num_queries: Counted
) -> None:
    first = client.get(private_feed)

    with django_assert_num_queries(2):
        again = client.get(private_feed, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304


def test_etag_is_strong_and_follows_the_content(client: Client, publish: Publish, published: None) -> None:
    first = client.get("/feeds/blog.rss").headers["ETag"]
    publish(factories.approved_blog_entry())

    again = client.get("/feeds/blog.rss", headers={"If-None-Match": first})

    assert first.startswith('"')
    assert again.status_code == 200
    assert again.headers["ETag"] != first


def test_etag_counts_before_the_date(client: Client, published: None) -> None:
    first = client.get("/feeds/blog.rss")

    headers = {"If-None-Match": '"another"', "If-Modified-Since": first.headers["Last-Modified"]}

    assert client.get("/feeds/blog.rss", headers=headers).status_code == 200


def test_date_alone_answers_304(client: Client, published: None) -> None:
    first = client.get("/feeds/blog.rss")

    again = client.get("/feeds/blog.rss", headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert again.status_code == 304


@pytest.mark.parametrize("given", ["*", 'W/"{}"', '"x", "{}"'])
def test_every_form_of_if_none_match_is_understood(client: Client, published: None, given: str) -> None:
    etag = client.get("/feeds/blog.rss").headers["ETag"].strip('"')

    assert client.get("/feeds/blog.rss", headers={"If-None-Match": given.format(etag)}).status_code == 304


def test_two_items_within_one_second_both_arrive(
    client: Client, publish: Publish, clock: time_machine.Traveller
) -> None:
    """A reader on libcurl throws an answer away whose Last-Modified is not newer than its copy."""
    publish(factories.approved_blog_entry(title="One"))
    first = client.get("/feeds/blog.rss")
    publish(factories.approved_blog_entry(title="Two"))

    second = client.get("/feeds/blog.rss", headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert second.status_code == 200
    assert b"Two" in second.content
    newer, older = (parsedate_to_datetime(answer.headers["Last-Modified"]) for answer in (second, first))
    assert newer - older >= timedelta(seconds=1)


def test_vacancy_leaves_its_feed_when_it_closes_without_any_write(
    client: Client, publish: Publish, clock: time_machine.Traveller, django_assert_num_queries: Counted
) -> None:
    publish(factories.approved_vacancy(title="Stays", closes_at=factories.in_days(20)))
    publish(factories.approved_vacancy(title="Closes", closes_at=factories.in_days(2)))
    first = client.get("/feeds/vacancies.rss")
    assert b"Closes</title>" in first.content

    clock.shift(timedelta(days=2))
    after = client.get("/feeds/vacancies.rss", headers={"If-None-Match": first.headers["ETag"]})

    assert after.status_code == 200
    assert b"Closes</title>" not in after.content
    assert b"Stays</title>" in after.content
    assert "Last-Modified" not in after.headers
    with django_assert_num_queries(1):
        again = client.get("/feeds/vacancies.rss", headers={"If-None-Match": after.headers["ETag"]})
    assert again.status_code == 304


def test_bytes_are_the_same_hours_later(client: Client, published: None) -> None:
    from backend.site.feeds import views as feeds

    first = client.get("/feeds/blog.rss").content
    feeds._kept.clear()

    with time_machine.travel(factories.in_days(0.2), tick=False):
        assert client.get("/feeds/blog.rss").content == first


def test_new_name_of_the_organisation_shows_at_once(client: Client, published: None) -> None:
    client.get("/feeds/blog.rss")

    Organisation.objects.update(name="Coastal Care")

    assert b"Coastal Care" in client.get("/feeds/blog.rss").content


def test_gzip_when_asked_with_an_etag_of_its_own(client: Client, published: None) -> None:
    plain = client.get("/feeds/blog.rss")
    zipped = client.get("/feeds/blog.rss", headers={"Accept-Encoding": "br, gzip"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert not zipped.headers["ETag"].startswith("W/")
    assert "Accept-Encoding" in zipped.headers["Vary"]
    assert client.get("/feeds/blog.rss", headers={"Accept-Encoding": "gzip"}).content == zipped.content
    again = client.get("/feeds/blog.rss", headers={"If-None-Match": zipped.headers["ETag"]})
    assert again.status_code == 304


def test_gzip_that_is_refused_is_not_sent(client: Client, published: None) -> None:
    answer = client.get("/feeds/blog.rss", headers={"Accept-Encoding": "gzip;q=0"})

    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", FEEDS)
def test_head_tells_the_same_without_a_body(client: Client, published: None, path: str) -> None:
    got, head = client.get(path), client.head(path)

    assert head.status_code == 200
    assert head.content == b""
    assert (head.headers["ETag"], head.headers["Content-Length"]) == (got.headers["ETag"], str(len(got.content)))


@pytest.mark.parametrize("path", [*FEEDS, "/feeds/bulletin.rss"])
def test_post_is_405_even_without_a_form_token(published: None, path: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_feed_follows_the_organisations_clock(
    client: Client, published: None, organisation_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.get("/feeds/vacancies.rss")
    remembered = organisation_clock._remembered
    organisation_in("Asia/Kolkata")
    monkeypatch.setattr(organisation_clock, "_remembered", remembered)  # as in a process that has not heard of it yet

    after = client.get("/feeds/vacancies.rss")

    assert after.headers["ETag"] != before.headers["ETag"]
    closes = organisation_clock.format_moment(Vacancy.objects.get().closes_at, ZoneInfo("Asia/Kolkata"))
    assert closes in after.content.decode()
