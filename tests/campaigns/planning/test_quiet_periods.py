"""When a channel keeps still: on the wall clock, through both clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Channel, QuietPeriod
from campaigns.planning.services.timing import quiet_periods
from tests import factories

pytestmark = pytest.mark.django_db
EVERY_DAY = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def quiet(channel: Channel, start: int, end: int, **fields: Any) -> QuietPeriod:
    values = {"weekdays": EVERY_DAY, "from_time": time(start), "to_time": time(end)}
    return quiet_periods.add_quiet_period(channel=channel, kind="quiet", by=None, **values | fields)


def blackout(channel: Channel, **fields: Any) -> QuietPeriod:
    values = {"starts_at": utc(2026, 4, 1), "ends_at": utc(2026, 5, 7), "reason": "Election."}
    return quiet_periods.add_quiet_period(channel=channel, kind="blackout", by=None, **values | fields)


def until(channel: Channel, at: datetime) -> datetime | None:
    rest = quiet_periods.quiet_time_of(channel.pk, at)
    return rest.until if rest else None


def test_a_night_goes_on_until_the_morning() -> None:
    channel = factories.channel()
    quiet(channel, 21, 8)

    assert until(channel, utc(2026, 3, 2, 20, 59)) is None
    assert until(channel, utc(2026, 3, 2, 21)) == utc(2026, 3, 3, 8)
    assert until(channel, utc(2026, 3, 3, 7, 59)) == utc(2026, 3, 3, 8)
    assert until(channel, utc(2026, 3, 3, 8)) is None
    assert until(factories.channel(), utc(2026, 3, 2, 22)) is None


def test_the_day_is_the_one_on_which_the_night_begins() -> None:
    channel = factories.channel()
    quiet(channel, 22, 6, weekdays=["SU"])

    assert until(channel, utc(2026, 3, 1, 23)) == utc(2026, 3, 2, 6)
    assert until(channel, utc(2026, 3, 2, 5)) == utc(2026, 3, 2, 6)
    assert until(channel, utc(2026, 3, 2, 23)) is None


def test_the_morning_after_the_clocks_go_forward_comes_an_hour_sooner() -> None:
    channel = factories.channel()
    quiet(channel, 22, 8)

    assert until(channel, utc(2026, 3, 28, 22)) == utc(2026, 3, 29, 7)
    assert until(channel, utc(2026, 3, 29, 7)) is None


def test_the_morning_after_the_clocks_go_back_comes_an_hour_later() -> None:
    channel = factories.channel()
    quiet(channel, 22, 8)

    assert until(channel, utc(2026, 10, 24, 20, 59)) is None
    assert until(channel, utc(2026, 10, 24, 21)) == utc(2026, 10, 25, 8)


def test_hours_that_spring_leaves_out_do_not_break_the_night() -> None:
    channel = factories.channel()
    quiet(channel, 1, 2)

    assert until(channel, utc(2026, 3, 29, 0, 59)) is None
    assert until(channel, utc(2026, 3, 29, 1)) is None
    assert until(channel, utc(2026, 3, 30, 0, 30)) == utc(2026, 3, 30, 1)


def test_a_quiet_zone_of_its_own() -> None:
    channel = factories.channel()
    quiet(channel, 21, 8, zone="America/New_York")

    assert until(channel, utc(2026, 3, 3, 2)) == utc(2026, 3, 3, 13)


def test_a_blackout_and_the_night_after_it_are_one_rest() -> None:
    channel = factories.channel()
    quiet(channel, 21, 8)
    blackout(channel)

    rest = quiet_periods.quiet_time_of(channel.pk, utc(2026, 4, 20, 12))

    assert rest is not None
    assert rest.until == utc(2026, 5, 7, 7)
    assert "Election." in rest.reason


def test_hours_that_leave_no_time_are_refused() -> None:
    channel = factories.channel()
    quiet(channel, 0, 12)

    with pytest.raises(InvalidPlan, match="never publish again"):
        quiet(channel, 12, 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": ["XX"]}, "weekdays"),
        ({"to_time": None}, "to_time"),
        ({"to_time": time(21)}, "to_time"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"starts_at": utc(2026, 4, 1)}, "starts_at"),
    ],
)
def test_bad_hours_are_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        quiet(factories.channel(), 21, 8, **fields)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": utc(2026, 4, 1)}, "ends_at"),
        ({"reason": " "}, "reason"),
        ({"from_time": time(9)}, "from_time"),
        ({"zone": "Mars/Olympus"}, "zone"),
    ],
)
def test_a_bad_blackout_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        blackout(factories.channel(), **fields)
    assert refused.value.field == field
