from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.test import Client

from campaigns.planning.errors import InvalidPlan
from campaigns.planning.services import blog_entries, events
from campaigns.website import addresses
from campaigns.website.models import Surface
from tests import factories
from tests.site.conftest import Outline, Publish

PAGES = ["/", "/blog", "/vacancies", "/events", "/events?when=past", "/nothing-here"]


@pytest.fixture
def pages(publish: Publish) -> list[str]:
    items = [
        publish(factories.approved_vacancy(values_statement="Kindness.")),
        publish(factories.approved_event()),
        publish(factories.approved_blog_entry()),
    ]
    return PAGES + [addresses.page_path(surface=row.surface, kind=row.kind, slug=row.slug) for row in items]


def test_every_page_has_one_heading_landmarks_language_and_a_way_past_the_menu(
    client: Client, pages: list[str]
) -> None:
    for path in pages:
        outline = Outline(client.get(path).content.decode())
        assert len(outline.all("h1")) == 1, path
        assert outline.all("html")[0]["lang"] == "en-GB"
        assert [len(outline.all(name)) for name in ("header", "main", "footer", "title")] == [1, 1, 1, 1]
        assert outline.all("a")[0] == {"class": "skip", "href": "#main"}
        assert outline.all("main")[0]["id"] == "main"
        levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
        assert all(after - before <= 1 for before, after in pairwise(levels)), path
        assert all("alt" in picture for picture in outline.all("img"))
        ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
        assert len(ids) == len(set(ids)), path


def test_no_page_sets_a_cookie_asks_elsewhere_or_needs_a_script(client: Client, pages: list[str]) -> None:
    for path in pages:
        answer = client.get(path)
        assert not answer.cookies, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        outline = Outline(answer.content.decode())
        loaded = [tag.get("src") for tag in outline.all("img")]
        loaded += [tag["href"] for tag in outline.all("link") if tag.get("rel") in ("stylesheet", "icon")]
        assert all(str(address).startswith("/") for address in loaded), path
        assert all(tag.get("type") == "application/ld+json" for tag in outline.all("script"))
        assert not any("style" in attributes for _, attributes in outline.tags)


def test_pages_name_their_feeds(client: Client, db: None) -> None:
    feeds = [tag for tag in Outline(client.get("/").content.decode()).all("link") if tag.get("rel") == "alternate"]

    assert {tag["href"] for tag in feeds} == {"/feeds/blog.rss", "/feeds/vacancies.rss"}


def test_items_stand_at_the_addresses_that_are_given_out(client: Client, publish: Publish, comms: object) -> None:
    contents = [
        factories.approved_blog_entry(),
        factories.approved_vacancy(),
        factories.approved_event(),
        factories.approved_bulletin(audience="public"),
    ]
    client.force_login(comms)
    for content in contents:
        for surface in Surface.values:
            item = publish(content, surface)
            path = addresses.page_path(surface=surface, kind=item.kind, slug=item.slug)
            assert client.get(path).status_code == 200, path


def test_open_vacancy_can_be_applied_for_by_its_tracked_link(
    client: Client, publish: Publish, clock: time_machine.Traveller
) -> None:
    item = publish(
        factories.approved_vacancy(
            salary_min_pence=1_345,
            salary_max_pence=1_345,
            salary_unit="hour",
            closes_at=datetime(2026, 4, 1, 22, 59, tzinfo=UTC),
        )
    )

    page = client.get(f"/vacancies/{item.slug}").content.decode()

    assert f'href="{item.apply_link}"' in page
    assert "£13.45 an hour" in page
    assert "Wednesday 1 April 2026, 23:59" in page


def test_vacancy_that_has_closed_says_when_and_offers_nothing(
    client: Client, publish: Publish, clock: time_machine.Traveller
) -> None:
    item = publish(factories.approved_vacancy(title="Nurse", closes_at=factories.in_days(1)))
    clock.shift(timedelta(days=2))

    page = client.get(f"/vacancies/{item.slug}").content.decode()

    assert "This job has closed." in page
    assert "Tuesday 3 March 2026, 09:00" in page
    assert item.apply_link not in page
    assert item.slug not in client.get("/vacancies").content.decode()


