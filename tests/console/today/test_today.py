from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.console.templatetags.console import brief
from backend.console.today import views as today
from campaigns.hiring import links
from campaigns.hiring.models import Candidate, Visit
from campaigns.hiring.services import candidates, hires
from campaigns.mailing.models import Subscriber
from campaigns.planning.services import content
from campaigns.planning.services.timing import pauses
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine.models import Worker
from scheduler.models import WebhookEndpoint
from scheduler.webhooks import endpoints
from tests import factories
from tests.adapter import Remote
from tests.console.speaking import Console
from tests.factories import publishing


@pytest.fixture
def page(client: Client, manager: User) -> object:
    def page(who: User = manager, path: str = "/console/") -> str:
        client.force_login(who)
        answer = client.get(path)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return page


@pytest.mark.parametrize("role", ["comms", "approver", "hr", "reader", "admin"])
def test_every_role_sees_today(page, db: None, role: str) -> None:
    assert "<h1>Today</h1>" in page(factories.person(role))


def test_what_goes_out_next_has_time_channel_title_and_state(page, clock: time_machine.Traveller) -> None:
    channel = factories.channel(name="Ward stall")
    soon = factories.approved_blog_entry(title="A day on the ward")
    factories.publication(of=soon, on=channel, publish_at=factories.in_days(0.2))
    factories.publication(of=factories.blog_entry(title="Not read yet"), on=channel, publish_at=factories.in_days(0.3))
    factories.publication(of=factories.approved_blog_entry(title="Next week"), publish_at=factories.in_days(7))

    text = page()

    assert "today 13:48</time>" in text
    assert 'title="Monday 2 March 2026, 13:48 GMT"' in text
    assert "A day on the ward" in text
    assert "Ward stall" in text
    assert "Not approved yet" in text
    assert "Next week" not in text
    assert "2 go out in the next 24 hours" in text


def test_what_goes_out_and_is_not_shown_is_led_to(comms: User, clock: time_machine.Traveller) -> None:
    entry, channel = factories.approved_blog_entry(), factories.channel()
    speaks = Console(comms)
    for number in range(today.SHOWN):
        factories.publication(of=entry, on=channel, publish_at=factories.in_days(0.2 + number / 100))
    assert f"{today.SHOWN} go out in the next 24 hours" in speaks.see("/")
    assert "See all scheduled posts" not in speaks.see("/")

    for number in range(5):
        factories.publication(of=entry, on=channel, publish_at=factories.in_days(0.5 + number / 100))
    page = speaks.see("/").split("Next 24 hours")
    assert f"{today.SHOWN} or more go out in the next 24 hours" in page[0]
    assert page[1].split("</section>")[0].count('class="title"') == today.SHOWN
    rest = speaks.see(speaks.leads("/", "See all scheduled posts"))
    assert rest.count('class="title" href="/console/publications/') == 25


def test_what_needs_a_planner_says_why_and_leads_there(page, remote: Remote, comms: User) -> None:
    held = publishing.held_unconnected(publishing.post(on=factories.channel(name="Stall")))
    failed = publishing.failed(why="X refused the text.")
    unknown = publishing.unknown(why="X did not reply.", readable=False)

    text = page(comms)

    assert "Stall is not connected." in text
    assert "X refused the text." in text
    assert "X did not reply. It may be live. Check " in text
    assert "3 posts need your attention, 2 of them now" in text
    for row in (held, failed, unknown):
        assert f'href="/console/publications/{row.pk}"' in text


def test_approver_is_shown_what_waits_for_approval_but_not_their_own_edits(page, approver: User) -> None:
    factories.in_review(factories.event(title="Read me"))
    factories.in_review(factories.event(title="Mine", by=approver), by=approver)

    text = page(approver)

    assert "Read me" in text
    assert "1 item needs your attention" in text
    assert "Mine" not in text.split("Goes out")[0]


def test_draft_that_should_go_out_soon_is_urgent(page, comms: User) -> None:
    entry = factories.blog_entry(title="Not finished")
    factories.publication(of=entry, publish_at=factories.in_days(0.5))

    text = page(comms)

    assert "It is due soon and has not been sent for approval." in text
    assert "1 item needs your attention, now" in text
    assert re.search(r'class="state urgent"><svg.*?</svg>Not sent for approval', text, re.DOTALL)


