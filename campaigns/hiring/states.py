"""Which moves candidates and hires may make; the only writer of their stage and state columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from campaigns.hiring import signals
from campaigns.hiring.errors import HiringRefused
from campaigns.hiring.models import Candidate, Hire, HireState, Stage, StageMove

if TYPE_CHECKING:
    from django.contrib.auth.models import _User

# On the way, a stage may be skipped and a slip corrected; who withdrew or was rejected may come back.
ON_THE_WAY = frozenset({Stage.NEW, Stage.SCREENED, Stage.INTERVIEW, Stage.OFFERED})
ENDED = frozenset({Stage.WITHDRAWN, Stage.REJECTED})
# These two stand and fall with a hire, so that no report misses one: only the hire's own services move here.
HIRED = frozenset({Stage.ACCEPTED, Stage.STARTED})

STAGE_MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.NEW: (ON_THE_WAY - {Stage.NEW}) | ENDED | {Stage.ACCEPTED},
    Stage.SCREENED: (ON_THE_WAY - {Stage.SCREENED}) | ENDED | {Stage.ACCEPTED},
    Stage.INTERVIEW: (ON_THE_WAY - {Stage.INTERVIEW}) | ENDED | {Stage.ACCEPTED},
    Stage.OFFERED: (ON_THE_WAY - {Stage.OFFERED}) | ENDED | {Stage.ACCEPTED},
    Stage.ACCEPTED: ENDED | {Stage.STARTED, Stage.OFFERED},
    Stage.STARTED: ENDED | {Stage.OFFERED},
    Stage.WITHDRAWN: ON_THE_WAY | {Stage.REJECTED},
    Stage.REJECTED: ON_THE_WAY | {Stage.WITHDRAWN},
}


def allowed_stages(candidate: Candidate) -> list[Stage]:
    """Stages to which move_candidate takes this candidate, in their order; none for who stands with a hire."""
    here = Stage(candidate.stage)
    return [] if here in HIRED else [stage for stage in Stage if stage in STAGE_MOVES[here] - HIRED]


def can_be_hired(candidate: Candidate) -> bool:
    return Stage.ACCEPTED in STAGE_MOVES[Stage(candidate.stage)]


HIRE_MOVES: dict[HireState, frozenset[HireState]] = {
    HireState.ACCEPTED: frozenset({HireState.STARTED, HireState.REVERSED}),
    HireState.STARTED: frozenset({HireState.REVERSED}),
    HireState.REVERSED: frozenset({HireState.ACCEPTED}),
}


@transaction.atomic
def move_stage(*, candidate: Candidate, to: Stage, at: datetime, by: _User | None) -> bool:
    """Move the candidate, keep the step and announce `candidate_moved`; False where somebody else was faster.
    Raises HiringRefused where the table has no such move."""
    before = Stage(candidate.stage)
    if to not in STAGE_MOVES[before]:
        raise HiringRefused(f"A candidate cannot go from {before.label} to {to.label}.", field="stage")
    if not Candidate.objects.filter(pk=candidate.pk, stage=before).update(stage=to):
        return False
    candidate.stage = to
    StageMove.objects.create(candidate=candidate, from_stage=before, to_stage=to, at=at, by=by)
    signals.candidate_moved.send(Candidate, candidate=candidate, from_stage=before, to_stage=to, by=by)
    return True


@transaction.atomic
def move_hire(*, hire: Hire, to: HireState, by: _User | None, **columns: Any) -> bool:
    """Move the hire, write `columns` with the same statement and announce `hire_moved`; False where somebody else
    was faster. Raises HiringRefused where the table has no such move."""
    before = HireState(hire.state)
    if to not in HIRE_MOVES[before]:
        raise HiringRefused(f"This hire is {before.label.lower()} and cannot become {to.label.lower()}.")
    if not Hire.objects.filter(pk=hire.pk, state=before).update(state=to, **columns):
        return False
    for name, value in {"state": to, **columns}.items():
        setattr(hire, name, value)
    signals.hire_moved.send(Hire, hire=hire, from_state=before, to_state=to, by=by)
    return True
