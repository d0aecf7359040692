from __future__ import annotations

from datetime import date

import pytest

from campaigns.hiring import services
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate, Hire, HireState, Stage
from tests.campaigns.hiring import factories as make

ACCEPTED, STARTED = date(2018, 9, 20), date(2018, 10, 15)


@pytest.fixture
def hire(hr):
    return services.record_hire(
        candidate=make.candidate(vacancy=make.vacancy()), accepted_on=ACCEPTED, started_on=STARTED, by=hr
    )


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.REJECTED, Stage.OFFERED])
def test_a_reversed_hire_keeps_its_dates_and_leaves_the_figures(hr, hire, stage):
    services.reverse_hire(hire=hire, stage=stage, by=hr)
    kept = Hire.objects.get()
    assert (kept.state, kept.accepted_on, kept.started_on) == (HireState.REVERSED, ACCEPTED, STARTED)
    assert not Hire.objects.counted().exists()
    assert Candidate.objects.get().stage == stage


def test_a_hire_is_reversed_once(hr, hire):
    services.reverse_hire(hire=hire, by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.reverse_hire(hire=hire, by=hr)
    assert refused.value.code == "wrong_state"


def test_the_slower_of_two_people_reverses_nothing(hr, hire):
    seen_by_another = Hire.objects.get()
    services.reverse_hire(hire=hire, stage=Stage.OFFERED, by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.reverse_hire(hire=seen_by_another, by=hr)
    assert refused.value.code == "changed_meanwhile"
    assert Candidate.objects.get().stage == Stage.OFFERED


def test_a_reversed_hire_does_not_start(hr, hire):
    services.reverse_hire(hire=hire, by=hr)
    with pytest.raises(HiringRefused):
        services.start_hire(hire=hire, started_on=STARTED, by=hr)


def test_a_reversal_leads_to_no_other_stage(hr, hire):
    with pytest.raises(InvalidHiring) as refused:
        services.reverse_hire(hire=hire, stage=Stage.NEW, by=hr)
    assert refused.value.field == "stage"
    assert Hire.objects.get().state == HireState.STARTED


def test_a_hire_recorded_by_mistake_is_reversed_and_recorded_again(hr, hire):
    services.reverse_hire(hire=hire, stage=Stage.OFFERED, by=hr)
    again = services.record_hire(candidate=hire.candidate, accepted_on=date(2018, 9, 21), by=hr)
    again.refresh_from_db()
    assert (again.pk, again.state, again.accepted_on, again.started_on) == (
        hire.pk,
        HireState.ACCEPTED,
        date(2018, 9, 21),
        None,
    )
    assert Candidate.objects.get().stage == Stage.ACCEPTED
