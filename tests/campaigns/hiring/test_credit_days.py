"""Days are London's days, both ends of a period included, and a day has 23 or 25 hours when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from campaigns.hiring import reports
from campaigns.hiring.models import AttributionModel, Hire
from tests.campaigns.hiring import factories as make

pytestmark = pytest.mark.django_db


def credited(accepted_on, at):
    """Whether one touch at this moment gets the credit."""
    hire = make.hire(accepted_on, [(make.channel("twitter"), at)])
    first, last = (
        Hire.objects.credited(model).get(pk=hire.pk).credited_channel_id
        for model in (AttributionModel.FIRST, AttributionModel.LAST)
    )
    assert first == last
    return first is not None


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2018, 8, 31), False),
        (date(2018, 9, 1), True),
        (date(2018, 10, 31), True),
        (date(2018, 11, 1), False),
    ],
)
def test_both_ends_of_the_period_are_included(day, inside):
    make.hire(day)
    report = reports.source_of_hire(start=date(2018, 9, 1), end=date(2018, 10, 31), model="first")
    assert report.total == (1 if inside else 0)


def test_one_day_is_a_period():
    make.hire(date(2018, 9, 1))
    assert reports.source_of_hire(start=date(2018, 9, 1), end=date(2018, 9, 1), model="first").total == 1


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2018, 10, 28, 0, 30, tzinfo=UTC), True),  # 01:30, before the clocks go back
        (datetime(2018, 10, 28, 1, 30, tzinfo=UTC), True),  # 01:30 again
        (make.london(2018, 10, 28, 23, 59, 59), True),  # the 25th hour of the day
        (datetime(2018, 10, 28, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2018, 10, 29, 0, 0, 0, tzinfo=UTC), False),
    ],
)
def test_the_long_day_in_october_ends_at_londons_midnight(at, counts):
    assert credited(date(2018, 10, 28), at) is counts


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2018, 10, 27, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2018, 10, 27, 23, 0, 0, tzinfo=UTC), False),  # 00:00 on the 28th, still summer time
    ],
)
def test_the_day_before_the_clocks_go_back_ends_an_hour_before_utc(at, counts):
    assert credited(date(2018, 10, 27), at) is counts


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2019, 3, 31, 22, 59, 59, tzinfo=UTC), True),  # 23:59:59 in London
        (datetime(2019, 3, 31, 23, 0, 0, tzinfo=UTC), False),
    ],
)
def test_the_short_day_in_march_ends_at_londons_midnight(at, counts):
    assert credited(date(2019, 3, 31), at) is counts


def test_a_readers_own_time_zone_changes_no_credit():
    with timezone.override("Pacific/Auckland"):
        assert credited(date(2018, 10, 28), make.london(2018, 10, 28, 23, 30))
        assert not credited(date(2018, 10, 28), make.london(2018, 10, 29, 0, 0))


def test_a_touch_after_acceptance_gives_no_credit_and_takes_none():
    twitter, blog = make.channel("twitter"), make.channel("blog")
    hire = make.hire(date(2018, 9, 20), [(twitter, make.london(2018, 9, 1)), (blog, make.london(2018, 9, 21, 9))])
    assert Hire.objects.credited(AttributionModel.LAST).get(pk=hire.pk).credited_channel_id == twitter.pk


def test_of_two_touches_at_one_instant_the_one_recorded_earlier_is_first():
    at, early, late = make.london(2018, 9, 1), make.channel("zebra"), make.channel("aardvark")
    hire = make.hire(date(2018, 9, 20), [(early, at), (late, at)])
    assert Hire.objects.credited(AttributionModel.FIRST).get(pk=hire.pk).credited_channel_id == early.pk
    assert Hire.objects.credited(AttributionModel.LAST).get(pk=hire.pk).credited_channel_id == late.pk


def test_days_are_those_of_the_organisation(organisation_in):
    organisation_in("Pacific/Auckland")
    assert credited(date(2018, 10, 28), datetime(2018, 10, 28, 10, 59, 59, tzinfo=UTC)), "23:59:59 there"
    assert not credited(date(2018, 10, 28), datetime(2018, 10, 28, 11, 0, tzinfo=UTC)), "midnight there"
