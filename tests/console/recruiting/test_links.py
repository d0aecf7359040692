"""Tracked links in the console: the list, one link with its visits and its code, and a new one for what is printed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.hiring import links, visits
from campaigns.hiring.models import NotCounted, TrackedLink, Visit
from campaigns.planning.models import Channel, Content, Organisation
from tests import factories
from tests.conftest import NOW
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"
ADDRESS = "192.0.2.71"


@pytest.fixture
def poster(db: None) -> Channel:
    return factories.channel(name="Canteen poster", category="print")


def made(channel: Channel, content: Content | None = None) -> TrackedLink:
    return links.make_link(
        channel=channel, content=content or factories.blog_entry(), page_url="https://example.org/page"
    )


def opened(link: TrackedLink, *, at: datetime = NOW, address: str = ADDRESS, agent: str = AGENT) -> Visit:
    return visits.record_visit(link=link, method="GET", headers={"User-Agent": agent}, address=address, at=at)


def test_list_counts_visits_of_people(clock: object, comms: User, poster: Channel) -> None:
    link, other = made(poster), made(poster)
    opened(link)
    opened(link, address="192.0.2.72")
    opened(link, agent="Twitterbot/1.0")
    opened(other)

    page = Console(comms).see("/links")

    counted = dict(re.findall(r'#visits">(\d+)<span class="hidden"> visits of (\w+)', page))
    assert counted == {"2": link.code, "1": other.code}


def test_list_by_channel_content_and_campaign(hr: User, poster: Channel) -> None:
    campaign = factories.campaign()
    one, two = made(poster, factories.blog_entry(campaign_id=campaign.pk)), made(factories.channel())
    speaks = Console(hr)

    for query, found in (
        (f"channel={poster.pk}", {one.code}),
        (f"content={two.content_id}", {two.code}),
        (f"campaign={campaign.pk}", {one.code}),
        (f"campaign={campaign.pk}&channel={two.channel_id}", set()),
        ("channel=", {one.code, two.code}),
    ):
        page = speaks.see(f"/links?{query}")
        assert {link.code for link in (one, two) if link.code in page} == found, query
    assert f'<option value="{campaign.pk}" selected' in speaks.see(f"/links?campaign={campaign.pk}")


def test_list_is_sorted_and_handed_over_as_it_stands(clock: object, comms: User, poster: Channel) -> None:
    one, two = made(poster), made(factories.channel(name="=Stall"))
    for link, days in ((one, 0), (one, 9), (two, 9)):
        Visit.objects.create(link=link, at=NOW - timedelta(days=days))
    speaks = Console(comms)

    def listed(path: str) -> list[str]:
        return re.findall(r'class="title" href="/console/links/\d+">(\w+)', speaks.see(path))

    by_code = speaks.leads("/links", "Link")
    assert listed("/links") == [two.code, one.code]
    assert listed(by_code) == sorted([one.code, two.code])
    assert listed(speaks.leads(by_code, "Link")) == sorted([one.code, two.code], reverse=True)
    assert listed(speaks.leads("/links", "Created")) == [one.code, two.code]
    lately = "/links?from=2026-02-27"
    assert listed(lately) == [one.code]
    whole, narrow = (
        csv.reader(speaks.download(speaks.leads(at, "Download")).splitlines()) for at in ("/links", lately)
    )
    head, *lines = whole
    assert head == ["Link", "Address", "Leads to", "Content", "Channel", "Created", "Visits"]
    assert [(line[0], line[4], line[6]) for line in lines] == [
        (two.code, "'=Stall", "1"),
        (one.code, "Canteen poster", "2"),
    ]
    assert [(line[0], line[6]) for line in narrow][1:] == [(one.code, "1")]


@pytest.mark.parametrize("query", ["channel=999999", "content=x", f"campaign={'9' * 30}", "content=²"])
def test_list_of_what_is_not_there(comms: User, query: str) -> None:
    Console(comms).see(f"/links?{query}", 404)
    Console(comms).see("/links/999999", 404)


def test_day_that_no_clock_knows_is_read_as_not_asked(
    comms: User, poster: Channel, organisation_in: Callable[[str], None]
) -> None:
    link = made(poster)
    opened(link)
    organisation_in("Asia/Kolkata")  # where the first midnight of the calendar is a moment before it
    assert link.code in Console(comms).see("/links?from=0001-01-01")


def test_list_page_by_page_costs_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries, comms: User, poster: Channel
) -> None:
    content = factories.blog_entry()
    codes = {made(poster, content).code for _ in range(35)}
    Organisation.current()
    speaks = Console(comms)

    with django_assert_max_num_queries(12):
        first = speaks.see(f"/links?channel={poster.pk}")
    following = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert following is not None
    second = speaks.see(f"/links{following[1]}")

    shown = [re.findall(r'class="title" href="/console/links/\d+">(\w+)', page) for page in (first, second)]
    assert [len(page) for page in shown] == [30, 5]
    assert {*shown[0], *shown[1]} == codes


def test_link_says_where_it_leads_and_stands(comms: User) -> None:
    publication = factories.publication(of=factories.vacancy(title="Night nurse"))
    link = links.link_for_publication(publication=publication, page_url="https://example.org/")

    page = Console(comms).see(f"/links/{link.pk}")

    assert f'id="address">{settings.BASE_URL}/r/{link.code}<' in page
    assert link.target in page
    assert "Night nurse" in page
    assert f'href="/console/channels/{publication.channel_id}"' in page
    assert f'href="/console/publications/{publication.pk}"' in page
    assert "No visits in this period, or before." in page


def test_link_shows_its_visits_by_day(clock: object, hr: User, poster: Channel) -> None:
    link = made(poster)
    for days in (0, 1, 1, 29, 30):
        Visit.objects.create(link=link, at=NOW - timedelta(days=days))
    Visit.objects.create(link=link, at=NOW, not_counted=NotCounted.CRAWLER)

    page = Console(hr).see(f"/links/{link.pk}")

    assert "5 visits since" in page
    assert ", 4 in the last 30 days." in page
    assert re.findall(r'<th scope="row">([^<]+)</th><td class="number">(\d+)', page) == [
        ("Mon 2 Mar 2026", "1"),
        ("Sun 1 Mar 2026", "2"),
        ("Sun 1 Feb 2026", "1"),
    ]
    assert page.count("<rect ") >= 30
    assert "<dt>Crawler or link preview</dt><dd>1</dd>" in page


def test_visit_counts_on_its_day_in_london(poster: Channel) -> None:
    link = made(poster)
    Visit.objects.create(link=link, at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))  # 1 July, 00:30, in summer time

    days = visits.by_day(link, start=date(2026, 6, 30), end=date(2026, 7, 1))

    assert [(f"{day}", number) for day, number in days] == [("2026-06-30", 0), ("2026-07-01", 1)]


def test_visits_show_nobody(clock: object, admin: User, poster: Channel) -> None:
    link = made(poster)
    visit = opened(link)
    assert visit.visitor
    speaks = Console(admin)

    for page in (speaks.see("/links"), speaks.see(f"/links/{link.pk}")):
        assert ADDRESS not in page
        assert "Firefox" not in page
        assert visit.visitor not in page


def test_code_for_a_poster_is_a_picture(comms: User, poster: Channel) -> None:
    link = made(poster)

    answer = Console(comms).client.get(f"/console/links/{link.pk}/code.svg")

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<?xml")
    assert b"<svg" in answer.content


def test_link_is_made_for_a_poster(comms: User, poster: Channel) -> None:
    vacancy = factories.vacancy(title="Night nurse")
    factories.blog_entry(title="A day on the ward")
    speaks = Console(comms)

    assert "A day on the ward" not in speaks.see("/links/new?q=nurse")
    assert f'href="?content={vacancy.pk}&channel={poster.pk}"' in speaks.see(f"/links/new?channel={poster.pk}")
    form = speaks.see(f"/links/new?content={vacancy.pk}&channel={poster.pk}")
    assert f'<option value="{poster.pk}" selected>' in form
    status, said = speaks.send(f"/links/new?content={vacancy.pk}", channel=poster.pk, target="")

    link = TrackedLink.objects.get()
    assert (status, said) == (302, "The link has been created. Copy its address, or print its QR code.")
    assert (link.target, link.channel, link.content_id, link.publication_id) == (
        vacancy.apply_url,
        poster,
        vacancy.pk,
        None,
    )
    speaks.send(f"/links/new?content={vacancy.pk}", channel=poster.pk, target="https://jobs.example.org/canteen")
    assert TrackedLink.objects.filter(target="https://jobs.example.org/canteen", follows_content=False).exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"target": "javascript:alert(1)"}, "starts with http:// or https://"),
        ({"target": "https://user@example.org/"}, "starts with http:// or https://"),
        ({"target": "https://example.org/" + "a" * 1000}, "up to 1,000 characters"),
        ({"channel": ""}, "This field is required."),
        ({"channel": "999999"}, "Select a valid choice."),
    ],
)
def test_wrong_link_is_named_and_kept(hr: User, poster: Channel, typed: dict[str, str], said: str) -> None:
    entry = factories.blog_entry()
    form = {"channel": str(poster.pk), "target": "https://jobs.example.org/"} | typed

    status, page = Console(hr).send(f"/links/new?content={entry.pk}", **form)

    assert (status, "There is a problem" in page, said in page) == (200, True, True)
    assert f'value="{form["target"]}"' in page
    assert not TrackedLink.objects.exists()


def test_channel_that_is_not_used_any_more_is_not_offered(comms: User, poster: Channel) -> None:
    Channel.objects.filter(pk=poster.pk).update(active=False)

    assert "Canteen poster" not in Console(comms).see(f"/links/new?content={factories.blog_entry().pk}")


@pytest.mark.parametrize("path", ["/links", "/links/new", "/links/{pk}", "/links/{pk}/code.svg"])
def test_reader_has_no_links(manager: User, poster: Channel, path: str) -> None:
    Console(manager).see(path.format(pk=made(poster).pk), 403)
