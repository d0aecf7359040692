"""Wall clocks on every night of the year."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning import organisation_clock
from campaigns.planning.errors import InvalidPlan

LONDON = "Europe/London"


def test_a_time_that_spring_leaves_out_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidPlan, match="clocks go forward") as refused:
        organisation_clock.to_utc(datetime(2027, 3, 28, 1, 30), LONDON, field="publish_at")

    assert refused.value.field == "publish_at"


def test_the_hour_that_happens_twice_is_taken_the_first_time() -> None:
    assert organisation_clock.to_utc(datetime(2026, 10, 25, 1, 30), LONDON, field="at") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        (datetime(2027, 3, 28, 0, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (datetime(2027, 3, 28, 2, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_times_around_the_changes_are_what_a_wall_clock_says(wall: datetime, utc: datetime) -> None:
    assert organisation_clock.to_utc(wall, LONDON, field="at") == utc


def test_a_schedule_made_in_new_york_for_london_reads_londons_clock() -> None:
    assert organisation_clock.to_utc(datetime(2026, 11, 2, 9, 0), LONDON, field="at") == datetime(
        2026, 11, 2, 9, 0, tzinfo=UTC
    )
    given_there = datetime(2026, 11, 2, 4, 0, tzinfo=ZoneInfo("America/New_York"))
    assert organisation_clock.to_utc(given_there, LONDON, field="at") == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(InvalidPlan, match="Mars/Base"):
        organisation_clock.to_utc(datetime(2026, 1, 1), "Mars/Base", field="at")


@given(st.datetimes(min_value=datetime(1972, 1, 1), max_value=datetime(2100, 1, 1)), st.sampled_from([LONDON, "UTC"]))
def test_every_other_time_comes_back_as_it_was_chosen(wall: datetime, zone: str) -> None:
    try:
        utc = organisation_clock.to_utc(wall, zone, field="at")
    except InvalidPlan:
        return
    assert utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
