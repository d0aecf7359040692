"""Every cause for which somebody is needed, and one table of what follows from each: who is concerned, whether it
cannot wait, and when people are told of it who have not chosen otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Cause(models.TextChoices):
    """Each with the words by which a person chooses when to be told of it."""

    REVIEW = "review", "Content is waiting for your approval"
    RETURNED = "returned", "Your content was returned"
    UNSENT = "unsent", "A post is due soon and has not been sent for approval"
    POST_FAILED = "post_failed", "A post failed"
    POST_UNKNOWN = "post_unknown", "We do not know if a post was published"
    POST_HELD = "post_held", "A post is on hold and needs attention"
    POST_BY_HAND = "post_by_hand", "A post is ready to be posted manually"
    POST_HELD_BY_HAND = "post_held_by_hand", "Someone put a post on hold"
    POST_STILL_LIVE = "post_still_live", "A post could not be taken down"
    SIGN_IN_ENDED = "sign_in_ended", "A channel needs you to sign in again"
    SIGN_IN_ENDING = "sign_in_ending", "A channel's access expires soon"
    MAIL_STOPPED = "mail_stopped", "The mail server does not accept our email"
    WEBHOOK_STOPPED = "webhook_stopped", "We stopped sending to a webhook"
    RESTORED = "restored", "Publishing is on hold after a restore"
    WORKER_SILENT = "worker_silent", "Publishing has stopped"
    PUBLISHING_LATE = "publishing_late", "Publishing is running late"
    DISK_FILLING = "disk_filling", "The disk is nearly full"
    BACKUP_OLD = "backup_old", "There is no recent backup"
    NOTIFICATIONS_FAILING = "notifications_failing", "Notifications do not arrive"


class Timing(models.TextChoices):
    AT_ONCE = "at_once", "At once"
    SUMMARY = "summary", "In the daily summary"
    NEVER = "never", "Never"


@dataclass(frozen=True)
class CauseFacts:
    act: str
    """Who may do this can do something about it, and is told of it."""
    urgent: bool = False
    timing: Timing = Timing.AT_ONCE
    """Where a person has not chosen."""


ACT_ON_POSTS = "retry publication"
RUN = "change organisation"
"""Who may do this looks after the machine."""

CAUSES: dict[Cause, CauseFacts] = {
    Cause.REVIEW: CauseFacts("approve content"),
    Cause.RETURNED: CauseFacts("submit content"),
    Cause.UNSENT: CauseFacts("submit content", urgent=True),
    Cause.POST_FAILED: CauseFacts(ACT_ON_POSTS, urgent=True),
    Cause.POST_UNKNOWN: CauseFacts(ACT_ON_POSTS, urgent=True),
    Cause.POST_HELD: CauseFacts(ACT_ON_POSTS),
    Cause.POST_BY_HAND: CauseFacts(ACT_ON_POSTS),
    Cause.POST_HELD_BY_HAND: CauseFacts(ACT_ON_POSTS, timing=Timing.SUMMARY),
    Cause.POST_STILL_LIVE: CauseFacts(ACT_ON_POSTS, urgent=True),
    Cause.SIGN_IN_ENDED: CauseFacts("read connection", urgent=True),
    Cause.SIGN_IN_ENDING: CauseFacts("read connection", timing=Timing.SUMMARY),
    Cause.MAIL_STOPPED: CauseFacts("read connection", urgent=True),
    Cause.WEBHOOK_STOPPED: CauseFacts("read webhooks", urgent=True),
    Cause.RESTORED: CauseFacts("end pause", urgent=True),
    Cause.WORKER_SILENT: CauseFacts(RUN, urgent=True),
    Cause.PUBLISHING_LATE: CauseFacts(RUN, urgent=True),
    Cause.DISK_FILLING: CauseFacts(RUN, urgent=True),
    Cause.BACKUP_OLD: CauseFacts(RUN, timing=Timing.SUMMARY),
    Cause.NOTIFICATIONS_FAILING: CauseFacts("keep own account"),
}
