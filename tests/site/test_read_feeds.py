from __future__ import annotations

import feedparser
import pytest
import time_machine
from django.test import Client

from campaigns.planning.services import blog_entries
from campaigns.website.models import Surface
from tests import factories
from tests.site.conftest import Publish


def read(client: Client, path: str) -> feedparser.FeedParserDict:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    return found


def test_blog_feed_is_read_by_feedparser(client: Client, publish: Publish) -> None:
    item = publish(factories.approved_blog_entry(title="Tea & talk <3", tags=["wellbeing"], author_line="Wren"))

    found = read(client, "/feeds/blog.rss")

    (entry,) = found.entries
    assert entry.title == "Tea & talk <3"
    assert entry.id == f"urn:uuid:{item.guid}"
    assert not entry.guidislink
    assert entry.link.endswith(f"/blog/{item.slug}")
    assert entry.author == "Wren"
    assert [tag.term for tag in entry.tags] == ["wellbeing"]
    assert "<em>handover</em>" in entry.content[0].value
    assert found.feed.language == "en-gb"
    assert any(link.rel == "self" and link.href.endswith("/feeds/blog.rss") for link in found.feed.links)


def test_vacancies_feed_tells_facts_and_tracked_link(client: Client, publish: Publish) -> None:
    item = publish(factories.approved_vacancy(salary_min_pence=2_421_400, salary_max_pence=3_011_250))

    (entry,) = read(client, "/feeds/vacancies.rss").entries

    assert "£24,214 to £30,112.50 a year" in entry.content[0].value
    assert item.apply_link
    assert item.apply_link in entry.content[0].value


def test_bulletin_feed_leads_to_staff_pages_and_names_its_own_address(
    client: Client, publish: Publish, private_feed: str
) -> None:
    item = publish(factories.approved_bulletin(), Surface.BULLETIN)

    found = read(client, private_feed)

    assert found.entries[0].link.endswith(f"/staff/bulletins/{item.slug}")
    assert any(link.rel == "self" and link.href.endswith(private_feed) for link in found.feed.links)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/feeds/blog.rss", "/feeds/vacancies.rss"])
def test_empty_feed_is_sound_and_not_dated_now(client: Client, path: str) -> None:
    found = read(client, path)

    assert found.entries == []
    assert found.feed.updated_parsed.tm_year == 1970


def test_guid_and_date_stay_when_words_change(client: Client, publish: Publish, clock: time_machine.Traveller) -> None:
    entry = factories.approved_blog_entry()
    publish(entry)
    (before,) = read(client, "/feeds/blog.rss").entries
    clock.shift(3600)

    blog_entries.change_blog_entry(
        entry=entry,
        changes={"title": "A better title"},
        by=factories.person("approver"),
        keep_approval=True,
    )

    (after,) = read(client, "/feeds/blog.rss").entries
    assert (after.id, after.published) == (before.id, before.published)
    assert after.title == "A better title"
    assert after.link == before.link
    assert after.updated > before.updated


def test_feed_holds_the_newest_fifty(client: Client, publish: Publish, clock: time_machine.Traveller) -> None:
    for number in range(51):
        publish(factories.approved_blog_entry(title=f"Entry {number}"))
        clock.shift(60)

    titles = [entry.title for entry in read(client, "/feeds/blog.rss").entries]

    assert titles == [f"Entry {number}" for number in range(50, 0, -1)]


def test_cancelled_event_says_so_in_the_bulletin_feed(client: Client, publish: Publish, private_feed: str) -> None:
    from campaigns.planning.services import events

    event = factories.approved_event(title="Away day", audience="staff")
    publish(event, Surface.BULLETIN)

    events.cancel_event(event=event, by=None)

    (entry,) = read(client, private_feed).entries
    assert entry.title == "Cancelled: Away day"


BODY = """\
Call [116 123](tel:116123), read https://jobs.example/apply or go [below](#pay).

## Pay

مرحبا بكم.
"""


def test_links_of_a_text_lead_from_a_feed_where_they_lead_from_its_page(client: Client, publish: Publish) -> None:
    item = publish(factories.approved_blog_entry(body=BODY))
    (entry,) = read(client, "/feeds/blog.rss").entries
    # As it stands in the document: feedparser takes every address away that does not begin like the web's.
    html = client.get("/feeds/blog.rss").content.decode()
    page = client.get(f"/blog/{item.slug}").content.decode()

    assert f'href="{entry.link}#heading-pay"' in html
    assert 'href="#heading-pay"' in page
    for shown in (html, page):
        assert 'href="tel:116123"' in shown
        assert 'href="https://jobs.example/apply"' in shown
        assert '<p dir="rtl">مرحبا بكم.</p>' in shown
    assert page.count('id="heading-pay"') == 1


def test_private_feed_leads_to_the_staff_page(client: Client, publish: Publish, private_feed: str) -> None:
    publish(factories.approved_blog_entry(body=BODY), Surface.BULLETIN)
    (entry,) = read(client, private_feed).entries
    assert "/staff/" in entry.link
    assert f'href="{entry.link}#heading-pay"' in entry.content[0].value


def test_a_fact_from_right_to_left_says_so(client: Client, publish: Publish) -> None:
    publish(factories.approved_vacancy(location="مستشفى ريفرسايد"))
    (entry,) = read(client, "/feeds/vacancies.rss").entries
    assert '<strong>Location:</strong> <span dir="rtl">مستشفى ريفرسايد</span>' in entry.content[0].value
