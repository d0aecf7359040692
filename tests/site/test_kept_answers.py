"""Public feeds are answered again without Django, and never with anything that is no longer so."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from backend.gateway import Answer, Gateway
from backend.site.feeds import views as feeds
from backend.site.http import response_cache
from campaigns.planning.models import Organisation
from campaigns.website import items
from campaigns.website.models import Surface
from tests import factories
from tests.site.conftest import Publish

FEED = "/feeds/blog.rss"
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Scope:
    """A request as the web server tells of it."""

    path: str
    query_string: str = ""
    method: str = "GET"
    fields: list[tuple[str, str]] = field(default_factory=lambda: [("host", "127.0.0.1")])
    proto: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:50000"
    scheme: str = "http"

    @property
    def headers(self) -> Scope:
        return self

    def items(self) -> list[tuple[str, str]]:
        return self.fields


class Protocol:
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.reply = status, dict(headers), body


class OwnThread(Executor):
    """Works in the test's own thread, whose transaction it sees."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def do() -> None:
            try:
                future.set_result(work(*given, **named))
            except BaseException as error:
                future.set_exception(error)

        self.jobs.put(do)
        return future

    def run(self, loop: Callable[[], Any]) -> Any:
        """What a loop of its own comes to, whose work is done here."""
        found: list[Any] = []

        def begin() -> None:
            try:
                found.append(loop())
            finally:
                self.jobs.put(None)

        thread = threading.Thread(target=begin)
        thread.start()
        while job := self.jobs.get():
            job()
        thread.join()
        return found[0]


