"""Plan: what stands on a month, a week and the list; what is moved and added there, and what is refused in words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from html import unescape
from typing import Any

import pytest
from django.test import Client

from backend.console.plan.board import version
from campaigns.planning.models import BlogEntry, Event, Publication
from campaigns.planning.services import publications
from campaigns.planning.services.timing import quiet_periods
from tests import factories

PLAN = "/console/plan"
MARCH = f"{PLAN}?view=month&month=2026-03"


def at(day: int, hour: int = 9, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def text(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def cell(answer: Any, day: str) -> str:
    """What stands on one day of the grid."""
    found = re.search(rf'<td [^>]*data-day="{day}".*?</td>', answer.content.decode(), re.DOTALL)
    assert found, f"{day} is not on the page"
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def drop(client: Client, row: Publication, *, htmx: bool = False, **values: Any) -> Any:
    body = {"seen": version(row.publish_at, row.state), "next": MARCH} | values
    headers = {"HX-Request": "true", "HX-Target": "plan-board"} if htmx else {}
    return client.post(f"{PLAN}/publications/{row.pk}/drop", body, headers=headers)


@pytest.fixture
def desk(client: Client, clock: Any, comms: Any) -> Client:
    client.force_login(comms)
    return client


def test_month_has_whole_weeks_and_at_most_six(desk: Client) -> None:
    for month, weeks in (("2026-02", 5), ("2027-02", 4), ("2026-03", 6), ("2026-08", 6)):
        page = desk.get(f"{PLAN}?month={month}")
        assert page.content.decode().count('<tr role="row">') - 1 == weeks, month
    assert "Today" in cell(desk.get(PLAN), "2026-03-02")


def test_keyboard_help_holds_the_keys_of_the_page_and_what_the_person_may(
    client: Client, desk: Client, manager: Any
) -> None:
    def keys(address: str) -> str:
        return desk.get(address).content.decode().split('<dialog id="keys"')[1].split("</dialog>")[0]

    assert "Move a post to another date" in keys(PLAN)
    assert "Go to a page" in keys(PLAN)
    assert "Move a post" not in keys("/console/")
    client.force_login(manager)
    assert "Move between days" in keys(PLAN)
    assert "Move a post" not in keys(PLAN)


def test_day_tells_time_channel_kind_state_and_title(desk: Client) -> None:
    row = factories.approved_blog_entry(title="Why I came back")
    factories.publication(of=row, on=factories.channel(name="Careers stall"), publish_at=at(10))
    factories.publication(of=factories.event(title="Open day", starts_at=at(20)).base, publish_at=at(10, 14))
    factories.vacancy(title="Staff nurse", closes_at=at(31, 22, 59))
    page = desk.get(MARCH)
    assert "09:00 Why I came back , Careers stall, blog entry, scheduled" in cell(page, "2026-03-10")
    assert "14:00 Draft Open day" in cell(page, "2026-03-10"), "what is not approved says so"
    assert "Open day Event 09:00" in cell(page, "2026-03-20")
    assert "Staff nurse Closes 23:59" in cell(page, "2026-03-31"), "on the wall clock of summer time"
    assert "2 posts, 1 event, 1 closing date. 1 post is not approved yet." in text(page)


def test_words_of_people_are_escaped(desk: Client) -> None:
    rude = "<script>alert('x')</script> \"&"
    row = factories.blog_entry(title=rude)
    factories.publication(of=row, on=factories.channel(name="<b>Stall</b>"), publish_at=at(10))
    factories.event(title=rude, starts_at=at(11))
    for view in ("view=month", "view=week&week=2026-W11", "view=list", "day=2026-03-10"):
        page = desk.get(f"{PLAN}?month=2026-03&{view}").content.decode()
        assert "alert(&#x27;x&#x27;)" in page
        assert "<script>alert" not in page
        assert "<b>Stall" not in page


def test_more_than_four_fold_and_the_day_opens_them(desk: Client) -> None:
    for hour in range(8, 15):
        factories.publication(of=factories.blog_entry(title=f"Post at {hour}"), publish_at=at(10, hour))
    page = desk.get(MARCH)
    assert "Post at 11" in cell(page, "2026-03-10")
    assert "Post at 12" not in cell(page, "2026-03-10")
    assert "+3 more on 10 March" in cell(page, "2026-03-10")
    opened = desk.get(f"{MARCH}&day=2026-03-10")
    assert "Tuesday 10 March" in text(opened)
    assert "Post at 14" in text(opened)


def test_days_that_have_a_name(desk: Client) -> None:
    march = desk.get(MARCH)
    assert "Clocks go forward: 01:00 becomes 02:00" in cell(march, "2026-03-29")
    assert "Neurodiversity Celebration Week (until Sun 22 Mar)" in cell(march, "2026-03-16")
    assert "Good Friday" in cell(march, "2026-04-03")
    october = desk.get(f"{PLAN}?month=2026-10")
    assert "Clocks go back: 02:00 becomes 01:00" in cell(october, "2026-10-25")
    assert "World Mental Health Day" in cell(october, "2026-10-10")
    assert "Black History Month." in text(october)


def test_posts_of_both_clock_change_nights_stand_on_their_day(desk: Client) -> None:
    for moment in (at(28, 23, 30), at(29, 22, 30), at(25, 0, 30, month=10), at(25, 23, 30, month=10)):
        factories.publication(of=factories.blog_entry(title=f"At {moment:%d %H:%M}"), publish_at=moment)
    march, october = desk.get(MARCH), desk.get(f"{PLAN}?month=2026-10")
    assert "23:30 Draft At 28 23:30" in cell(march, "2026-03-28")
    assert "23:30 Draft At 29 22:30" in cell(march, "2026-03-29")
    assert "01:30 Draft At 25 00:30" in cell(october, "2026-10-25")
    assert "23:30 Draft At 25 23:30" in cell(october, "2026-10-25")


@pytest.mark.parametrize("view", ["week&week=2026-W11", "list&month=2026-03", "month&month=2026-03"])
def test_event_that_began_before_the_page_stands_on_its_days(desk: Client, view: str) -> None:
    factories.event(title="Art on the pier", starts_at=at(2, month=2), ends_at=at(10, 17), allow_past=True)

    page = text(desk.get(f"{PLAN}?view={view}"))
    panel = text(desk.get(f"{PLAN}?view={view}&day=2026-03-10"))

    assert page.count("Art on the pier") == (2 if view.startswith("week") else 10 + (view.startswith("month") * 6))
    assert panel.count("Art on the pier") == page.count("Art on the pier") + 1


def test_week_and_list(desk: Client) -> None:
    for number in range(55):
        factories.publication(of=factories.blog_entry(title=f"Post {number:02}"), publish_at=at(10, 9, number))
    week = desk.get(f"{PLAN}?view=week&week=2026-W11")
    assert "9 to 15 March 2026" in text(week)
    assert "Post 54" in cell(week, "2026-03-10")
    first = desk.get(f"{PLAN}?view=list&month=2026-03")
    assert "Post 49" in text(first)
    assert "Post 50" not in text(first)
    (following,) = re.findall(r'href="([^"]+)" rel="next">Next page', first.content.decode())
    second = desk.get(unescape(following))
    assert "Post 50" in text(second)
    assert "Post 49" not in text(second)
    assert "Post 00" in text(desk.get(f"{PLAN}?view=list&month=2026-03&after=made-up"))
    for page in (first, second):
        assert "55 posts. 55 posts are not approved yet." in text(page)


def test_filters_of_the_address(desk: Client, comms: Any, approver: Any) -> None:
    campaign, team, channel = factories.campaign(), factories.team(), factories.channel()
    mine = factories.event(title="Ours", starts_at=at(20), host_team=team, campaign=campaign, by=comms)
    factories.publication(of=mine.base, on=channel, publish_at=at(10))
    factories.publication(of=factories.in_review(factories.blog_entry(title="Theirs", by=approver)), publish_at=at(11))
    for query in (
        *(f"campaign={campaign.pk}", f"channel={channel.pk}", f"team={team.pk}", f"owner={comms.pk}"),
        *("kind=event", "state=draft"),
    ):
        page = desk.get(f"{MARCH}&{query}")
        assert "Ours" in cell(page, "2026-03-10"), query
        assert "Theirs" not in cell(page, "2026-03-11"), query
        assert "International Women's Day" in cell(page, "2026-03-08"), "days keep their names"
    assert "Theirs" in cell(desk.get(f"{MARCH}&state=in_review"), "2026-03-11")
    page = desk.get(f"{MARCH}&campaign={campaign.pk}")
    assert f"Campaign: {campaign.name}" in text(page)
    assert f"month=2026-04&amp;campaign={campaign.pk}" in page.content.decode(), "the next month keeps the filter"


@pytest.mark.parametrize(
    "query",
    [
        *("view=year", "month=2026-13", "month=0001-01", "week=2026-W60", "week=9999-W01", "campaign=x", "campaign=-1"),
        *("campaign=99999999999999999999", "kind=poem", "state=lost", "day=2026-02-30", "open=٣", "open=999999"),
        *("undo=1.2", "undo=x", "undo=1.99999999999999999", "after=%00", "week=", "day=2200-12-31"),
    ],
)
def test_address_that_makes_no_sense_shows_the_plan(desk: Client, query: str) -> None:
    assert desk.get(f"{PLAN}?{query}").status_code == 200


def test_gaps_and_clashes_are_hinted(desk: Client) -> None:
    campaign = factories.campaign(name="Winter nursing", rhythm_days=7, ends_on=date(2026, 3, 31))
    channel = factories.channel(name="Careers stall")
    quiet_periods.add_quiet_period(
        channel=channel, kind="quiet", by=None, weekdays=["TU"], from_time=time(8), to_time=time(10)
    )
    factories.publication(of=factories.blog_entry(campaign=campaign), on=channel, publish_at=at(10))
    page = desk.get(MARCH)
    assert "No Winter nursing posts until 9 Mar" in cell(page, "2026-03-02")
    assert "2 gaps, 1 clash" in text(page)
    assert "Careers stall has quiet hours from 08:00 to 10:00" in cell(page, "2026-03-10")


def test_drag_keeps_the_time_of_day_and_can_be_undone(desk: Client) -> None:
    row = factories.publication(of=factories.blog_entry(title="Thank-you cards"), publish_at=at(27))
    answer = drop(desk, row, day="2026-03-30")
    row.refresh_from_db()
    assert row.publish_at == at(30, 8), "nine in London, after the clocks went forward"
    page = desk.get(answer.headers["Location"])
    assert "“Thank-you cards” has been moved to Mon 30 Mar 09:00." in text(page)
    form = re.search(r"<div class=\"message\" data-undo>.*?</form>", page.content.decode(), re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="(at|seen|next)" value="([^"]*)"', form[0]))
    desk.post(f"{PLAN}/publications/{row.pk}/drop", {name: unescape(value) for name, value in fields.items()})
    row.refresh_from_db()
    assert row.publish_at == at(27)


def test_drag_into_the_night_that_has_no_such_time_is_refused_in_words(desk: Client) -> None:
    row = factories.publication(publish_at=at(27, 1, 30))
    answer = drop(desk, row, day="2026-03-29", htmx=True)
    assert answer.status_code == 409
    assert "01:30 does not exist on 29 March 2026" in text(answer)
    row.refresh_from_db()
    assert row.publish_at == at(27, 1, 30)


def test_drag_into_the_night_with_an_hour_twice_takes_the_first(desk: Client) -> None:
    row = factories.publication(publish_at=at(24, 0, 30, month=10))
    drop(desk, row, day="2026-10-25")
    row.refresh_from_db()
    assert row.publish_at == at(25, 0, 30, month=10)


def test_drag_keeps_the_clock_of_its_own_zone(desk: Client) -> None:
    row = factories.publication(publish_at=datetime(2026, 3, 10, 20, 0), zone="America/New_York")
    assert row.publish_at == at(11, 0)
    drop(desk, row, day="2026-03-12")
    row.refresh_from_db()
    assert (row.publish_at, row.zone) == (at(12, 0), "America/New_York")


def test_drag_on_a_page_that_is_no_longer_true_moves_nothing(desk: Client, approver: Any) -> None:
    row = factories.publication(of=factories.blog_entry(title="Thank-you cards"), publish_at=at(10))
    seen = version(row.publish_at, row.state)
    publications.reschedule_publication(publication=row, publish_at=at(12), zone="Europe/London", by=approver)
    answer = drop(desk, row, day="2026-03-20", seen=seen, htmx=True)
    assert answer.status_code == 409
    assert (
        "changed after you opened this page. Its status is now “Scheduled”, Thu 12 Mar 09:00. Nothing was moved."
    ) in text(answer)
    row.refresh_from_db()
    assert row.publish_at == at(12)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"day": "2026-02-27"}, "This time has passed."),
        ({"day": "soon"}, "Choose a day to move it to. Nothing was moved."),
        ({}, "Choose a day to move it to. Nothing was moved."),
    ],
)
def test_drag_that_cannot_be(desk: Client, values: dict[str, str], words: str) -> None:
    row = factories.publication(publish_at=at(10))
    answer = drop(desk, row, **values)
    assert answer.headers["Location"] == MARCH
    assert words in text(desk.get(MARCH))
    row.refresh_from_db()
    assert row.publish_at == at(10)


def test_held_post_is_not_dragged_but_moved_by_the_form_which_says_what_that_does(desk: Client, comms: Any) -> None:
    row = factories.publication(of=factories.blog_entry(title="Thank-you cards"), publish_at=at(10))
    publications.hold_publication(publication=row, by=comms, reason="Wait for the photograph.")
    row.refresh_from_db()
    assert "is on hold, so you cannot drag it." in text(drop(desk, row, day="2026-03-12", htmx=True))
    address = f"{PLAN}/publications/{row.pk}/move?next={MARCH}"
    page = desk.get(address)
    assert "It is on hold: Wait for the photograph. Moving it also releases it." in text(page)
    seen = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert seen is not None
    values = {"day": "2026-03-12", "time": "10:15", "seen": seen[1], "next": MARCH}
    answer = desk.post(address, values)
    row.refresh_from_db()
    assert (row.state, row.publish_at) == ("scheduled", at(12, 10, 15))
    assert "It is no longer on hold." in text(desk.get(answer.headers["Location"]))


def test_move_by_the_form_keeps_what_was_typed_when_it_is_refused(desk: Client) -> None:
    row = factories.publication(publish_at=at(10))
    address = f"{PLAN}/publications/{row.pk}/move"
    seen = re.search(r'name="seen" value="([^"]+)"', desk.get(address).content.decode())
    assert seen is not None
    past = desk.post(address, {"day": "2026-03-01", "time": "10:15", "seen": seen[1]})
    assert past.status_code == 422
    assert "This time has passed." in text(past)
    assert 'value="2026-03-01"' in past.content.decode()
    publications.reschedule_publication(publication=row, publish_at=at(12), zone="Europe/London", by=None)
    late = desk.post(address, {"day": "2026-03-20", "time": "10:15", "seen": seen[1]})
    assert "Someone changed this while you had it open." in text(late)
    row.refresh_from_db()
    assert row.publish_at == at(12)


def test_what_has_gone_out_keeps_its_time(desk: Client, comms: Any) -> None:
    row = factories.publication(publish_at=at(10))
    publications.cancel_publication(publication=row, by=comms)
    row.refresh_from_db()
    address = f"{PLAN}/publications/{row.pk}/move"
    assert "You cannot move this post. Its status is “Cancelled”." in text(desk.get(address))
    desk.post(address, {"day": "2026-03-20", "time": "10:15"})
    drop(desk, row, day="2026-03-20")
    row.refresh_from_db()
    assert row.publish_at == at(10)


def post_of(**values: str) -> dict[str, str]:
    fields = {"title": "Meet the night team", "body": "They are awake.", "day": "2026-03-12", "time": "09:30"}
    return {"what": "post", "next": MARCH} | {f"post-{name}": value for name, value in (fields | values).items()}


def test_post_is_added_as_a_draft_with_its_publication(desk: Client, comms: Any) -> None:
    channel, campaign = factories.channel(), factories.campaign()
    answer = desk.post(f"{PLAN}/add", post_of(channel=str(channel.pk), campaign=str(campaign.pk)))
    entry = BlogEntry.objects.get()
    row = Publication.objects.get()
    assert (entry.title, entry.state, entry.campaign, entry.created_by_id) == (
        *("Meet the night team", "draft", campaign),
        comms.pk,
    )
    assert (row.content_id, row.channel, row.publish_at) == (entry.pk, channel, at(12, 9, 30))
    assert "09:30 Draft Meet the night team" in cell(desk.get(answer.headers["Location"]), "2026-03-12")


def test_post_that_is_refused_leaves_nothing_and_keeps_what_was_typed(desk: Client) -> None:
    channel = factories.channel()
    for values, words in (
        ({"day": "2026-03-01"}, "This time has passed."),
        ({"body": " "}, "Enter some text."),
        ({"day": "2026-03-29", "time": "01:30"}, "01:30 does not exist on 29 March 2026"),
    ):
        page = desk.post(f"{PLAN}/add", post_of(channel=str(channel.pk), **values))
        assert page.status_code == 422
        assert words in text(page)
        assert 'value="Meet the night team"' in page.content.decode()
    assert not BlogEntry.objects.exists()
    assert not Publication.objects.exists()


def test_event_is_added(desk: Client) -> None:
    fields = {"title": "Open day", "event_kind": "open_day", "place": "Ward 3", "day": "2026-04-02"}
    values = {f"event-{name}": value for name, value in (fields | {"starts": "10:00", "ends": "12:00"}).items()}
    answer = desk.post(f"{PLAN}/add", {"what": "event", "next": MARCH} | values)
    assert (Event.objects.get().starts_at, Event.objects.get().ends_at) == (at(2, 9, month=4), at(2, 11, month=4))
    assert answer.headers["Location"] == f"{PLAN}?view=month&month=2026-04"
    wrong = desk.post(f"{PLAN}/add", {"what": "event"} | values | {"event-ends": "09:00"})
    assert "The event ends before it starts." in text(wrong)


def test_reader_sees_the_plan_and_nothing_to_change_it_with(client: Client, clock: Any, manager: Any) -> None:
    client.force_login(manager)
    row = factories.publication(publish_at=at(10))
    page = client.get(f"{MARCH}&open={row.pk}").content.decode()
    assert row.content.title in page
    for tool in ("draggable", "Add to the plan", "Move to another time"):
        assert tool not in page
    assert "Add a post" not in client.get(f"{MARCH}&day=2026-03-10").content.decode()
    assert drop(client, row, day="2026-03-12").status_code == 403
    row.refresh_from_db()
    assert row.publish_at == at(10)


def test_panel_alone_is_asked_for_by_a_fragment(desk: Client) -> None:
    row = factories.publication(of=factories.blog_entry(title="Thank-you cards"), publish_at=at(10))
    headers = {"HX-Request": "true", "HX-Target": "plan-panel"}
    answer = desk.get(f"{MARCH}&open={row.pk}", headers=headers)
    assert "Thank-you cards" in text(answer)
    assert "<html" not in answer.content.decode()
    assert answer.headers["HX-Push-Url"] == f"{MARCH}&open={row.pk}"


@pytest.mark.parametrize("query", ["", "&view=week", "&day=2026-03-10", "&campaign=1&team=1&owner=1", "&open=1"])
def test_page_takes_at_most_twelve_queries(desk: Client, django_assert_max_num_queries: Any, query: str) -> None:
    for hour in range(8, 18):
        campaign = factories.campaign(rhythm_days=3)
        factories.publication(of=factories.blog_entry(campaign=campaign), publish_at=at(10, hour))
        factories.event(starts_at=at(3, hour, month=4))
    desk.get(f"{MARCH}{query}")
    with django_assert_max_num_queries(12):
        desk.get(f"{MARCH}{query}")
