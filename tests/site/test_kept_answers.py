"""What stands in front of Django gives public feeds again, and never anything that is no longer so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, close_old_connections
from django.test import RequestFactory
from django.utils import timezone

from backend.site.feeds import views as feeds
from backend.site.http import response_cache
from campaigns.planning.models import Organisation
from campaigns.website import items
from campaigns.website.models import Surface
from tests import factories
from tests.site.conftest import Publish

FEED = "/feeds/blog.rss"


class House:
    """The web server's way in, and how often it went on to Django."""

    def __init__(self) -> None:
        self.django = get_wsgi_application()
        self.application = response_cache.ResponseCache(self.count)
        self.asked = 0

    def count(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        return self.django(environ, start_response)

    def get(self, path: str = FEED, method: str = "GET", **environ: str) -> tuple[int, dict[str, str], bytes]:
        told: list[Any] = []
        path, _, query = path.partition("?")
        given = (
            RequestFactory().generic(method, path, QUERY_STRING=query).environ | {"HTTP_HOST": "127.0.0.1"} | environ
        )
        response = self.application(given, lambda *told_by: told.extend(told_by))
        return int(told[0][:3]), dict(told[1]), b"".join(response)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Between requests the connection stays, and the test's transaction with it, as Django's own test client has it."""
    monkeypatch.setattr(response_cache, "close_old_connections", lambda: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def house(publish: Publish, connected: None) -> House:
    """With one entry that was read twice, so that its answer is kept."""
    Organisation.current()
    publish(factories.approved_blog_entry(title="First"))
    house = House()
    house.get()
    house.get()
    house.asked = 0
    return house


def test_same_question_gets_the_same_answer_without_django(
    house: House, django_assert_num_queries: Callable[[int], Any]
) -> None:
    status, headers, body = house.get(HTTP_ACCEPT_ENCODING="br")

    with django_assert_num_queries(1):
        again = house.get(HTTP_ACCEPT_ENCODING="br")

    assert house.asked == 1
    assert (again[0], again[2]) == (status, body)
    assert again[1] | {"X-Request-ID": ""} == headers | {"X-Request-ID": ""}
    assert {"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"} <= set(again[1])


def test_each_request_has_an_id_of_its_own(house: House) -> None:
    assert house.get()[1]["X-Request-ID"] != house.get()[1]["X-Request-ID"]
    assert house.get(HTTP_X_REQUEST_ID="from-the-proxy")[1]["X-Request-ID"] == "from-the-proxy"


def test_conditions_and_encodings_are_answered_each_in_their_way(house: House) -> None:
    etag = house.get()[1]["ETag"]
    for _ in range(2):
        assert house.get(HTTP_IF_NONE_MATCH=etag)[::2] == (304, b"")
        assert house.get(HTTP_IF_NONE_MATCH='"another"')[0] == 200
        assert house.get(HTTP_ACCEPT_ENCODING="gzip")[1]["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in house.get()[1]
    assert house.asked == 3


def test_withdrawn_item_is_gone_from_the_very_next_answer(house: House, publish: Publish) -> None:
    item = publish(factories.approved_blog_entry(title="Second"))
    for _ in range(3):
        assert b"Second" in house.get()[2]
    etag = house.get()[1]["ETag"]

    items.withdraw_item(item=item, at=timezone.now())

    assert b"Second" not in house.get()[2]
    assert house.get(HTTP_IF_NONE_MATCH=etag)[0] == 200


def test_new_name_of_the_organisation_shows_at_once(house: House) -> None:
    Organisation.objects.update(name="Coastal Care")

    assert b"Coastal Care" in house.get()[2]


def test_vacancy_leaves_when_it_closes(house: House, publish: Publish, clock: time_machine.Traveller) -> None:
    publish(factories.approved_vacancy(title="Closes", closes_at=factories.in_days(2)))
    for _ in range(3):
        assert b"Closes</title>" in house.get("/feeds/vacancies.rss")[2]

    clock.shift(timedelta(days=2))

    assert b"Closes</title>" not in house.get("/feeds/vacancies.rss")[2]


def test_unknown_host_is_refused_each_time(house: House) -> None:
    assert [house.get(HTTP_HOST="evil.example")[0] for _ in range(3)] == [400] * 3
    assert house.asked == 3


def test_what_is_for_one_person_is_never_kept(house: House, publish: Publish, private_feed: str) -> None:
    publish(factories.approved_bulletin(), Surface.BULLETIN)

    answers = [house.get(private_feed) for _ in range(3)]

    assert {(status, headers["Cache-Control"]) for status, headers, _ in answers} == {(200, "private, no-cache")}
    assert house.asked == 3
    assert house.get("/feeds/bulletin.rss")[0] == 404


def test_answer_with_a_cookie_is_never_kept() -> None:
    assert response_cache._may_be_kept("200 OK", [("ETag", '"x"')])
    assert not response_cache._may_be_kept("200 OK", [("Set-Cookie", "a=b")])


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_other_methods_go_to_django(house: House, method: str) -> None:
    house.get(method=method)

    assert house.asked == 1


def test_ever_new_questions_are_answered_and_not_all_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "ANSWERS_AT_MOST", 3)

    assert {house.get(HTTP_IF_NONE_MATCH=f'"{number}"')[0] for number in range(5)} == {200}

    assert len(feeds._kept["blog"].answers) == 3


def test_long_questions_are_not_kept(house: House) -> None:
    house.get(HTTP_ACCEPT_ENCODING="x" * 2_000)

    assert len(feeds._kept["blog"].answers) == 1


def test_database_in_trouble_is_a_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def trouble(_: str) -> None:
        raise DatabaseError

    monkeypatch.setattr(feeds, "_version", trouble)

    status, _, body = house.get()

    assert status == 503
    assert b"Try again in a moment" in body
