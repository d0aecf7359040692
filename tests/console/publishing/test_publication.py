"""One publication in the console: what goes out, what became of it, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.hiring.models import Visit
from campaigns.planning.models import Channel, Organisation, Publication
from campaigns.planning.services import blog_entries
from scheduler.channels.contract import NotSent
from scheduler.connections import services as connections
from scheduler.posts import takedown
from tests import factories
from tests.adapter import Told
from tests.console.speaking import Console
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remote")]


def by_hand(place: str = "the noticeboard") -> Channel:
    row = factories.channel(name="Noticeboard", category="staff_tool")
    connections.connect_channel(channel=row, kind="share-kit", settings={"place": place}, secrets={})
    return row


def planned(**fields: Any) -> Publication:
    return factories.publication(of=factories.approved_blog_entry(title="A day on the ward"), **fields)


def reachable(**fields: Any) -> Publication:
    """On a channel that we send to."""
    return publishing.post(title="A day on the ward", **fields)


def test_page_shows_the_text_as_it_will_go_out_with_its_link_and_visits(comms: User, manager: User) -> None:
    row = planned(on=by_hand(), wording="Come and see us.")
    Visit.objects.create(link=row.link)
    Visit.objects.create(link=row.link, not_counted="crawler")

    text = Console(comms).see(f"/publications/{row.pk}")

    assert "Preview" in text
    assert "Come and see us." in text
    assert f"/r/{row.link.code}" in text
    assert "1 visit<" in text
    assert "<h1>A day on the ward</h1>" in text
    assert " visit" not in Console(manager).see(f"/publications/{row.pk}")


def test_time_stands_in_full_with_its_zone_and_the_foot_names_the_clock(manager: User) -> None:
    row = planned(on=by_hand(), publish_at=datetime(2031, 10, 26, 1, 30, tzinfo=UTC))

    text = Console(manager).see(f"/publications/{row.pk}")

    assert ">Sunday 26 October 2031, 01:30 GMT</time>" in text
    assert "Times shown in UK time" in text


def test_page_of_a_channel_without_a_connection_says_how_it_is_published(comms: User) -> None:
    row = planned()

    text = Console(comms).see(f"/publications/{row.pk}")

    assert "is not connected, so there is no preview. Post it yourself" in text
    assert "A day on the ward" in text


def test_text_that_does_not_fit_is_said(comms: User) -> None:
    channel = by_hand()
    connections.connect_channel(
        channel=channel, kind="share-kit", settings={"place": "the noticeboard", "limit": 20}, secrets={}
    )
    row = planned(on=channel, wording="Much longer than twenty characters.")

    text = Console(comms).see(f"/publications/{row.pk}")

    assert "over the limit for the noticeboard, which is 20. Shorten the text." in text
    assert "Much longer than twenty characters." in text


def test_picture_whose_file_is_gone_is_said(comms: User) -> None:
    picture = factories.picture()
    row = planned(on=by_hand(), pictures=[picture])
    picture.file.storage.delete(picture.file.name)

    for path in (f"/publications/{row.pk}", f"/publications/{row.pk}/change", f"/reviews/{row.content_id}"):
        assert "The picture cannot be read. Choose another." in Console(comms).see(path)


def test_what_nothing_sends_to_is_told_as_posted_by_hand(comms: User) -> None:
    rows = [planned(), planned(on=by_hand())]

    for row in rows:
        text = Console(comms).see(f"/publications/{row.pk}")
        assert "When it is due, it is put on hold for someone to post." in text
        assert "It will be published at its scheduled time." not in text


@pytest.mark.parametrize("make", [publishing.scheduled, publishing.held_unapproved])
def test_only_what_is_approved_is_offered_to_be_marked_as_published(
    comms: User, make: Callable[..., Publication]
) -> None:
    row = make(publishing.post(draft=True))
    assert "Mark as published" not in Console(comms).see(f"/publications/{row.pk}")


def test_found_live_is_marked_whatever_the_content_says_now(clock: time_machine.Traveller, comms: User) -> None:
    row = publishing.unknown(readable=False)
    blog_entries.change_blog_entry(entry=row.content.specific, changes={"summary": "Not approved yet."}, by=comms)
    assert "It is there: mark as published" in Console(comms).see(f"/publications/{row.pk}")

    assert Console(comms).send(f"/publications/{row.pk}/mark-published", at="2026-03-02T08:30")[0] == 302


def test_tries_stand_as_a_timeline_and_what_went_out_stays(comms: User) -> None:
    row = publishing.sent(publishing.retrying(reachable(wording="As it went, word for word."), why="It was busy."))

    text = Console(comms).see(f"/publications/{row.pk}")

    assert "As published" in text
    assert "As it went, word for word." in text
    assert text.index("It was busy.") < text.index("Sent</span> <time")
    assert f'href="{row.sent_post.url}"' in text


def test_share_kit_is_ready_to_copy_and_marked_as_published(clock: time_machine.Traveller, comms: User) -> None:
    row = publishing.held_for_hand(planned(on=by_hand()))
    speaks = Console(comms)

    page = speaks.see(f"/publications/{row.pk}")
    assert 'data-copy="post-text"' in page
    assert 'value="2026-03-02T09:00"' in speaks.see(f"/publications/{row.pk}/mark-published")
    status, said = speaks.send(
        f"/publications/{row.pk}/mark-published", at="2026-03-02T08:30", url="https://board.example/7"
    )

    row.refresh_from_db()
    assert (status, row.state, row.sent_post.url) == (302, "sent", "https://board.example/7")
    assert row.sent_at is not None
    assert f"{row.sent_at:%H:%M}" == "08:30"
    assert said == "A day on the ward on Noticeboard: Marked as published."


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"at": "2026-03-02T10:00"}, "This time is in the future."),
        ({"at": "soon"}, "Enter a date and time"),
        ({"at": "2026-03-02T08:00", "url": "ftp://board.example"}, "web address"),
    ],
)
def test_bad_time_or_address_is_said_and_kept(
    clock: time_machine.Traveller, comms: User, form: dict[str, str], said: str
) -> None:
    row = planned()

    status, text = Console(comms).send(f"/publications/{row.pk}/mark-published", **form)

    assert status == 200
    assert said in text
    assert f'value="{form.get("url") or form["at"]}"' in text
    row.refresh_from_db()
    assert row.state == "scheduled"


@pytest.mark.parametrize(
    ("state", "action", "form", "after"),
    [
        ("held", "release", {}, "scheduled"),
        ("failed", "retry", {}, "scheduled"),
        ("unknown", "retry", {}, "scheduled"),
        ("sent", "mark-taken-down", {}, "withdrawn"),
        ("scheduled", "hold", {"reason": "The ward asked."}, "held"),
        ("scheduled", "cancel", {"reason": ""}, "cancelled"),
        ("held", "cancel", {"reason": "No longer."}, "cancelled"),
        ("unknown", "cancel", {}, "cancelled"),
    ],
)
def test_person_decides(comms: User, state: str, action: str, form: dict[str, str], after: str) -> None:
    row = publishing.IN_STATE[state](reachable())

    status, said = Console(comms).send(f"/publications/{row.pk}/{action}", **form)

    row.refresh_from_db()
    assert (status, row.state) == (302, after)
    assert said.startswith("A day on the ward on ")


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("release", {}),
        ("retry", {}),
        ("mark-taken-down", {}),
        ("hold", {"reason": "No."}),
        ("cancel", {}),
        ("mark-published", {"at": "2020-09-03T08:30"}),
    ],
)
def test_what_is_being_sent_cannot_be_moved(comms: User, action: str, form: dict[str, str]) -> None:
    row = publishing.sending_now()

    _, said = Console(comms).send(f"/publications/{row.pk}/{action}", **form)

    row.refresh_from_db()
    assert row.state == "sending"
    assert "is sending" in said or "going out" in said or "Somebody changed" in said


@pytest.mark.parametrize("action", ["release", "retry", "mark-taken-down", "hold", "cancel", "mark-published"])
@pytest.mark.parametrize("role", ["reader", "hr"])
def test_others_decide_nothing(role: str, action: str) -> None:
    row = planned()

    assert Console(factories.person(role)).send(f"/publications/{row.pk}/{action}")[0] == 403
    row.refresh_from_db()
    assert row.state == "scheduled"


def test_new_time_is_read_on_the_posts_own_clock_and_leads_back(clock: time_machine.Traveller, comms: User) -> None:
    row = planned(publish_at=datetime(2026, 6, 1, 9, 0), zone="America/New_York")
    speaks, here = Console(comms), f"/console/publications/{row.pk}"
    address = f"/plan/publications/{row.pk}/move"
    assert f'href="/console{address}?next={here}"' in speaks.see(f"/publications/{row.pk}")
    seen = speaks.see(f"{address}?next={here}").split('name="seen" value="')[1].split('"')[0]

    answer = speaks.client.post(
        f"/console{address}", {"day": "2026-07-01", "time": "09:00", "seen": seen, "next": here}, follow=True
    )

    row.refresh_from_db()
    assert (row.publish_at.isoformat(), row.zone) == ("2026-07-01T13:00:00+00:00", "America/New_York")
    assert answer.redirect_chain == [(here, 302)]
    assert "“A day on the ward” has been moved to Wed 1 Jul 14:00." in answer.content.decode()


def test_button_leads_back_to_where_the_person_was(comms: User) -> None:
    row = publishing.failed()
    speaks = Console(comms)

    answer = speaks.client.post(f"/console/publications/{row.pk}/retry", {"next": "/console/publishing?tab=next"})
    astray = speaks.client.post(f"/console/publications/{row.pk}/release", {"next": "https://elsewhere.example/"})

    assert answer.headers["Location"] == "/console/publishing?tab=next"
    assert astray.headers["Location"] == "/console/"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (publishing.sent_again, "We tried once and it may be live."),
        (publishing.missing, "We tried once and it is not live."),
    ],
)
def test_another_try_says_what_is_known_of_the_first(comms: User, make: Callable[..., Publication], words: str) -> None:
    row = make()

    assert words in Console(comms).see(f"/publications/{row.pk}")


def test_takedown_under_way_says_when_it_is_tried_again(clock: time_machine.Traveller, comms: User) -> None:
    row = publishing.taking_down()
    Told.remote.deletions.append(NotSent("X is busy.", retry_after=180))
    takedown.take_down(publication_id=row.pk)

    text = Console(comms).see(f"/publications/{row.pk}")

    assert "We are taking the post down. X is busy." in text
    assert "Next attempt <time" in text
    assert "today 09:03" in text


def test_takedown_that_waits_for_a_sign_in_says_what_leads_on(comms: User) -> None:
    row = publishing.still_live(why="Connect the account again.", code="needs_sign_in")

    text = Console(comms).see(f"/publications/{row.pk}")

    assert "the post is still live. Connect the account again." in text
    assert "Ask an administrator to connect the channel again, or take it down on" in text
    assert "Mark as taken down" in text


@pytest.mark.parametrize("state", ["scheduled", "held", "failed", "unknown", "sent", "cancelled", "withdrawn"])
def test_page_costs_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, comms: User, state: str) -> None:
    row = reachable()
    for _ in range(4):
        publishing.retrying(row)
    publishing.IN_STATE[state](row)
    Organisation.current()
    speaks = Console(comms)

    with django_assert_max_num_queries(12):
        speaks.see(f"/publications/{row.pk}")


def test_page_of_a_bulletin_on_its_own_feed_costs_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries, comms: User
) -> None:
    channel = factories.channel(category="feed", audience="staff")
    connections.connect_channel(channel=channel, kind="bulletin", settings={}, secrets={})
    row = factories.publication(of=factories.approved_bulletin(), on=channel)
    Organisation.current()
    speaks = Console(comms)

    with django_assert_max_num_queries(12):
        speaks.see(f"/publications/{row.pk}")
