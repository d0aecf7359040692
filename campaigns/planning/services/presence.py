"""Who else has a content open: people who write on the same see each other."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from campaigns.planning.models import Content, Presence

WRITTEN_EVERY = timedelta(seconds=15)
GONE_AFTER = timedelta(seconds=45)


def record_heartbeat(*, content: Content, by: Model) -> list[Presence]:
    """Say that this person has it open, and read who else has, first come first. Writes at most every 15 seconds a
    person; who was not seen for 45 seconds is gone."""
    now = timezone.now()
    seen = list(Presence.objects.filter(content_id=content.pk).select_related("person").order_by("pk"))
    mine = [row for row in seen if row.person_id == by.pk]
    if not mine or mine[0].seen_at <= now - WRITTEN_EVERY:
        _write(content, by)
    return [row for row in seen if row.person_id != by.pk and row.seen_at > now - GONE_AFTER]


def _write(content: Content, by: Model) -> None:
    now = timezone.now()
    Presence.objects.filter(content_id=content.pk, seen_at__lte=now - GONE_AFTER).exclude(person_id=by.pk).delete()
    if Presence.objects.filter(content_id=content.pk, person_id=by.pk).update(seen_at=now):
        return
    try:
        with transaction.atomic():
            Presence.objects.create(content_id=content.pk, person_id=by.pk, seen_at=now)
    except IntegrityError:  # the same person in two windows at once: one row says it
        return
