"""Publications that come again by a rule: on the wall clock, made once, and over when there is nothing left to tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.calendar import recurrence_rules
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import Publication, Recurrence
from campaigns.planning.services import content as contents
from campaigns.planning.services import events, publications, vacancies
from campaigns.planning.services.timing import recurrences
from tests import factories
from tests.adapter import Remote
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def first(number: int, rule: str, starts_at: datetime, zone: str = "Europe/London") -> list[datetime]:
    since = starts_at.replace(tzinfo=UTC) - timedelta(days=1)
    return list(
        islice(recurrence_rules.occurrences(recurrence_rules.validate_rule(rule), starts_at, zone, since=since), number)
    )


def times(recurrence: Recurrence) -> list[datetime]:
    return list(recurrence.publications.order_by("publish_at").values_list("publish_at", flat=True))


def states(recurrence: Recurrence) -> set[str]:
    return set(recurrence.publications.values_list("state", flat=True))


def test_nine_stays_nine_through_the_night_when_the_clocks_go_forward() -> None:
    found = first(3, "FREQ=DAILY", datetime(2026, 3, 28, 9, 0))

    assert found == [utc(2026, 3, 28, 9), utc(2026, 3, 29, 8), utc(2026, 3, 30, 8)]


def test_nine_stays_nine_through_the_night_when_the_clocks_go_back() -> None:
    found = first(3, "FREQ=DAILY", datetime(2026, 10, 24, 9, 0))

    assert found == [utc(2026, 10, 24, 8), utc(2026, 10, 25, 9), utc(2026, 10, 26, 9)]


def test_wording_of_its_own_sends_what_was_approved_a_moment_ago_back_to_review(comms: User) -> None:
    entry = factories.in_review(factories.blog_entry())
    read_before = type(entry).objects.get(pk=entry.pk)
    contents.approve_content(content=entry, by=factories.person("approver"))

    factories.recurrence(of=read_before, wording="Never seen by an approver.", by=comms)

    entry.refresh_from_db()
    assert entry.state == "in_review"


def test_a_time_that_spring_leaves_out_moves_on_by_an_hour_for_that_night_only() -> None:
    found = first(3, "FREQ=DAILY", datetime(2026, 3, 28, 1, 30))

    assert found == [utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)]


def test_the_doubled_hour_is_taken_the_first_time() -> None:
    found = first(2, "FREQ=DAILY", datetime(2026, 10, 25, 1, 30))

    assert found == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]


def test_an_hourly_rule_never_gives_one_moment_twice() -> None:
    spring = first(3, "FREQ=HOURLY", datetime(2026, 3, 29, 0, 30))
    autumn = first(3, "FREQ=HOURLY", datetime(2026, 10, 25, 0, 30))

    assert spring == [utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30), utc(2026, 3, 29, 2, 30)]
    assert autumn == [utc(2026, 10, 24, 23, 30), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 2, 30)]


@pytest.mark.parametrize(
    ("rule", "last"),
    [
        ("FREQ=DAILY;COUNT=3", utc(2026, 3, 4, 9)),
        ("RRULE:FREQ=DAILY;UNTIL=20260304", utc(2026, 3, 4, 9)),
        ("freq=daily;until=20260304T085959", utc(2026, 3, 3, 9)),
        ("FREQ=DAILY;UNTIL=20260304T090000Z", utc(2026, 3, 4, 9)),
    ],
)
def test_a_rule_ends_where_it_says(rule: str, last: datetime) -> None:
    assert first(100, rule, datetime(2026, 3, 2, 9))[-1] == last


def test_until_in_utc_is_read_in_the_zone_of_the_rule() -> None:
    found = first(100, "FREQ=DAILY;UNTIL=20260703T080000Z", datetime(2026, 7, 1, 9))

    assert found[-1] == utc(2026, 7, 3, 8)


def test_a_month_of_posts_across_the_clock_change(clock: time_machine.Traveller, comms: User) -> None:
    recurrence = factories.recurrence(rule="FREQ=DAILY", starts_at=datetime(2026, 3, 10, 18, 0))
    for _ in range(35):
        clock.shift(timedelta(days=1))
        recurrences.plan_ahead(now=timezone.now())

    april = [at for at in times(recurrence) if utc(2026, 3, 15) < at < utc(2026, 4, 15)]
    assert april == [
        datetime(2026, 3, 15, 18, tzinfo=UTC) + timedelta(days=day, hours=-1 if day >= 14 else 0) for day in range(31)
    ]


def test_a_schedule_made_in_new_york_for_london(comms: User) -> None:
    """Between the two countries' clock changes the distance is four hours, before and after it is five."""
    new_york = first(3, "FREQ=WEEKLY", datetime(2026, 3, 4, 9), zone="America/New_York")
    london = first(3, "FREQ=WEEKLY", datetime(2026, 3, 4, 9))
    planned = factories.recurrence(rule="FREQ=WEEKLY", starts_at=datetime.fromisoformat("2026-03-04T04:00:00-05:00"))

    assert new_york == [utc(2026, 3, 4, 14), utc(2026, 3, 11, 13), utc(2026, 3, 18, 13)]
    assert times(planned)[:3] == london == [utc(2026, 3, 4, 9), utc(2026, 3, 11, 9), utc(2026, 3, 18, 9)]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "every Monday",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=90",
        "FREQ=DAILY;BYMINUTE=0,30",
        "FREQ=DAILY;BYSECOND=1",
        "FREQ=DAILY;COUNT=1001",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;UNTIL=20250101",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=8",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "FREQ=DAILY;BYDAY=6MO",
        "FREQ=DAILY;BYSETPOS=300",
        "FREQ=DAILY;BYWEEKNO=53",
        "FREQ=WEEKLY;BYMONTHDAY=13",
        "DTSTART:20260302T090000\nRRULE:FREQ=DAILY",
    ],
)
def test_a_bad_rule_is_refused(rule: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        factories.recurrence(rule=rule)

    assert refused.value.field == "rule"
    assert not Publication.objects.exists()


def test_planning_ahead_twice_makes_nothing_twice(clock: time_machine.Traveller) -> None:
    recurrence = factories.recurrence()
    clock.shift(timedelta(days=14))

    assert recurrences.plan_ahead(now=timezone.now()) == 2
    assert recurrences.plan_ahead(now=timezone.now()) == 0
    assert len(times(recurrence)) == len(set(times(recurrence))) == 7


def test_of_two_planners_with_the_same_picture_one_makes_the_publications(clock: time_machine.Traveller) -> None:
    factories.recurrence()
    clock.shift(timedelta(days=14))
    mine, yours = Recurrence.objects.get(), Recurrence.objects.get()

    assert recurrences._plan(mine, timezone.now()) == 2
    assert recurrences._plan(yours, timezone.now()) == 0


def test_many_at_once_are_made_in_turns() -> None:
    recurrence = factories.recurrence(rule="FREQ=HOURLY")
    assert len(times(recurrence)) == recurrences.A_TURN

    assert recurrences.plan_ahead(now=timezone.now()) == recurrences.A_TURN
    assert len(set(times(recurrence))) == 2 * recurrences.A_TURN


def test_it_stops_when_the_vacancy_is_filled(comms: User) -> None:
    vacancy = factories.approved_vacancy()
    recurrence = factories.recurrence(of=vacancy)

    vacancies.end_vacancy(vacancy=vacancy, status="filled", by=comms)
    recurrences.plan_ahead(now=timezone.now())

    recurrence.refresh_from_db()
    assert (recurrence.ended_reason, recurrence.next_at) == ("This job has been filled.", None)
    assert states(recurrence) == {"cancelled"}


def test_it_stops_when_the_vacancy_closes(clock: time_machine.Traveller) -> None:
    recurrence = factories.recurrence(of=factories.approved_vacancy(closes_at=factories.in_days(10)))
    assert times(recurrence) == [utc(2026, 3, 9, 9)]
    assert recurrence.next_at == utc(2026, 3, 16, 9)

    clock.shift(timedelta(days=11))
    recurrences.plan_ahead(now=timezone.now())

    recurrence.refresh_from_db()
    assert recurrence.ended_reason == "This job has closed."


def test_a_closing_date_that_moves_lets_it_go_on(comms: User) -> None:
    vacancy = factories.approved_vacancy(closes_at=factories.in_days(10))
    recurrence = factories.recurrence(of=vacancy)

    vacancies.change_vacancy(vacancy=vacancy, changes={"closes_at": factories.in_days(20)}, by=comms)

    assert recurrences.plan_ahead(now=timezone.now()) == 1
    assert times(recurrence)[-1] == utc(2026, 3, 16, 9)


def test_it_stops_when_the_event_is_cancelled(comms: User) -> None:
    event = factories.approved_event()
    recurrence = factories.recurrence(of=event)
    events.cancel_event(event=event, by=comms)

    recurrences.plan_ahead(now=timezone.now())

    recurrence.refresh_from_db()
    assert recurrence.ended_reason == "This event is cancelled."


def test_it_stops_when_the_content_is_withdrawn(comms: User) -> None:
    entry = factories.approved_blog_entry()
    recurrence = factories.recurrence(of=entry)
    contents.withdraw_content(content=entry, by=comms)

    recurrences.plan_ahead(now=timezone.now())

    recurrence.refresh_from_db()
    assert recurrence.ended_reason == "The content is withdrawn."
    assert states(recurrence) == {"cancelled"}


def test_it_stops_when_its_channel_is_no_longer_used(clock: time_machine.Traveller) -> None:
    recurrence = factories.recurrence()
    recurrence.channel.active = False
    recurrence.channel.save()
    clock.shift(timedelta(days=10))

    assert recurrences.plan_ahead(now=timezone.now()) == 0
    recurrence.refresh_from_db()
    assert "no longer in use" in recurrence.ended_reason


def test_it_is_over_after_its_last_time(clock: time_machine.Traveller, remote: Remote) -> None:
    recurrence = factories.recurrence(rule="FREQ=DAILY;COUNT=2", on=publishing.connected())
    assert recurrence.next_at is None
    recurrences.plan_ahead(now=timezone.now())
    recurrence.refresh_from_db()
    assert recurrence.ended_at is None

    for post in recurrence.publications.all():
        publishing.sent(post)
    recurrences.plan_ahead(now=timezone.now())

    recurrence.refresh_from_db()
    assert recurrence.ended_reason == "Its last time has passed."


def test_ending_it_cancels_what_waits_and_leaves_what_went_out(remote: Remote, comms: User) -> None:
    recurrence = factories.recurrence(on=publishing.connected())
    publishing.sent(recurrence.publications.first())
    other = factories.publication(of=recurrence.content, on=recurrence.channel)

    assert recurrences.end_recurrence(recurrence=recurrence, by=comms, reason="Enough.") == 4

    assert states(recurrence) == {"sent", "cancelled"}
    other.refresh_from_db()
    assert other.state == "scheduled"
    with pytest.raises(MoveRefused):
        recurrences.end_recurrence(recurrence=recurrence, by=comms, reason="Enough.")


def test_times_that_passed_while_nothing_ran_are_gone(clock: time_machine.Traveller) -> None:
    recurrence = factories.recurrence()
    clock.shift(timedelta(days=100))
    recurrences.plan_ahead(now=timezone.now())

    assert not [at for at in times(recurrence) if utc(2026, 4, 7) < at < timezone.now()]


def test_its_own_wording_is_reviewed_once(clock: time_machine.Traveller) -> None:
    entry = factories.approved_blog_entry()
    factories.recurrence(of=entry, wording="Still looking!")
    entry.refresh_from_db()
    assert entry.state == "in_review"
    contents.approve_content(content=entry, by=factories.person("approver"))
    clock.shift(timedelta(days=14))

    assert recurrences.plan_ahead(now=timezone.now()) == 2
    entry.refresh_from_db()
    assert entry.state == "approved"


def test_what_may_not_be_published_is_not_repeated() -> None:
    with pytest.raises(InvalidPlan):
        factories.recurrence(of=factories.approved(factories.blog_entry(audience="staff")), on=factories.channel())
    with pytest.raises(InvalidPlan, match="after the job closes"):
        factories.recurrence(of=factories.vacancy(closes_at=factories.in_days(2)))
    with pytest.raises(InvalidPlan, match="within the last year"):
        factories.recurrence(starts_at=factories.in_days(-400))


def test_a_cancelled_one_does_not_come_back(comms: User, clock: time_machine.Traveller) -> None:
    recurrence = factories.recurrence()
    publications.cancel_publication(publication=recurrence.publications.first(), by=comms)
    clock.shift(timedelta(hours=1))

    assert recurrences.plan_ahead(now=timezone.now()) == 0


def test_what_was_planned_by_hand_already_is_passed_over() -> None:
    entry, channel = factories.approved_blog_entry(), factories.channel()
    factories.publication(of=entry, on=channel, publish_at=utc(2026, 3, 9, 9))

    recurrence = factories.recurrence(of=entry, on=channel)

    assert times(recurrence)[0] == utc(2026, 3, 16, 9)
    assert recurrence.ended_at is None
