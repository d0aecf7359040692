"""Candidates: who is on the way to a job, and how far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.hiring import states
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate, Hire, Stage
from campaigns.hiring.services import checks, credit, touches
from campaigns.planning import organisation_clock
from campaigns.planning.models import Channel, Vacancy

if TYPE_CHECKING:
    from django.contrib.auth.models import _User

# Checked here and not by the fields' own clean(): after a refusal an encrypted field would read ciphertext.
_TEXT_LENGTHS = {"reference": 60, "name": 200, "email": 254, "phone": 40}
_NOT_IN_ONE_LINE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")
"""Controls and ends of lines. A name may hold whatever else it is written with: spaces that do not break, joiners,
marks of direction."""
_ROWS: dict[str, type[Vacancy] | type[Channel]] = {"vacancy": Vacancy, "stated_channel": Channel}


@transaction.atomic
def add_candidate(
    *,
    reference: str,
    vacancy: Vacancy | None = None,
    stated_channel: Channel | None = None,
    applied_at: datetime | None = None,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    link_code: str | None = None,
    by: _User | None,
) -> Candidate:
    """Record a person on the way to a job, at stage new.

    With `link_code`, the code of the tracked link that the application carries, the person also gets a touch of
    that link's channel at `applied_at`, or now. Name, e-mail and phone are kept encrypted.
    Side effects: a Candidate, with a code a Touch. Raises InvalidHiring with the field, and
    HiringRefused (code `reference_taken`) where the reference is known; so a second call is refused."""
    given = {
        "reference": reference,
        "vacancy": vacancy,
        "stated_channel": stated_channel,
        "applied_at": applied_at,
        "name": name,
        "email": email,
        "phone": phone,
    }
    candidate = Candidate(**_checked(given), created_by=by)
    _save(candidate, None)
    if link_code:
        touches.add_touch(candidate=candidate, link_code=link_code, at=candidate.applied_at)
    return candidate


def change_candidate(*, candidate: Candidate, changes: Mapping[str, Any]) -> Candidate:
    """Change what is known of a candidate: reference, vacancy, stated_channel, applied_at, name, email, phone.

    Side effects: the row, and the credit for a hire where another channel is stated. Raises InvalidHiring with the
    field (code `unknown_field` for any other name, such as the stage, which has its own verb) and HiringRefused (code
    `reference_taken`). Called twice, the second call changes nothing."""
    checked = _checked(changes)
    changed = [name for name, value in checked.items() if getattr(candidate, name) != value]
    if not changed:
        return candidate
    if "applied_at" in changed:
        _applied_before_acceptance(candidate, checked["applied_at"])
    before = {name: getattr(candidate, name) for name in changed}
    for name in changed:
        setattr(candidate, name, checked[name])
    try:
        with transaction.atomic():
            _save(candidate, changed)
            if "stated_channel" in changed:
                credit.assign_credit(candidate=candidate)
    except HiringRefused:
        for name, value in before.items():
            setattr(candidate, name, value)
        raise
    return candidate


@transaction.atomic
def move_candidate(*, candidate: Candidate, stage: Stage, at: datetime | None = None, by: _User | None) -> Candidate:
    """Take a candidate to another stage, at `at` or now.

    Accepted and started are a hire's stages: record_hire, start_hire and reverse_hire lead there and back, and this
    verb refuses them (code `needs_hire`). Side effects: a StageMove and `candidate_moved`. Raises InvalidHiring (a
    time in the future) and HiringRefused (code `wrong_state`, or `changed_meanwhile` where somebody was faster).
    Called twice, the second call is refused: the candidate stands there already."""
    if stage in states.HIRED:
        raise HiringRefused("Record the hire instead. This moves the candidate too.", code="needs_hire", field="stage")
    if candidate.stage in states.HIRED:
        raise HiringRefused("Reverse the hire instead. This moves the candidate too.", code="needs_hire", field="stage")
    moment = checks.moment_not_in_future(at, "at") if at else timezone.now()
    checks.check_moved(states.move_stage(candidate=candidate, to=stage, at=moment, by=by))
    return candidate


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    return {field: _value(field, value) for field, value in given.items()}


def _value(field: str, value: Any) -> Any:
    if field in _TEXT_LENGTHS:
        return _text(field, value)
    if field in _ROWS:
        if value is not None and not isinstance(value, _ROWS[field]):
            raise InvalidHiring("Choose one from the list.", field=field)
        return value
    if field == "applied_at":
        return checks.moment_not_in_future(value, field) if value is not None else None
    raise InvalidHiring("A candidate has no such field to change.", code="unknown_field", field=field)


def _text(field: str, value: str | None) -> str | None:
    text = (value or "").strip()
    if not text:
        if field == "reference":
            raise InvalidHiring("Enter a reference.", code="required", field=field)
        return None
    if len(text) > _TEXT_LENGTHS[field] or _NOT_IN_ONE_LINE.search(text):
        raise InvalidHiring(
            f"Enter {_TEXT_LENGTHS[field]} characters or fewer, on one line.", code="bad_text", field=field
        )
    if field == "email":
        try:
            validate_email(text)
        except ValidationError:
            raise InvalidHiring(
                ("Enter an email address, like name@example.org."), code="bad_email", field=field
            ) from None
    return text


def _applied_before_acceptance(candidate: Candidate, applied_at: datetime | None) -> None:
    hire = Hire.objects.counted().filter(candidate=candidate).first()
    if hire and applied_at and organisation_clock.day_of(applied_at) > hire.accepted_on:
        raise InvalidHiring(
            f"The offer was accepted on {organisation_clock.format_day(hire.accepted_on)}, before this application.",
            code="after_acceptance",
            field="applied_at",
        )


def _save(candidate: Candidate, fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            candidate.save(update_fields=fields)
    except IntegrityError:
        if not Candidate.objects.filter(reference=candidate.reference).exclude(pk=candidate.pk).exists():
            raise
        raise HiringRefused(
            "There is already a candidate with this reference.", code="reference_taken", field="reference"
        ) from None
