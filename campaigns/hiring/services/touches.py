"""Touches: the meetings of a candidate with a channel that tracked sources are made of."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from campaigns.hiring import links
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import Candidate, Touch, TouchKind, TrackedLink
from campaigns.hiring.services import checks, credit
from campaigns.planning.models import Channel, Event

if TYPE_CHECKING:
    pass


@transaction.atomic
def add_touch(
    *,
    candidate: Candidate,
    channel: Channel | None = None,
    link_code: str | None = None,
    event: Event | None = None,
    at: datetime | None = None,
) -> Touch:
    """Record that the candidate met a channel, at `at` or now.

    Give either the channel or the code of a tracked link, which knows its channel. With `event` the touch is a
    check-in at that event; else it is a tracked link (by its code) or recorded by hand (by the channel).
    Side effects: a Touch, and the credit for a hire. Raises InvalidHiring: field `link_code` (code `unknown_link`),
    `channel` or `at`. Called twice with the same time it keeps one touch."""
    moment = checks.moment_not_in_future(at, "at") if at else timezone.now()
    link = _link(link_code)
    if (channel is None) == (link is None):
        raise InvalidHiring(
            "Choose the channel where they heard about us, or enter the code of a tracked link.",
            code="required",
            field="channel",
        )
    kind = TouchKind.CHECK_IN if event else TouchKind.LINK if link else TouchKind.RECORDED
    touch, made = Touch.objects.get_or_create(
        candidate=candidate,
        channel=link.channel if link else channel,
        kind=kind,
        at=moment,
        defaults={"link": link, "event": event},
    )
    if made:
        credit.assign_credit(candidate=candidate)
    return touch


@transaction.atomic
def remove_touch(*, touch: Touch) -> None:
    """Take back a touch that was recorded wrongly; the credit that it gave goes with it.

    Side effects: the row goes. Called twice, the second call does nothing."""
    removed, _ = Touch.objects.filter(pk=touch.pk).delete()
    if removed:
        credit.assign_credit(candidate=touch.candidate)


def _link(code: str | None) -> TrackedLink | None:
    if not code:
        return None
    link = links.find_link(code)
    if link is None:
        raise InvalidHiring("No tracked link has this code.", code="unknown_link", field="link_code")
    return link
