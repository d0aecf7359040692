"""Campaigns in the console: the list, one campaign with its weeks, content, costs and results, and its form."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.hiring import links, reports
from campaigns.hiring.models import Visit
from campaigns.hiring.services import candidates, hires
from campaigns.planning.models import Campaign, Organisation, Publication
from campaigns.planning.services import events
from campaigns.planning.services.timing import pauses
from scheduler.engine.models import Attempt
from tests import factories
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MARCH = date(2026, 3, 2)
FILLED: dict[str, Any] = {
    "name": "Nurses for Langley Green",
    "purpose": "recruitment",
    "summary": "Told openly.",
    "starts_on": "2026-03-01",
    "ends_on": "2026-04-30",
    "target_hires": "13",
    "budget_pence": "2,500.50",
    "rhythm_days": "7",
    "hashtags": "#NHSJobs, MentalHealthNursing",
}


def main_of(page: str) -> str:
    return page.split('<main id="main"')[1]


def fact(page: str, name: str) -> str:
    """What a `dt` of this name says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split(f"<dt>{name}</dt>")[1].split("</dd>")[0]).split())


def test_list_tells_what_runs_and_what_comes_next(comms: User) -> None:
    runs = factories.campaign(name="Spring", ends_on=MARCH + timedelta(days=9))
    factories.campaign(name="Summer", purpose="engagement", starts_on=MARCH + timedelta(days=90))
    factories.campaign(name="Autumn", starts_on=MARCH - timedelta(days=90), ends_on=MARCH - timedelta(days=1))
    factories.publication(of=factories.blog_entry(campaign=runs))
    speaks = Console(comms)

    page = main_of(speaks.see("/campaigns"))

    order = [page.index(f">{name}</a>") for name in ("Summer", "Spring", "Autumn")]
    assert order == sorted(order)
    assert f'/console/plan?view=list&month=2026-03&campaign={runs.pk}"><time' in page
    assert "tomorrow 09:00" in page
    for query, names in (
        ("when=running", {"Spring"}),
        ("when=coming", {"Summer"}),
        ("when=past", {"Autumn"}),
        ("purpose=engagement", {"Summer"}),
        ("q=aut", {"Autumn"}),
        ("when=past&q=spring", set()),
        ("when=never&purpose=none&after=made-up", {"Spring", "Summer", "Autumn"}),
    ):
        found = main_of(speaks.see(f"/campaigns?{query}"))
        assert {name for name in ("Spring", "Summer", "Autumn") if f">{name}</a>" in found} == names, query


def test_list_goes_on_page_by_page(comms: User) -> None:
    for number in range(32):
        factories.campaign(name=f"Campaign {number:02}", starts_on=MARCH - timedelta(days=number))
    speaks = Console(comms)

    first = speaks.see("/campaigns")
    following = re.findall(r'href="([^"]+)" rel="next"', first)[-1]

    assert "Campaign 29" in first
    assert "Campaign 30" not in first
    second = speaks.see(f"/campaigns{following}")
    assert "Campaign 31" in second
    assert "Campaign 29" not in second


def test_campaign_is_added_with_every_field_and_changed(comms: User) -> None:
    speaks = Console(comms)

    status, said = speaks.send("/campaigns/new", **FILLED)

    row = Campaign.objects.get()
    assert (status, said) == (302, "Nurses for Langley Green was added. You can now write content for it.")
    assert (row.target_hires, row.budget_pence, row.rhythm_days, row.slug) == (
        13,
        250050,
        7,
        "nurses-for-langley-green",
    )
    assert row.hashtags == ["NHSJobs", "MentalHealthNursing"]
    page = speaks.see(f"/campaigns/{row.pk}/change")
    assert 'value="2500.50"' in page
    assert 'value="NHSJobs, MentalHealthNursing"' in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    speaks.send(f"/campaigns/{row.pk}/change", **FILLED | {"rhythm_days": "3", "slug": "nurses", "seen": seen})
    row.refresh_from_db()
    assert (row.rhythm_days, row.slug) == (3, "nurses")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_on": "2026-02-01"}, "Last day: The end date is before the start date."),
        ({"slug": "taken"}, "Short name: Campaign with this Slug already exists."),
        ({"name": " "}, "Name: This field is required."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"rhythm_days": "0"}, "greater than or equal to 1"),
        ({"hashtags": "a" * 61}, "has more than 60 characters."),
        ({"hashtags": ",".join(f"tag{n}" for n in range(21))}, "Hashtags: You can have up to 20, and there are 21."),
        ({"budget_pence": "-1"}, "greater than or equal to 0"),
    ],
)
def test_refusals_stand_beside_the_field_and_what_was_typed_is_kept(
    comms: User, typed: dict[str, str], sentence: str
) -> None:
    factories.campaign(slug="taken", name="Taken")

    status, page = Console(comms).send("/campaigns/new", **FILLED | typed)

    assert (status, Campaign.objects.count()) == (200, 1)
    assert sentence in page
    assert "Told openly.</textarea>" in page


