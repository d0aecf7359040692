"""What day it is, when a day begins and ends, and how a moment is written: on the organisation's own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.planning import organisation_clock as clocks
from campaigns.planning.calendar import named_days
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Organisation, Slot
from campaigns.planning.services import approved_versions
from campaigns.planning.services import organisation as organisation_services
from tests import factories

Move = Callable[[str], None]
LATE = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


def test_london_until_somebody_says_otherwise(db: None) -> None:
    clocks.forget_organisation_zone()
    assert clocks.organisation_zone_name() == "Europe/London"


@pytest.mark.parametrize(("zone", "day"), [("Europe/London", date(2026, 3, 2)), ("Pacific/Auckland", date(2026, 3, 3))])
def test_today(organisation_in: Move, clock: time_machine.Traveller, zone: str, day: date) -> None:
    organisation_in(zone)
    clock.move_to(datetime(2026, 3, 2, 22, tzinfo=UTC))
    assert clocks.today() == day


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, 0), 23),
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 24, 23), 25),
        ("Europe/Dublin", date(2026, 3, 29), datetime(2026, 3, 29, 0), 23),
        ("Europe/Dublin", date(2026, 10, 25), datetime(2026, 10, 24, 23), 25),
        ("Pacific/Auckland", date(2026, 9, 27), datetime(2026, 9, 26, 12), 23),
        ("Pacific/Auckland", date(2026, 4, 5), datetime(2026, 4, 4, 11), 25),
        ("Asia/Kolkata", date(2026, 3, 29), datetime(2026, 3, 28, 18, 30), 24),
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22), 23),  # goes from 24:00 to 01:00
    ],
)
def test_day_begins_and_ends_on_the_nights_when_clocks_change(
    organisation_in: Move, zone: str, day: date, start: datetime, hours: int
) -> None:
    organisation_in(zone)
    start = start.replace(tzinfo=UTC)
    assert clocks.span_of(day, day) == (start, start + timedelta(hours=hours))
    assert clocks.day_of(start) == clocks.day_of(clocks.end_of(day) - timedelta(microseconds=1)) == day
    assert clocks.day_of(start - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_moment_is_the_same_for_a_reader_in_another_zone() -> None:
    with timezone.override("Asia/Kolkata"):
        assert clocks.format_moment(LATE) == "Wednesday 1 July 2026, 23:30"
        assert clocks.format_span(LATE.replace(hour=18, minute=0), LATE) == "Wednesday 1 July 2026, 19:00 to 23:30"


def test_moment_is_another_one_for_an_organisation_in_another_zone(organisation_in: Move) -> None:
    organisation_in("Asia/Kolkata")
    assert clocks.format_moment(LATE) == "Thursday 2 July 2026, 04:00"
    span = clocks.format_span(LATE - timedelta(hours=5), LATE)
    assert span == "Wednesday 1 July 2026, 23:00 to Thursday 2 July 2026, 04:00"
    assert clocks.format_short_moment(LATE) == "Thu 2 Jul 04:00"
    assert clocks.format_short_day(date(2026, 7, 2), today=date(2027, 1, 1)) == "Thu 2 Jul 2026"


def test_zone_that_does_not_exist_is_refused(db: None) -> None:
    with pytest.raises(InvalidPlan, match="There is no time zone 'Europe/Brighton'") as refusal:
        organisation_services.change_organisation(
            organisation=Organisation.current(), changes={"zone": "Europe/Brighton"}
        )
    assert refusal.value.field == "zone"
    assert Organisation.current().zone == "Europe/London"


def test_zone_is_read_once_for_many_questions(db: None) -> None:
    clocks.forget_organisation_zone()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(20):
            clocks.today()
    assert len(queries) == 1


def test_change_in_another_process_is_followed_within_seconds(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [1000.0]
    monkeypatch.setattr(clocks, "monotonic", lambda: seconds[0])
    clocks.forget_organisation_zone()
    Organisation.current()
    assert clocks.organisation_zone_name() == "Europe/London"
    Organisation.objects.update(zone="Asia/Kolkata")  # another process writes, and cannot tell this one
    seconds[0] += 3
    assert clocks.organisation_zone_name() == "Asia/Kolkata"


@pytest.mark.django_db(transaction=True)
def test_change_in_this_process_is_followed_at_once_and_only_when_it_is_committed() -> None:
    row = Organisation.current()
    with transaction.atomic():
        organisation_services.change_organisation(organisation=row, changes={"zone": "Asia/Kolkata"})
        assert clocks.organisation_zone_name() == "Europe/London"
        transaction.set_rollback(True)
    assert clocks.organisation_zone_name() == "Europe/London"
    organisation_services.change_organisation(organisation=row, changes={"zone": "Asia/Kolkata"})
    assert clocks.organisation_zone_name() == "Asia/Kolkata"


def test_times_without_an_offset_are_on_the_organisations_clock(organisation_in: Move) -> None:
    organisation_in("Asia/Kolkata")
    row = factories.vacancy(opens_at=datetime(2030, 7, 1, 9), closes_at=datetime(2030, 7, 31, 23, 59))
    assert row.closes_at == datetime(2030, 7, 31, 18, 29, tzinfo=UTC)
    slot = Slot(channel=factories.channel())
    assert slot.zone == "Asia/Kolkata", "the zone of whatever names none"


def test_what_is_approved_is_written_on_the_organisations_clock(organisation_in: Move) -> None:
    organisation_in("Asia/Kolkata")
    row = factories.in_review(factories.vacancy(closes_at=datetime(2030, 7, 31, 22, 30, tzinfo=UTC)))
    texts = {part.name: part.text for part in approved_versions.parts_of(row)}
    assert texts["closes_at"] == "Thursday 1 August 2030, 04:00"


def test_calendar_has_the_nights_on_which_the_organisations_clock_changes(organisation_in: Move) -> None:
    def changes() -> list[Any]:
        found = named_days.days_starting(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
        return [(day.first, day.at, day.title, day.source) for day in found if day.type == "clock_change"]

    assert [day for day, *_ in changes()] == [date(2026, 3, 29), date(2026, 10, 25)]
    organisation_in("Pacific/Auckland")
    assert changes() == [
        (
            date(2026, 4, 5),
            datetime(2026, 4, 4, 14, tzinfo=UTC),
            "Clocks go back: 03:00 becomes 02:00",
            "Time zone Pacific/Auckland",
        ),
        (
            date(2026, 9, 27),
            datetime(2026, 9, 26, 14, tzinfo=UTC),
            "Clocks go forward: 02:00 becomes 03:00",
            "Time zone Pacific/Auckland",
        ),
    ]
    organisation_in("Asia/Kolkata")
    assert changes() == []
