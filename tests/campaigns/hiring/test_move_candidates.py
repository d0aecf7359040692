from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.hiring import services, signals, states
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate, Stage, StageMove
from tests.campaigns.hiring import factories as make

AT = make.london(2018, 9, 5)


def test_a_move_is_kept_with_its_time_and_person_and_announced(hr):
    candidate, heard = make.candidate(), []

    def listen(sender, candidate, from_stage, to_stage, by, **_):
        heard.append((candidate, from_stage, to_stage, by))

    signals.candidate_moved.connect(listen)
    services.move_candidate(candidate=candidate, stage=Stage.INTERVIEW, at=AT, by=hr)
    signals.candidate_moved.disconnect(listen)
    assert Candidate.objects.get().stage == candidate.stage == Stage.INTERVIEW
    move = StageMove.objects.get()
    assert (move.from_stage, move.to_stage, move.at, move.by) == ("new", "interview", AT, hr)
    assert heard == [(candidate, Stage.NEW, Stage.INTERVIEW, hr)]


def test_a_slip_is_corrected_and_who_withdrew_may_come_back(hr):
    candidate = make.candidate()
    for stage in (Stage.OFFERED, Stage.INTERVIEW, Stage.WITHDRAWN, Stage.SCREENED, Stage.REJECTED, Stage.NEW):
        services.move_candidate(candidate=candidate, stage=stage, by=hr)
    assert candidate.stage_moves.count() == 6


def test_moving_to_where_the_candidate_stands_is_refused(hr):
    with pytest.raises(HiringRefused) as refused:
        services.move_candidate(candidate=make.candidate(), stage=Stage.NEW, by=hr)
    assert (refused.value.code, refused.value.field) == ("wrong_state", "stage")


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.STARTED])
def test_no_stage_of_a_hire_is_reached_without_a_hire(hr, stage):
    with pytest.raises(HiringRefused) as refused:
        services.move_candidate(candidate=make.candidate(stage=Stage.OFFERED), stage=stage, by=hr)
    assert refused.value.code == "needs_hire"


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.STARTED])
def test_no_hired_candidate_walks_away_from_the_hire(hr, stage):
    with pytest.raises(HiringRefused) as refused:
        services.move_candidate(candidate=make.candidate(stage=stage), stage=Stage.WITHDRAWN, by=hr)
    assert refused.value.code == "needs_hire"


def test_the_slower_of_two_people_is_refused_and_leaves_no_step(hr):
    candidate = make.candidate()
    seen_by_another = Candidate.objects.get()
    services.move_candidate(candidate=candidate, stage=Stage.SCREENED, by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.move_candidate(candidate=seen_by_another, stage=Stage.REJECTED, by=hr)
    assert refused.value.code == "changed_meanwhile"
    assert Candidate.objects.get().stage == Stage.SCREENED
    assert StageMove.objects.count() == 1


def test_a_time_to_come_is_refused(hr):
    with pytest.raises(InvalidHiring) as refused:
        services.move_candidate(
            candidate=make.candidate(), stage=Stage.SCREENED, at=timezone.now() + timedelta(hours=1), by=hr
        )
    assert (refused.value.code, refused.value.field) == ("in_future", "at")


def test_every_stage_has_its_moves_and_none_leads_to_itself():
    assert set(states.STAGE_MOVES) == set(Stage)
    assert all(stage not in targets for stage, targets in states.STAGE_MOVES.items())


@pytest.mark.django_db
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
    assert states.allowed_stages(candidate) == allowed
    assert states.can_be_hired(candidate) is (stage in states.ON_THE_WAY)