def test_author_is_shown_what_was_returned(page, comms: User, approver: User) -> None:
    entry = factories.in_review(factories.blog_entry(title="Too long", by=comms), by=comms)
    content.return_content(content=entry.base, by=approver, comment="Shorter, please.")

    assert "It was returned with a comment." in page(comms)
    assert "It was returned with a comment." not in page(factories.person("admin"))


@pytest.mark.parametrize(("days", "words"), [(13, "Access expires in 12 days."), (-1, "Access has expired."), (20, "")])
def test_end_of_a_sign_in_is_told_in_time(page, comms: User, days: int, words: str) -> None:
    channel = factories.channel(name="Our LinkedIn")
    row = connections.connect_channel(channel=channel, kind="share-kit", settings={}, secrets={})
    row.expires_at = factories.in_days(days)
    row.save()

    text = page(comms)

    assert (words in text) if words else ("Our LinkedIn" not in text)
    if words:
        assert f'href="/console/channels/{channel.pk}"' in text


def test_reader_is_asked_for_nothing(page, remote: Remote, manager: User) -> None:
    factories.in_review(factories.event(title="Read me"))
    publishing.failed()

    assert "Nothing needs your attention." in page(manager)


def test_stopped_worker_is_said_plainly(page) -> None:
    assert "Publishing has stopped. The worker is not running. It has not started yet." in page()

    Worker.objects.create(name="a:1", started_at=timezone.now(), seen_at=timezone.now() - timedelta(minutes=3))
    assert "It was last active 3 minutes ago." in page()

    Worker.objects.update(seen_at=timezone.now())
    assert "Publishing is working." in page()


def test_channel_that_asked_to_be_left_alone_is_not_called_late(page, db: None) -> None:
    Worker.objects.create(name="a:1", started_at=timezone.now(), seen_at=timezone.now())
    row = factories.publication(of=factories.approved_blog_entry())
    publishing.fall_due(row, minutes_ago=5)
    connections.connect_channel(channel=row.channel, kind="blog", settings={}, secrets={})
    assert "Publishing is running late. The oldest post has waited 5 minutes." in page()

    Connection.objects.update(paused_until=timezone.now() + timedelta(hours=24))
    assert "1 channel accepts no more posts right now. Posts due there will follow." in page()


def test_what_came_in_is_counted_for_those_who_may_see_it(page, hr: User, comms: User, manager: User) -> None:
    link = links.make_link(
        channel=factories.channel(), content=factories.approved_vacancy().base, page_url="https://x.example"
    )
    Visit.objects.create(link=link)
    Visit.objects.create(link=link, not_counted="crawler")
    Visit.objects.create(link=link, at=factories.in_days(-8))
    candidate = candidates.add_candidate(reference="C-1", name="Priya Nair", by=hr)
    hires.record_hire(candidate=candidate, vacancy=factories.vacancy(), accepted_on=timezone.localdate(), by=hr)

    def counted(who: User) -> dict[str, int]:
        request: Any = HttpRequest()
        request.user = who
        return {each.name: each.value for each in today._came_in(request, timezone.now())}

    figures = {who: counted(who) for who in (hr, comms, manager)}

    assert figures[hr] == {"Visits from tracked links": 1, "New candidates": 1, "Offers accepted": 1}
    assert figures[comms] == {"Visits from tracked links": 1, "New email subscribers": 0}
    assert figures[manager] == {}
    for who in (hr, comms, manager):
        text = page(who)
        assert "Priya" not in text
        assert "C-1" not in text
    for who in (comms, manager):
        assert "New candidates" not in page(who)
        assert "Offers accepted" not in page(who)