def test_two_people_change_one_campaign(comms: User, approver: User) -> None:
    row = factories.campaign(name="Spring")
    speaks = Console(comms)
    seen = speaks.see(f"/campaigns/{row.pk}/change").split('name="seen" value="')[1].split('"')[0]
    Campaign.objects.filter(pk=row.pk).update(name="Late spring")

    _, page = speaks.send(f"/campaigns/{row.pk}/change", **FILLED | {"name": "Early spring", "seen": seen})

    assert "Someone changed this while you had it open." in page
    assert "Name: Late spring" in page
    assert Campaign.objects.get().name == "Late spring"


def test_weeks_show_what_went_out_what_will_and_the_dates(comms: User) -> None:
    row = factories.campaign(starts_on=MARCH - timedelta(days=30), ends_on=MARCH + timedelta(days=60))
    entry = factories.blog_entry(title="A day on the ward", campaign=row)
    soon = factories.publication(of=entry, on=factories.channel(name="Careers stall"))
    open_day = factories.event(title="Open day", campaign=row, starts_at=factories.in_days(8))
    closing = factories.vacancy(title="Ward nurse", campaign=row, closes_at=factories.in_days(9))
    off = factories.event(title="Rained off", campaign=row, starts_at=factories.in_days(10))
    events.cancel_event(event=off, by=comms)
    factories.publication(of=factories.blog_entry(title="Of another campaign"))
    speaks = Console(comms)

    page = main_of(speaks.see(f"/campaigns/{row.pk}"))
    weeks = page.split('<ol class="weeks">')[1].split("</ol>")[0]

    this, following = weeks.split("<h3>2 Mar to 8 Mar 2026")[1].split("<h3>9 Mar to 15 Mar 2026")
    assert f'href="/console/publications/{soon.pk}">A day on the ward</a> <span class="quiet">Careers stall' in this
    assert f'href="/console/plan?view=week&week=2026-W10&campaign={row.pk}">1 post<' in this
    assert "This week" in this
    for what, said in ((open_day, "Event"), (closing, "Closing date"), (off, "Event, cancelled")):
        assert f'{what.title}</a> <span class="quiet">{said}<' in following
    assert "Of another campaign" not in page
    later = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Nothing" in speaks.see(later.removeprefix("/console").split("#")[0]).split('class="weeks"')[1]
    assert "the campaign is not running then" in speaks.see(f"/campaigns/{row.pk}?week=2031-01-06")
    for nonsense in ("soon", "9999-12-31", "0001-01-01", "２０２６-03-02"):
        speaks.see(f"/campaigns/{row.pk}?week={nonsense}")


def test_event_of_several_weeks_stands_in_each(comms: User) -> None:
    row = factories.campaign()
    begins, ends = factories.in_days(-40), factories.in_days(8)
    factories.event(title="Art on the pier", campaign=row, starts_at=begins, ends_at=ends, allow_past=True)

    page = main_of(Console(comms).see(f"/campaigns/{row.pk}")).split('<ol class="weeks">')[1].split("</ol>")[0]

    assert page.count("Art on the pier") == 4  # two weeks behind, this one and the next


def test_busy_week_is_capped_and_leads_to_the_plan(comms: User) -> None:
    row = factories.campaign()
    entry, channel = factories.blog_entry(campaign=row), factories.channel()
    for hours in range(9):
        factories.publication(of=entry, on=channel, publish_at=factories.in_days(1) + timedelta(hours=hours / 2))

    page = Console(comms).see(f"/campaigns/{row.pk}")

    assert "9 posts<" in page
    assert f'/console/plan?view=week&week=2026-W10&campaign={row.pk}">And 4 more</a>' in page


def test_content_stands_with_its_posts_and_a_way_to_write_more(comms: User, manager: User) -> None:
    row = factories.campaign()
    for number in range(17):
        factories.blog_entry(title=f"Entry {number:02}", campaign=row)
    factories.publication(of=row.content.earliest("pk"))
    speaks = Console(comms)

    page = speaks.see(f"/campaigns/{row.pk}")

    assert "Entry 16" in page
    assert "Entry 01" not in page
    for kind in ("vacancy", "event", "blog_entry", "bulletin"):
        assert f'{reverse(f"console:new_{kind}")}?campaign={row.pk}"' in page
    following = re.findall(r'href="([^"]+)" rel="next">Next page', page)[0]
    assert "1 post, the next <time" in speaks.see(f"/campaigns/{row.pk}{following}")
    others = main_of(Console(manager).see(f"/campaigns/{row.pk}"))
    for word in ("Write for this campaign", "Compose it", ">Change<", "start_pause", "publishing/hold"):
        assert word not in others


