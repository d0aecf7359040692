from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpRequest

from campaigns.hiring import links, visits
from campaigns.hiring.models import NotCounted, Visit
from tests.campaigns.hiring import factories as make

pytestmark = pytest.mark.django_db
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.0 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36"
NOON = datetime(2018, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def link(db):
    return new_link()


def new_link():
    return links.make_link(
        channel=make.channel("poster"), content=make.blog_entry(), page_url="https://promenade.example/blog/1"
    )


def visit(link, *, method="GET", agent=PHONE, address="192.0.2.7", at=NOON, **headers):
    given = {"User-Agent": agent, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return visits.record_visit(link=link, method=method, headers=given, address=address, at=at)


def test_a_person_on_a_phone_counts(link):
    assert visit(link).not_counted == NotCounted.COUNTED


def test_head_is_kept_apart(link):
    assert visit(link, method="HEAD").not_counted == NotCounted.HEAD


@pytest.mark.parametrize(
    "headers",
    [
        {"Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch;prerender"},
        {"sec_purpose": "Prefetch"},
        {"X_Moz": "prefetch"},
        {"X_Purpose": "preview"},
    ],
)
def test_prefetch_is_kept_apart(link, headers):
    assert visit(link, **headers).not_counted == NotCounted.PREFETCH


@pytest.mark.parametrize(
    "agent",
    [
        "facebookexternalhit/1.1",
        "Twitterbot/1.0",
        "WhatsApp/2.23.20.0 A",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "curl/8.0",
        "",
        "   ",
    ],
)
def test_crawlers_previews_and_empty_agents_are_kept_apart(link, agent):
    assert visit(link, agent=agent).not_counted == NotCounted.CRAWLER


def test_a_request_without_any_header_is_no_person(link):
    found = visits.record_visit(link=link, method="GET", headers={}, address="192.0.2.7", at=NOON)
    assert found.not_counted == NotCounted.CRAWLER


def test_djangos_own_headers_are_understood(link):
    request = HttpRequest()
    request.META = {"HTTP_USER_AGENT": PHONE, "HTTP_SEC_GPC": "1"}
    found = visits.record_visit(link=link, method="GET", headers=request.headers, address="192.0.2.7", at=NOON)
    assert (found.not_counted, found.visitor) == ("", "")


def test_the_same_visitor_within_the_hour_is_kept_apart(link):
    visit(link)
    assert visit(link, at=NOON + timedelta(minutes=59)).not_counted == NotCounted.REPEAT


def test_the_hour_runs_from_the_counted_visit_so_a_reloading_visitor_counts_again(link):
    visit(link)
    visit(link, at=NOON + timedelta(minutes=40))
    assert visit(link, at=NOON + timedelta(minutes=60)).not_counted == NotCounted.COUNTED


def test_another_address_agent_or_link_is_another_visitor(link):
    visit(link)
    assert visit(link, address="192.0.2.8").not_counted == NotCounted.COUNTED
    assert visit(link, agent=LAPTOP).not_counted == NotCounted.COUNTED
    assert visit(new_link()).not_counted == NotCounted.COUNTED


def test_a_prefetch_does_not_make_the_visit_after_it_a_repeat(link):
    visit(link, Purpose="prefetch")
    assert visit(link, at=NOON + timedelta(seconds=1)).not_counted == NotCounted.COUNTED


def test_a_repeat_is_known_over_midnight_although_the_key_has_changed(link):
    midnight = datetime(2018, 10, 2, tzinfo=UTC)
    before = visit(link, at=midnight - timedelta(minutes=5))
    assert visit(link, at=midnight + timedelta(minutes=5)).not_counted == NotCounted.REPEAT
    after = visit(link, at=midnight + timedelta(minutes=56))
    assert after.not_counted == NotCounted.COUNTED
    assert after.visitor != before.visitor


def test_with_global_privacy_control_each_visit_counts_and_none_has_a_key(link):
    kept = [visit(link, Sec_GPC="1") for _ in range(2)]
    assert [(one.not_counted, one.visitor) for one in kept] == [("", ""), ("", "")]


def test_without_an_address_a_visit_counts_without_a_key(link):
    visit(link, address="")
    assert (visit(link, address="").not_counted, visit(link, address="").visitor) == ("", "")


def test_what_is_kept_apart_is_kept_and_holds_no_key(link):
    visit(link)
    visit(link)
    visit(link, method="HEAD")
    visit(link, agent="")
    assert Visit.objects.filter(not_counted="").count() == 1
    assert [row.visitor for row in Visit.objects.exclude(not_counted="")] == ["", "", ""]


def test_no_column_holds_address_or_agent(link):
    visit(link)
    stored = " ".join(str(value) for value in Visit.objects.values_list().get())
    assert "192.0.2.7" not in stored
    assert "iPhone" not in stored
    assert len(Visit.objects.get().visitor) == 64


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_counts_once():
    link, start = new_link(), threading.Barrier(6)
    visit(link, address="192.0.2.200")  # makes the day's salt

    def tap():
        try:
            start.wait(5)
            visit(link)
        finally:
            connection.close()

    threads = [threading.Thread(target=tap) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    found = Visit.objects.filter(link=link).exclude(pk=Visit.objects.earliest("pk").pk)
    assert sorted(found.values_list("not_counted", flat=True)) == ["", *["repeat"] * 5]


def test_days_are_those_of_the_organisation_on_its_longest_night(link, organisation_in):
    organisation_in("Pacific/Auckland")
    midnight = datetime(2026, 4, 4, 11, tzinfo=UTC)  # of Sunday 5 April, which has 25 hours there
    minute, day = timedelta(minutes=1), timedelta(hours=25)
    for number, at in enumerate([midnight - minute, midnight, midnight + day - minute, midnight + day]):
        visit(link, address=f"192.0.2.{number}", at=at)
    found = visits.by_day(link, start=date(2026, 4, 4), end=date(2026, 4, 6))
    assert found == [(date(2026, 4, 4), 1), (date(2026, 4, 5), 2), (date(2026, 4, 6), 1)]
