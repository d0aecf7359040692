"""Hires: who accepted, who started, and what was taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from campaigns.hiring import signals, states
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate, Hire, HireState, Stage
from campaigns.hiring.services import checks, credit
from campaigns.planning import organisation_clock
from campaigns.planning.models import Vacancy

if TYPE_CHECKING:
    from django.contrib.auth.models import _User


@transaction.atomic
def record_hire(
    *,
    candidate: Candidate,
    vacancy: Vacancy | None = None,
    accepted_on: date,
    started_on: date | None = None,
    by: _User | None,
) -> Hire:
    """Record that the candidate accepted the post of `vacancy` (else of the vacancy applied for) on `accepted_on`,
    and with `started_on` that the person has started.

    A reversed hire may be recorded again: the same row with the new dates, once the candidate is on the way again.
    Side effects: a Hire, its credit and `hire_recorded`; the candidate moves to accepted, then to started. Raises
    InvalidHiring (field `vacancy`, `accepted_on`, `started_on`) and HiringRefused (code `already_hired`; `wrong_state`
    for who withdrew or was rejected; `changed_meanwhile`). Called twice, the second call is refused: one hire a
    candidate."""
    post = vacancy or candidate.vacancy
    if post is None:
        raise InvalidHiring("Choose the job that was filled.", code="required", field="vacancy")
    _check_acceptance(candidate, accepted_on)
    if started_on:
        _check_start(started_on, accepted_on)
    hire = Hire.objects.filter(candidate=candidate).first()
    if hire and hire.state != HireState.REVERSED:
        raise HiringRefused("This candidate's hire has already been recorded.", code="already_hired", field="candidate")
    # First the stage: of two calls at one moment only one wins this move, so only one writes the hire.
    _move_stage(candidate, Stage.ACCEPTED, _moment(accepted_on), by)
    told = {"vacancy": post, "accepted_on": accepted_on, "recorded_by": by}
    if hire is None:
        hire = Hire.objects.create(candidate=candidate, **told)
    else:
        checks.check_moved(states.move_hire(hire=hire, to=HireState.ACCEPTED, by=by, started_on=None, **told))
    hire.candidate = candidate
    credit.assign_credit(candidate=candidate)
    signals.hire_recorded.send(Hire, hire=hire, by=by)
    return start_hire(hire=hire, started_on=started_on, by=by) if started_on else hire


@transaction.atomic
def start_hire(*, hire: Hire, started_on: date, by: _User | None) -> Hire:
    """Record that the person started on `started_on`; a day to come is recorded when it has come.

    Side effects: the hire and its candidate move to started; `hire_moved`, `candidate_moved`. Raises InvalidHiring
    (field `started_on`: in the future, or before acceptance) and HiringRefused (code `wrong_state` for a hire that
    was reversed or has started, `changed_meanwhile`). Called twice, the second call is refused."""
    _check_start(started_on, hire.accepted_on)
    checks.check_moved(states.move_hire(hire=hire, to=HireState.STARTED, by=by, started_on=started_on))
    _move_stage(hire.candidate, Stage.STARTED, _moment(started_on), by)
    return hire


@transaction.atomic
def reverse_hire(*, hire: Hire, stage: Stage = Stage.WITHDRAWN, by: _User | None) -> Hire:
    """Take a hire back: it leaves every figure, and its channel gives the credit back.

    `stage` is where the candidate stands then: withdrawn (the person pulled out), rejected (we did), or offered (it
    was recorded by mistake). Who leaves after having started was hired all the same: that is no reversal.
    Side effects: the hire becomes reversed and keeps its dates; its credit goes; the candidate moves; `hire_moved`,
    `candidate_moved`. Raises InvalidHiring (field `stage`) and HiringRefused (code `wrong_state`,
    `changed_meanwhile`). Called twice, the second call is refused."""
    if stage not in states.ENDED | {Stage.OFFERED}:
        raise InvalidHiring("Choose withdrawn, rejected or offered.", field="stage")
    checks.check_moved(states.move_hire(hire=hire, to=HireState.REVERSED, by=by))
    _move_stage(hire.candidate, stage, timezone.now(), by)
    credit.assign_credit(candidate=hire.candidate)
    return hire


def _check_acceptance(candidate: Candidate, accepted_on: date) -> None:
    checks.day_not_in_future(accepted_on, "accepted_on")
    if candidate.applied_at and accepted_on < organisation_clock.day_of(candidate.applied_at):
        raise InvalidHiring(
            f"This candidate applied on "
            f"{organisation_clock.format_day(organisation_clock.day_of(candidate.applied_at))}, after this date.",
            code="before_application",
            field="accepted_on",
        )


def _check_start(started_on: date, accepted_on: date) -> None:
    checks.day_not_in_future(started_on, "started_on")
    if started_on < accepted_on:
        raise InvalidHiring(
            ("The start date cannot be before the day the offer was accepted."),
            code="before_acceptance",
            field="started_on",
        )


def _move_stage(candidate: Candidate, to: Stage, at: datetime, by: _User | None) -> None:
    checks.check_moved(states.move_stage(candidate=candidate, to=to, at=at, by=by))


def _moment(day: date) -> datetime:
    """A moment for a step of which only the day is known: the day's last second, or now on the day itself."""
    return min(organisation_clock.end_of(day) - timedelta(seconds=1), timezone.now())