def charged(post: Publication, price: int, outcome: str = "sent") -> None:
    Attempt.objects.create(
        publication=post, fence=post.attempts.count(), price=price, outcome=outcome, started_at=timezone.now()
    )


def test_budget_is_what_is_known(comms: User, hr: User) -> None:
    row = factories.campaign(budget_pence=250_000)
    speaks = Console(comms)
    page = speaks.see(f"/campaigns/{row.pk}")
    assert [fact(page, name) for name in ("Planned", "Spent on posts", "Left")] == [
        *("£2,500.00", "Nothing", "£2,500.00")
    ]
    channel = factories.channel(name="X")
    post = factories.publication(of=factories.blog_entry(campaign=row), on=channel)
    charged(post, 200)
    charged(post, 15, "unknown")
    charged(post, 999, "not_sent")
    charged(factories.publication(on=channel), 888)

    page = speaks.see(f"/campaigns/{row.pk}")

    assert fact(page, "Spent on posts") == "X : $0.215 for 1 post"
    assert f'href="/console/channels/{channel.pk}">X</a>' in page
    assert fact(page, "Left") == "Not calculated: channels charge in US dollars."
    others = Console(hr).see(f"/campaigns/{row.pk}")
    assert "£2,500.00" in others
    assert "$0.2" not in others


def hired(row: Campaign, number: int, by: User) -> None:
    vacancy = factories.approved_vacancy(campaign=row)
    for each in range(number):
        person = candidates.add_candidate(reference=f"C-{vacancy.pk}-{each}", vacancy=vacancy, by=by)
        hires.record_hire(candidate=person, accepted_on=timezone.localdate(), by=by)


def test_people_are_counted_for_hr_alone_and_others_are_led_to_the_report(hr: User, comms: User, manager: User) -> None:
    row = factories.campaign(target_hires=13)
    hired(row, 3, hr)
    hired(factories.campaign(), 2, hr)
    post = factories.publication(of=factories.blog_entry(campaign=row))
    link = links.link_for_publication(publication=post, page_url="https://example.org/a")
    for reason in ("", "", "crawler"):
        Visit.objects.create(link=link, not_counted=reason)
    name = "Hires, target 13"
    report = reports.source_of_hire(start=MARCH, end=MARCH, model="first", by="campaign")
    assert [found.hires for found in report.rows if found.key == row.pk] == [3]

    page = Console(hr).see(f"/campaigns/{row.pk}")
    assert (fact(page, name), fact(page, "Candidates"), fact(page, "Visits from its links")) == ("3", "3", "2")
    assert "source-of-hire?by=campaign&period=own&from=2026-03-02&to=2026-03-02" in page
    assert f"links?campaign={row.pk}" in page
    for who, visits in ((comms, True), (manager, False)):
        page = Console(who).see(f"/campaigns/{row.pk}")
        assert name not in page
        assert "<dt>Candidates" not in page
        assert 'source-of-hire?by=campaign">Hires by campaign' in page
        assert ("Visits from its links" in page) is visits


def test_results_wait_for_the_first_day(hr: User) -> None:
    row = factories.campaign(starts_on=MARCH + timedelta(days=1), target_hires=3)

    page = Console(hr).see(f"/campaigns/{row.pk}")

    assert fact(page, "Hires, target 3") == "0"


def test_hold_is_told_and_offered_with_the_campaign_chosen(comms: User) -> None:
    row = factories.campaign(starts_on=MARCH - timedelta(days=900))
    for _ in range(50):
        factories.campaign()
    pauses.start_pause(by=comms, reason="A death on the ward.", campaign=row)
    speaks = Console(comms)

    page = speaks.see(f"/campaigns/{row.pk}")
    assert "A death on the ward." in page
    address = re.search(r'href="/console(/publishing/hold\?[^"]+)"', page)
    assert address
    assert f'<option value="campaign:{row.pk}" selected>{row.name}</option>' in speaks.see(address[1])
    other = factories.campaign()
    assert speaks.send(address[1], only=f"campaign:{other.pk}", reason="Quiet.")[0] == 302
    assert other.pauses.get().reason == "Quiet."
    for nonsense in ("x", "9" * 30, "999999"):
        speaks.see(f"/publishing/hold?part=1&campaign={nonsense}")


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, admin: User) -> None:
    row = factories.campaign(budget_pence=1000)
    for _ in range(16):
        post = factories.publication(of=factories.blog_entry(campaign=row))
        charged(post, 10)
    hired(row, 2, admin)
    pauses.start_pause(by=admin, reason="Quiet.", campaign=row)
    Organisation.current()
    speaks = Console(admin)

    for path in ("/campaigns", f"/campaigns/{row.pk}", f"/campaigns/{row.pk}/change", "/campaigns/new"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