def test_cancelled_event_keeps_its_page_and_says_so(client: Client, publish: Publish) -> None:
    event = factories.approved_event()
    item = publish(event)

    events.cancel_event(event=event, by=None)

    assert "This event is cancelled." in client.get(f"/events/{item.slug}").content.decode()


def test_event_that_is_over_moves_to_the_past(client: Client, publish: Publish, clock: time_machine.Traveller) -> None:
    item = publish(factories.approved_event())
    assert item.slug in client.get("/events").content.decode()
    clock.shift(timedelta(days=31))

    assert "This event is over." in client.get(f"/events/{item.slug}").content.decode()
    assert item.slug not in client.get("/events").content.decode()
    assert item.slug in client.get("/events?when=past").content.decode()


def test_an_address_that_is_out_there_stays(client: Client, publish: Publish) -> None:
    entry = factories.approved_blog_entry()
    publish(entry)

    with pytest.raises(InvalidPlan, match="so you cannot change it"):
        blog_entries.change_blog_entry(entry=entry, changes={"slug": "new-name"}, by=factories.person("approver"))

    assert client.get(f"/blog/{entry.slug}").status_code == 200


def test_unknown_page_is_404_in_words(client: Client, db: None) -> None:
    answer = client.get("/blog/never-was")

    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/blog", "/vacancies", "/events", "/blog/x", "/healthz"])
def test_pages_are_only_read(db: None, path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path).status_code == 405


def test_vacancies_are_found_by_words_and_childcare(client: Client, publish: Publish) -> None:
    publish(factories.approved_vacancy(title="Nurse on nights", location="Hove", childcare_offered=True))
    publish(factories.approved_vacancy(title="Pharmacist", location="Crawley"))

    def found(**query: str) -> set[str]:
        page = client.get("/vacancies", query).content.decode()
        return {title for title in ("Nurse on nights", "Pharmacist") if title in page}

    assert found() == {"Nurse on nights", "Pharmacist"}
    assert found(words="hove NURSE") == {"Nurse on nights"}
    assert found(childcare="1") == {"Nurse on nights"}
    assert found(words="pharmacist", childcare="1") == set()
    assert found(words="crawley\x00") == {"Pharmacist"}
    assert "No open jobs match" in client.get("/vacancies", {"words": "pilot"}).content.decode()


@pytest.mark.parametrize("path", ["/blog", "/events", "/vacancies"])
def test_long_list_is_walked_to_its_end_while_items_are_added(
    client: Client, publish: Publish, clock: time_machine.Traveller, path: str
) -> None:
    make = {
        "/blog": factories.approved_blog_entry,
        "/events": factories.approved_event,
        "/vacancies": factories.approved_vacancy,
    }[path]
    wanted = set()
    for number in range(25):
        more = {"starts_at": factories.in_days(10 + number // 4)} if path == "/events" else {}
        wanted.add(publish(make(**more)).slug)
        clock.shift(number % 2)
    seen: list[str] = []
    address = path
    while address:
        page = client.get(address).content.decode()
        seen += [slug for slug in re.findall(rf'href="{path}/([\w-]+)"', page) if slug in wanted]
        onward = re.search(r'href="(\?after=[^"]+)" rel="next"', page)
        address = f"{path}{onward[1]}" if onward else ""
        if len(seen) == 20:
            publish(make())

    assert len(seen) == 25
    assert set(seen) == wanted


@pytest.mark.parametrize("after", ["x", "9999999999999999-1", "1-", "-1", "1-99999999999999999999", "\x00"])
def test_position_that_nobody_gave_out_is_no_error(client: Client, publish: Publish, after: str) -> None:
    publish(factories.approved_event())

    for path in ("/blog", "/vacancies", "/events"):
        assert client.get(path, {"after": after}).status_code == 200


def test_a_cursor_of_another_order_starts_the_list_anew(
    client: Client, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.site.pages.paging.PAGE", 1)
    for _ in range(2):
        publish(factories.approved_blog_entry())
        publish(factories.approved_event())
    onward = re.search(r'href="(\?after=[^"]+)" rel="next"', client.get("/blog").content.decode())
    assert onward

    assert re.findall(r'href="/events/[\w-]+"', client.get(f"/events{onward[1]}").content.decode()) == re.findall(
        r'href="/events/[\w-]+"', client.get("/events").content.decode()
    )
