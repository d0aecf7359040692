"""Holding everything: one call stops all publishing, or one campaign's, or one channel's."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import states, validation
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import Campaign, Channel, Pause, Publication, PublicationState, Reason, Remedy
from campaigns.planning.services import waiting_publications


class PauseEnding(StrEnum):
    """What happens at the end of a pause to what fell due meanwhile."""

    RELEASE = "release"
    CANCEL = "cancel"
    KEEP = "keep"


@transaction.atomic
def start_pause(
    *, reason: str, campaign: Campaign | None = None, channel: Channel | None = None, by: models.Model | None
) -> Pause:
    """Stop publishing at once; what is being sent this moment finishes. What falls due is held until the pause ends.

    Raises InvalidPlan without a reason, or for a campaign and a channel together.
    """
    if not reason.strip():
        raise InvalidPlan("Enter a reason.", field="reason")
    if campaign is not None and channel is not None:
        raise InvalidPlan("Hold a campaign or a channel, not both at once.", field="channel_id")
    pause = Pause(campaign=campaign, channel=channel, reason=reason, started_by_id=by.pk if by else None)
    validation.check(pause)
    pause.save()
    return pause


@transaction.atomic
def end_pause(*, pause: Pause, held: PauseEnding, by: models.Model | None) -> int:
    """Let publishing go on, and release, cancel or keep what this pause has held; what another pause also covers stays.

    Released publications follow their own lateness rule. Returns how many moved. Raises MoveRefused the second time.
    """
    pause = Pause.objects.select_for_update().get(pk=pause.pk)
    if pause.ended_at is not None:
        raise MoveRefused("This hold has already ended.")
    pause.ended_at = timezone.now()
    pause.ended_by_id = by.pk if by else None
    pause.save(update_fields=["ended_at", "ended_by"])
    return sum(_end_for(publication, held, by) for publication in _held_by(pause))


def _held_by(pause: Pause) -> Iterator[Publication]:
    rows = Publication.objects.select_for_update().held_until(Remedy.PAUSE_END)
    if pause.channel_id is not None:
        rows = rows.filter(channel_id=pause.channel_id)
    if pause.campaign_id is not None:
        rows = rows.filter(content__campaign_id=pause.campaign_id)
    for publication in rows:
        if not Pause.objects.over(publication).exists():
            yield publication


def _end_for(publication: Publication, held: PauseEnding, by: models.Model | None) -> bool:
    if held == PauseEnding.KEEP:
        kept = "Kept on hold when the hold ended."
        states.explain_publication(publication, reason_code=Reason.HELD_BY_HAND, reason=kept)
        return False
    if held == PauseEnding.RELEASE:
        return bool(waiting_publications.release([publication], by=by))
    return states.move_publication(
        publication,
        to=PublicationState.CANCELLED,
        by=by,
        reason="Cancelled when the hold ended.",
        reason_code=Reason.PAUSED,
        raise_fence=True,
    )
