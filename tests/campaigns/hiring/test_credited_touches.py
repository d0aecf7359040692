"""One candidate's credited touches are those that the report credits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from campaigns.hiring import attribution, services, states
from campaigns.hiring.errors import HiringRefused
from campaigns.hiring.models import AttributionModel, Hire, HireState, Stage, Touch
from tests.campaigns.hiring import factories as make

pytestmark = pytest.mark.django_db
FIRST, LAST = AttributionModel.FIRST, AttributionModel.LAST
DAY = date(2018, 9, 20)


def test_they_are_the_reports_own_and_a_later_touch_counts_for_nothing():
    twitter, blog, stall = (make.channel(name) for name in ("twitter", "blog", "stall"))
    at = make.london(2018, 9, 1)
    hire = make.hire(DAY, [(blog, at), (twitter, at), (stall, make.london(2018, 9, 21))])

    until = attribution.counts_until(hire.candidate)
    credited = attribution.credited_touches(hire.candidate, until)

    assert until == DAY
    for model in (FIRST, LAST):
        channel = Hire.objects.credited(model).get(pk=hire.pk).credited_channel_id
        assert Touch.objects.get(pk=credited[model]).channel_id == channel
    assert credited[FIRST] != credited[LAST]


def test_who_is_not_hired_or_no_longer_counts_until_today():
    hire = make.hire(DAY, [(make.channel("twitter"), timezone.now())])
    assert attribution.credited_touches(hire.candidate, attribution.counts_until(hire.candidate)) == {}
    Hire.objects.filter(pk=hire.pk).update(state=HireState.REVERSED)
    until = attribution.counts_until(hire.candidate)
    assert timezone.localdate() - until <= timedelta(days=1)
    assert set(attribution.credited_touches(hire.candidate, until)) == {FIRST, LAST}


@pytest.mark.parametrize("stage", Stage)
def test_stages_that_are_open_are_those_that_the_room_allows(stage):
    allowed = []
    for to in Stage:
        try:
            services.move_candidate(candidate=make.candidate(stage=stage), stage=to, by=None)
        except HiringRefused:
            continue
        allowed.append(to)
    candidate = make.candidate(stage=stage)
    assert states.open_to(candidate) == allowed
    assert states.can_be_hired(candidate) is (stage in states.ON_THE_WAY)