class House:
    """The web server's way in, and how often it went on to Django."""

    def __init__(self) -> None:
        self.django = get_wsgi_application()
        self.threads = OwnThread()
        self.asked = 0

    def count(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        return self.django(environ, start_response)

    def get(self, path: str = FEED, method: str = "GET", **named: str) -> Reply:
        path, _, query = path.partition("?")
        fields = {"host": "127.0.0.1"} | {name.replace("_", "-"): value for name, value in named.items()}
        return self.get_at_once(Scope(path, query, method, list(fields.items())))[0]

    def get_at_once(self, *requests: Scope) -> list[Reply]:
        async def ask() -> list[Reply]:
            gateway = self.gateway()
            return await asyncio.gather(*[reply(gateway, each) for each in requests])

        found: list[Reply] = self.threads.run(lambda: asyncio.run(ask()))
        return found

    def gateway(self) -> Gateway:
        return Gateway(self.count, threads=self.threads, cache=response_cache.ResponseCache(self.threads))


async def reply(gateway: Gateway, request: Scope) -> Reply:
    protocol = Protocol()
    await gateway.__rsgi__(request, protocol)
    return protocol.reply


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
    status, headers, body = house.get(accept_encoding="br")

    with django_assert_num_queries(1):
        again = house.get(accept_encoding="br")

    assert house.asked == 1
    assert (again[0], again[2]) == (status, body)
    assert again[1] | {"x-request-id": ""} == headers | {"x-request-id": ""}
    assert {"content-security-policy", "x-content-type-options", "x-frame-options"} <= set(again[1])


def test_each_request_has_an_id_of_its_own(house: House) -> None:
    assert house.get()[1]["x-request-id"] != house.get()[1]["x-request-id"]
    assert house.get(x_request_id="from-the-proxy")[1]["x-request-id"] == "from-the-proxy"


def test_conditions_and_encodings_are_answered_each_in_their_way(house: House) -> None:
    etag = house.get()[1]["etag"]
    for _ in range(2):
        assert house.get(if_none_match=etag)[::2] == (304, b"")
        assert house.get(if_none_match='"another"')[0] == 200
        assert house.get(accept_encoding="gzip")[1]["content-encoding"] == "gzip"
        assert "content-encoding" not in house.get()[1]
    assert house.asked == 3


def test_many_who_ask_at_once_share_one_query(
    house: House, django_assert_num_queries: Callable[[int], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "promenade.request")
    with django_assert_num_queries(1):
        replies = house.get_at_once(*[Scope(FEED) for _ in range(20)])

    assert house.asked == 0
    assert {(status, body) for status, _, body in replies} == {house.get()[::2]}
    identifiers = {headers["x-request-id"] for _, headers, _ in replies}
    assert len(identifiers) == 20
    lines: list[Any] = [record.msg for record in caplog.records[:20]]
    assert {(line["request_id"], line["route"], line["status"]) for line in lines} == {
        (each, "feeds/blog.rss", 200) for each in identifiers
    }


def test_who_comes_while_others_are_answered_is_told_what_changed_meanwhile(
    house: House, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = publish(factories.approved_blog_entry(title="Second"))
    for _ in range(3):
        house.get()
    later: list[asyncio.Task[Reply]] = []
    find, came = feeds.cached_feed, threading.Event()

    async def ask_twice() -> list[Reply]:
        loop, gateway = asyncio.get_running_loop(), house.gateway()

        def come() -> None:
            later.append(loop.create_task(reply(gateway, Scope(FEED))))
            loop.call_later(0.01, came.set)  # it waits for its look by then

        def find_and_withdraw(kind: feeds.Kind) -> feeds.CachedFeed | None:
            found = find(kind)
            if not later:
                items.withdraw_item(item=item, at=timezone.now())
                loop.call_soon_threadsafe(come)
                assert came.wait(5)
            return found

        monkeypatch.setattr(feeds, "cached_feed", find_and_withdraw)
        return [await reply(gateway, Scope(FEED)), await later[0]]

    first, second = house.threads.run(lambda: asyncio.run(ask_twice()))

    assert b"Second" in first[2]
    assert b"Second" not in second[2]


def test_database_that_hangs_with_one_look_does_not_hold_up_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    over, looks = threading.Event(), []

    def hang_once(questions: list[response_cache.Question]) -> None:
        looks.append(len(questions))
        if len(looks) == 1:
            assert over.wait(10)

    monkeypatch.setattr(response_cache, "_answer", hang_once)

    async def ask() -> None:
        with ThreadPoolExecutor(2) as threads:
            cache = response_cache.ResponseCache(threads)
            first = asyncio.create_task(cache.find(Scope(FEED), {}))
            while not looks:
                await asyncio.sleep(0.01)
            await asyncio.wait_for(cache.find(Scope(FEED), {}), timeout=5)
            assert not first.done()
            over.set()
            await first

    asyncio.run(ask())


def test_condition_that_is_sent_twice_is_another_question(house: House) -> None:
    etag = house.get()[1]["etag"]
    twice = [("host", "127.0.0.1"), ("if-none-match", etag), ("if-none-match", '"another"')]

    assert [house.get_at_once(Scope(FEED, fields=twice))[0][0] for _ in range(2)] == [304, 304]
    assert house.get(if_none_match='"another"')[0] == 200


def test_withdrawn_item_is_gone_from_the_very_next_answer(house: House, publish: Publish) -> None:
    item = publish(factories.approved_blog_entry(title="Second"))
    for _ in range(3):
        assert b"Second" in house.get()[2]
    etag = house.get()[1]["etag"]

    items.withdraw_item(item=item, at=timezone.now())

    assert b"Second" not in house.get()[2]
    assert house.get(if_none_match=etag)[0] == 200


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
    assert [house.get(host="evil.example")[0] for _ in range(3)] == [400] * 3
    assert house.asked == 3


def test_what_is_for_one_person_is_never_kept(house: House, publish: Publish, private_feed: str) -> None:
    publish(factories.approved_bulletin(), Surface.BULLETIN)

    answers = [house.get(private_feed) for _ in range(3)]

    assert {(status, headers["cache-control"]) for status, headers, _ in answers} == {(200, "private, no-cache")}
    assert house.asked == 3
    assert house.get("/feeds/bulletin.rss")[0] == 404


def test_answer_with_a_cookie_is_never_kept() -> None:
    assert response_cache._may_be_kept(Answer(200, [("etag", '"x"')]))
    assert not response_cache._may_be_kept(Answer(200, [("set-cookie", "a=b")]))


@pytest.mark.parametrize(("path", "method"), [(FEED, "HEAD"), (FEED, "POST"), (f"{FEED}?page=2", "GET")])
def test_other_ways_of_asking_go_to_django(house: House, path: str, method: str) -> None:
    house.get(path, method)

    assert house.asked == 1


def test_ever_new_questions_are_answered_and_not_all_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "ANSWERS_AT_MOST", 3)

    assert {house.get(if_none_match=f'"{number}"')[0] for number in range(5)} == {200}

    assert len(feeds._kept["blog"].answers) == 3


def test_long_questions_are_not_kept(house: House) -> None:
    house.get(accept_encoding="x" * 2_000)

    assert len(feeds._kept["blog"].answers) == 1


def test_database_in_trouble_is_a_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def trouble(_: str) -> None:
        raise DatabaseError

    monkeypatch.setattr(feeds, "_version", trouble)

    status, _, body = house.get()

    assert status == 503
    assert b"Try again in a moment" in body