def test_what_came_in_leads_to_exactly_its_rows(hr: User, comms: User) -> None:
    long_ago = factories.in_days(-9)
    for at in (timezone.now(), long_ago):
        link = links.make_link(
            channel=factories.channel(), content=factories.approved_vacancy().base, page_url="https://x.example"
        )
        for when in {at, long_ago}:
            Visit.objects.create(link=link, at=when)
        row = candidates.add_candidate(reference=f"C-{at:%d%m}", vacancy=factories.vacancy(), by=hr)
        hires.record_hire(candidate=row, accepted_on=timezone.localdate(), by=hr)
    hires.reverse_hire(hire=row.hire, by=hr)
    Candidate.objects.filter(pk=row.pk).update(created_at=long_ago)
    list_of_mail = factories.mailing_list("new@example.org", "old@example.org")
    Subscriber.objects.filter(address__startswith="old").update(confirmed_at=long_ago)
    of_hr, of_comms = Console(hr), Console(comms)

    for name in ("1 New candidates", "1 Offers accepted"):
        assert of_hr.see(of_hr.leads("/", name)).count('<tr><th scope="row">') == 1, name
    visited = of_comms.see(of_comms.leads("/", "1 Visits"))
    assert re.findall(r"(\d+)<span class=\"hidden\"> visits of", visited) == ["1"]
    joined = of_comms.leads(of_comms.leads("/", "1 New email subscribers"), f"1 new of {list_of_mail.name}")
    assert "new@example.org" in of_comms.see(joined)
    assert "old@example.org" not in of_comms.see(joined)


def test_empty_house_says_what_to_do_first(page, admin: User, manager: User) -> None:
    assert 'href="/console/first-run"' in page(admin)
    assert "Your administrator sets up Promenade." in page(manager)
    factories.blog_entry()
    assert "Nothing here yet" not in page(admin)


def test_api_documents_are_offered_to_those_who_use_them(page, comms: User, manager: User, admin: User) -> None:
    assert "/api/v1/docs" in page(comms)
    assert "/api/v1/docs" in page(admin)
    assert "/api/v1/docs" not in page(manager)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 3, 2, 14, 0, tzinfo=UTC), "today 14:00"),
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), "tomorrow 00:00"),
        (datetime(2026, 11, 3, 9, 30, tzinfo=UTC), "Tue 3 Nov 09:30"),
        (datetime(2026, 6, 3, 9, 30, tzinfo=UTC), "Wed 3 Jun 10:30"),
        (datetime(2018, 10, 3, 9, 30, tzinfo=UTC), "Wed 3 Oct 2018 10:30"),
    ],
)
def test_times_are_said_as_people_say_them(at: datetime, words: str) -> None:
    assert brief(at, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) == words


def test_a_pause_is_shown_with_who_and_why(client: Client, comms: User) -> None:
    pauses.start_pause(reason="A colleague has died.", by=comms)
    client.force_login(comms)

    page = client.get("/console/").content.decode()

    assert "Publishing is on hold" in page
    assert "A colleague has died." in page
    assert comms.name in page


def test_an_administrator_hears_of_a_receiver_that_was_given_up(page, db: None) -> None:
    receiver, _ = endpoints.add_endpoint(
        address="https://intranet.example.org/hooks", event_types=["publication.sent"], description="Intranet"
    )
    WebhookEndpoint.objects.update(active=False, disabled_at=timezone.now(), disabled_reason="It has failed 20 times.")

    assert "Intranet" in page(factories.person("admin"))
    assert "It has failed 20 times. We have stopped sending to it." in page(factories.person("admin"))
    assert "Intranet" not in page(factories.person("comms"))

    endpoints.change_endpoint(endpoint=receiver, changes={"active": True})
    assert "Intranet" not in page(factories.person("admin"))


def test_planners_hear_of_a_sign_in_that_ends(page, db: None) -> None:
    channel = factories.channel(name="Our page")
    row = connections.connect_channel(channel=channel, kind="share-kit", settings={}, secrets={})
    row.expires_at = factories.in_days(15.1)
    row.save()
    assert "Access expires soon" not in page(factories.person("comms"))
    row.expires_at = factories.in_days(14.2)  # as long as the channel's own page tells it
    row.save()
    assert "Access expires soon" in page(factories.person("comms"))
    assert "Our page" not in page(factories.person("hr"))

    Connection.objects.mark_signed_out("The access token was not accepted.", timezone.now())
    assert "The access token was not accepted." in page(factories.person("comms"))
