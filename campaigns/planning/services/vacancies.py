"""Planning vacancies, and ending them."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import live_posts, organisation_clock, signals, states
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import Content, Reason, Vacancy, VacancyStatus
from campaigns.planning.services import content, waiting_publications


def plan_vacancy(*, by: models.Model | None, allow_past: bool = False, **fields: Any) -> Vacancy:
    """Plan a vacancy as a draft. Raises InvalidPlan: closing before opening, a closing time in the past unless
    allowed, a maximum salary under the minimum."""
    vacancy = Vacancy(**fields)
    _check(vacancy, allow_past=allow_past)
    return content.save_new(vacancy, by=by)


def change_vacancy(
    *,
    vacancy: Vacancy,
    changes: dict[str, Any],
    by: models.Model | None,
    allow_past: bool = False,
    keep_approval: bool = False,
    locked: bool = False,
) -> Vacancy:
    """Change the named fields; see content.apply_changes. Raises what plan_vacancy raises."""
    names = ("opens_at", "closes_at", "salary_min_pence", "salary_max_pence")
    proposed = Vacancy(**{name: changes.get(name, getattr(vacancy, name)) for name in names})
    _check(proposed, allow_past=allow_past or "closes_at" not in changes)
    for name in ("opens_at", "closes_at"):
        if name in changes:
            changes[name] = getattr(proposed, name)
    return content.apply_changes(vacancy, changes, by=by, keep_approval=keep_approval, locked=locked)


def _check(vacancy: Vacancy, *, allow_past: bool) -> None:
    vacancy.opens_at = organisation_clock.to_utc(vacancy.opens_at, field="opens_at")
    vacancy.closes_at = organisation_clock.to_utc(vacancy.closes_at, field="closes_at")
    if vacancy.closes_at <= vacancy.opens_at:
        raise InvalidPlan("The closing date is before the opening date.", field="closes_at")
    if not allow_past and vacancy.closes_at < timezone.now():
        raise InvalidPlan(
            "The closing time is in the past. Choose a later time, or allow a time in the past to record it.",
            field="closes_at",
        )
    low, high = vacancy.salary_min_pence, vacancy.salary_max_pence
    if low is not None and high is not None and high < low:
        raise InvalidPlan("The highest salary is lower than the lowest.", field="salary_max_pence")


@transaction.atomic
def end_vacancy(*, vacancy: Vacancy, status: str, by: models.Model | None) -> Vacancy:
    """Mark an open vacancy filled or withdrawn: waiting publications are cancelled and say so, pages and feeds follow.
    Raises MoveRefused when it is not open any more."""
    if not Vacancy.objects.filter(pk=vacancy.pk, status=VacancyStatus.OPEN).update(status=status):
        raise MoveRefused("This job is no longer open.")
    vacancy.status = status
    Content.objects.filter(pk=vacancy.pk).update(**states.revision_columns())
    row = Content.objects.get(pk=vacancy.pk)
    ending = vacancy.ending()
    reason = ending.words(timezone.now())
    waiting_publications.cancel_of_content(content=row, by=by, code=Reason.CONTENT_ENDED, reason=reason)
    live_posts.registered().end(row, how=ending.early)
    signals.content_ended.send(sender=Vacancy, content=row, how=ending.early, by=by)
    return vacancy
