from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine

from campaigns.hiring import services, signals
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate, Hire, HireState, Stage, StageMove
from tests.campaigns.hiring import factories as make

ACCEPTED, STARTED = date(2018, 9, 20), date(2018, 10, 15)


@pytest.fixture
def applicant(db):
    return make.candidate(vacancy=make.vacancy(), applied_at=make.london(2018, 9, 1))


def steps(candidate):
    return [(move.from_stage, move.to_stage) for move in candidate.stage_moves.all()]


def test_a_hire_fills_the_vacancy_applied_for_and_moves_the_candidate(hr, applicant):
    hire = services.record_hire(candidate=applicant, accepted_on=ACCEPTED, by=hr)
    hire.refresh_from_db()
    assert (hire.vacancy, hire.state, hire.accepted_on, hire.started_on, hire.recorded_by) == (
        applicant.vacancy,
        HireState.ACCEPTED,
        ACCEPTED,
        None,
        hr,
    )
    assert Candidate.objects.get().stage == Stage.ACCEPTED
    assert steps(applicant) == [("new", "accepted")]
    assert applicant.stage_moves.get().at == make.london(2018, 9, 20, 23, 59, 59)


def test_a_hire_may_fill_another_vacancy(hr, applicant):
    other = make.vacancy()
    assert services.record_hire(candidate=applicant, vacancy=other, accepted_on=ACCEPTED, by=hr).vacancy == other


def test_with_a_start_the_candidate_has_started(hr, applicant):
    hire = services.record_hire(candidate=applicant, accepted_on=ACCEPTED, started_on=STARTED, by=hr)
    hire.refresh_from_db()
    assert (hire.state, hire.started_on) == (HireState.STARTED, STARTED)
    assert steps(applicant) == [("new", "accepted"), ("accepted", "started")]


def test_what_happens_is_announced(hr, applicant):
    heard = []

    def recorded(sender, hire, by, **_):
        heard.append(("recorded", hire.pk, by))

    def moved(sender, hire, from_state, to_state, by, **_):
        heard.append((from_state, to_state, by))

    signals.hire_recorded.connect(recorded)
    signals.hire_moved.connect(moved)
    hire = services.record_hire(candidate=applicant, accepted_on=ACCEPTED, started_on=STARTED, by=hr)
    services.reverse_hire(hire=hire, by=hr)
    signals.hire_recorded.disconnect(recorded)
    signals.hire_moved.disconnect(moved)
    assert heard == [("recorded", hire.pk, hr), ("accepted", "started", hr), ("started", "reversed", hr)]


def test_a_listener_that_fails_takes_the_hire_with_it(hr, applicant):
    def fail(sender, **_):
        raise RuntimeError("the trail cannot be written")

    signals.hire_recorded.connect(fail)
    with pytest.raises(RuntimeError):
        services.record_hire(candidate=applicant, accepted_on=ACCEPTED, by=hr)
    signals.hire_recorded.disconnect(fail)
    assert not Hire.objects.exists()
    assert Candidate.objects.get().stage == Stage.NEW


def test_a_second_hire_for_one_candidate_is_refused(hr, applicant):
    services.record_hire(candidate=applicant, accepted_on=ACCEPTED, by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.record_hire(candidate=applicant, accepted_on=ACCEPTED, by=hr)
    assert refused.value.code == "already_hired"
    assert StageMove.objects.count() == 1


def test_without_a_vacancy_the_hire_is_refused(hr):
    with pytest.raises(InvalidHiring) as refused:
        services.record_hire(candidate=make.candidate(), accepted_on=ACCEPTED, by=hr)
    assert (refused.value.code, refused.value.field) == ("required", "vacancy")


@pytest.mark.parametrize(
    ("accepted_on", "started_on", "field", "code"),
    [
        (date(2018, 11, 2), None, "accepted_on", "in_future"),
        (ACCEPTED, date(2018, 11, 2), "started_on", "in_future"),
        (ACCEPTED, date(2018, 9, 19), "started_on", "before_acceptance"),
        (date(2018, 8, 31), None, "accepted_on", "before_application"),
    ],
)
def test_impossible_dates_are_refused_with_their_field(hr, applicant, accepted_on, started_on, field, code):
    with (
        time_machine.travel(make.london(2018, 11, 1), tick=False),
        pytest.raises(InvalidHiring) as refused,
    ):
        services.record_hire(candidate=applicant, accepted_on=accepted_on, started_on=started_on, by=hr)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Hire.objects.exists()


def test_today_is_londons_day(hr, applicant):
    applicant.applied_at = None
    just_after_midnight_in_london = datetime.fromisoformat("2018-07-01T23:10:00+00:00")
    with time_machine.travel(just_after_midnight_in_london, tick=False):
        hire = services.record_hire(candidate=applicant, accepted_on=date(2018, 7, 2), by=hr)
    assert hire.candidate.stage_moves.get().at == just_after_midnight_in_london


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.REJECTED])
def test_who_is_no_longer_on_the_way_cannot_be_hired(hr, stage):
    candidate = make.candidate(vacancy=make.vacancy(), stage=stage)
    with pytest.raises(HiringRefused) as refused:
        services.record_hire(candidate=candidate, accepted_on=ACCEPTED, by=hr)
    assert refused.value.code == "wrong_state"
    assert not Hire.objects.exists()


def test_the_slower_of_two_people_records_no_hire(hr, applicant):
    seen_by_another = Candidate.objects.get()
    services.move_candidate(candidate=applicant, stage=Stage.WITHDRAWN, by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.record_hire(candidate=seen_by_another, accepted_on=ACCEPTED, by=hr)
    assert refused.value.code == "changed_meanwhile"
    assert not Hire.objects.exists()


def test_a_start_is_recorded_once(hr, applicant):
    hire = services.record_hire(candidate=applicant, accepted_on=ACCEPTED, by=hr)
    services.start_hire(hire=hire, started_on=ACCEPTED + timedelta(days=1), by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.start_hire(hire=hire, started_on=STARTED, by=hr)
    assert refused.value.code == "wrong_state"
    assert Hire.objects.get().started_on == date(2018, 9, 21)
