"""Publications that come again by a rule, and stop by themselves when there is nothing left to tell."""

from __future__ import annotations

from copy import copy
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from campaigns.planning import organisation_clock, signals, validation
from campaigns.planning.calendar import recurrence_rules
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import (
    Channel,
    Content,
    ContentState,
    LateRule,
    Publication,
    Recurrence,
)
from campaigns.planning.services import publications, waiting_publications

AHEAD = timedelta(days=35)
"""How far the schedule is filled: a month's calendar is complete, and a rule without an end stays small."""
A_TURN = 100
"""Publications that one turn makes of one recurrence; the next turn goes on."""
STARTED_AT_MOST = timedelta(days=366)
GONE = (ContentState.WITHDRAWN, ContentState.ARCHIVED)


@transaction.atomic
def start_recurrence(
    *,
    content: Content,
    channel: Channel,
    rule: str,
    starts_at: datetime,
    zone: str,
    wording: str = "",
    late_rule: str = LateRule.PUBLISH,
    late_after_minutes: int = 60,
    by: models.Model | None,
) -> Recurrence:
    """Repeat one content on one channel, and put the times of the next 35 days into the schedule.

    `starts_at` without an offset is read on the wall clock of `zone`. Raises InvalidPlan: a rule that does not parse,
    means more than one time an hour or more than 1000, or has no time left to come; and what schedule_publication
    refuses. Wording of its own sends approved content back to review, once.
    """
    content = Content.objects.select_for_update().get(pk=content.pk)
    now = timezone.now()
    first = organisation_clock.to_utc(starts_at, zone, field="starts_at")
    if first < now - STARTED_AT_MOST:
        raise InvalidPlan("Choose a start within the last year.", field="starts_at")
    publications.check_may_publish(content, channel)
    wall = first.astimezone(organisation_clock.find_zone(zone)).replace(tzinfo=None, microsecond=0)
    recurrence = Recurrence(
        content_id=content.pk,
        channel=channel,
        wording=wording,
        rule=recurrence_rules.validate_rule(rule),
        starts_on=wall.date(),
        starts_time=wall.time(),
        zone=zone,
        late_rule=late_rule,
        late_after_minutes=late_after_minutes,
        created_by_id=by.pk if by else None,
    )
    validation.check(recurrence)
    recurrence.next_at = _first_time(recurrence, now)
    recurrence.save()
    _plan(recurrence, now)
    if wording.strip():
        publications.return_to_review(content, channel, by=by)
    recurrence.refresh_from_db()
    return recurrence


def _first_time(recurrence: Recurrence, now: datetime) -> datetime:
    first = next(recurrence_rules.occurrences(recurrence.rule, recurrence.starts_at, recurrence.zone, since=now), None)
    if first is None:
        raise InvalidPlan("This rule has no times left. Check that it does not end before it starts.", field="rule")
    ending = recurrence.content.ending()
    if ending.is_over(first):
        words = ending.words(now) or "The first time is after the job closes or the event ends."
        raise InvalidPlan(words, field="rule")
    return first


@transaction.atomic
def end_recurrence(*, recurrence: Recurrence, by: models.Model | None, reason: str) -> int:
    """Stop it, and cancel what still waits of it. Returns how many were cancelled. Raises MoveRefused the second
    time, InvalidPlan without a reason."""
    if not reason.strip():
        raise InvalidPlan("Enter a reason.", field="reason")
    cancelled = _end(recurrence, by=by, reason=reason)
    if cancelled is None:
        raise MoveRefused("This repeating post has already ended.")
    return cancelled


@transaction.atomic
def _end(recurrence: Recurrence, *, by: models.Model | None, reason: str) -> int | None:
    """None when it was over already. The UPDATE comes first: it keeps a planner out until all is cancelled."""
    columns = {"ended_at": timezone.now(), "ended_by_id": by.pk if by else None, "ended_reason": reason}
    if not Recurrence.objects.active().filter(pk=recurrence.pk).update(**columns, next_at=None):
        return None
    ended = copy(recurrence)
    for name, value in columns.items():
        setattr(ended, name, value)
    signals.row_changed.send(sender=Recurrence, row=ended, before=recurrence)
    return waiting_publications.cancel_of_recurrence(recurrence=recurrence, by=by, reason=reason)


def plan_ahead(*, now: datetime) -> int:
    """End what has nothing left to tell, and put into the schedule what falls into the next 35 days. Returns how many
    publications were made. Safe when every consumer runs it, and again at any time."""
    _end_what_is_over(now)
    made = 0
    for recurrence in Recurrence.objects.active().filter(next_at__lte=now + AHEAD).select_related("content", "channel"):
        try:
            made += _plan(recurrence, now)
        except InvalidPlan as refusal:
            _end(recurrence, by=None, reason=str(refusal))
    return made


def _end_what_is_over(now: datetime) -> None:
    for recurrence in Recurrence.objects.active().filter(content__state__in=GONE).select_related("content"):
        reason = f"The content is {recurrence.content.get_state_display().lower()}."
        _end(recurrence, by=None, reason=reason)
    for recurrence in Recurrence.objects.active().of_ended_content(now):
        _end(recurrence, by=None, reason=recurrence.content.ending().words(now))
    waiting = Publication.objects.waiting().filter(recurrence=OuterRef("pk"))
    for recurrence in Recurrence.objects.active().filter(~Exists(waiting), next_at=None):
        _end(recurrence, by=None, reason="Its last time has passed.")


@transaction.atomic
def _plan(recurrence: Recurrence, now: datetime) -> int:
    """Whoever moves `next_at` on makes the publications; in one transaction, so that a crash does neither."""
    times, following = _times_to_plan(recurrence, now)
    if following == recurrence.next_at:
        return 0
    won = Recurrence.objects.active().filter(pk=recurrence.pk, next_at=recurrence.next_at).update(next_at=following)
    if not won:
        return 0
    planned = _planned_already(recurrence, times)
    times = [at for at in times if at not in planned]
    for at in times:
        publications.schedule_publication(
            content=recurrence.content,
            channel=recurrence.channel,
            publish_at=at,
            zone=recurrence.zone,
            wording=recurrence.wording,
            late_rule=recurrence.late_rule,
            late_after_minutes=recurrence.late_after_minutes,
            recurrence=recurrence,
            by=recurrence.created_by,
        )
    return len(times)


def _times_to_plan(recurrence: Recurrence, now: datetime) -> tuple[list[datetime], datetime | None]:
    """The times for the schedule, and the first one that is left for later. What comes after a vacancy's closing is
    left as well: the closing date may still move. Times that passed while nothing ran are gone."""
    ending = recurrence.content.ending()
    since = max(now, recurrence.next_at or now)
    times: list[datetime] = []
    for at in recurrence_rules.occurrences(recurrence.rule, recurrence.starts_at, recurrence.zone, since=since):
        if at > now + AHEAD or len(times) == A_TURN or ending.is_over(at):
            return times, at
        times.append(at)
    return times, None


def _planned_already(recurrence: Recurrence, times: list[datetime]) -> set[datetime]:
    """What somebody has put there by hand needs no second one, and is no reason to stop."""
    same = Publication.objects.waiting().filter(content_id=recurrence.content_id, channel_id=recurrence.channel_id)
    return set(same.filter(publish_at__in=times).values_list("publish_at", flat=True))
