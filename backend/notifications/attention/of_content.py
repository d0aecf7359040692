"""Content that waits for an approval, or for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from backend.accounts.models import User
from backend.notifications.attention.item import AHEAD, SHOWN, TOLD, AttentionItem, may_act
from backend.notifications.causes import Cause
from campaigns.planning.models import Content, ContentState, Organisation, Publication, PublicationState
from campaigns.planning.services import content as contents

UNREVIEWED = (ContentState.DRAFT, ContentState.RETURNED)


def reviews_for(user: User) -> dict[int, AttentionItem]:
    """What waits for approval and this person may approve, and what was sent back to them, by content. One query."""
    parts = []
    if may_act(user, Cause.REVIEW):
        parts.append(waiting_for(user).order_by("pk")[:SHOWN])
    if may_act(user, Cause.RETURNED):
        parts.append(Content.objects.filter(state=ContentState.RETURNED, created_by=user).order_by("-pk")[:SHOWN])
    if not parts:
        return {}
    first, *others = [Content.objects.filter(pk__in=part.values("pk")) for part in parts]
    rows = list(first.union(*others, all=True))
    waiting = sorted((row for row in rows if row.state == ContentState.IN_REVIEW), key=lambda row: row.pk)
    returned = sorted((row for row in rows if row.state == ContentState.RETURNED), key=lambda row: -row.pk)
    return {row.pk: _to_approve(row) for row in waiting} | {row.pk: _to_change(row) for row in returned}


def waiting_for(user: User) -> QuerySet[Content]:
    """What this person may approve now."""
    return Content.objects.filter(contents.approvable_by(user), state=ContentState.IN_REVIEW)


def reviews_of_all() -> Iterator[AttentionItem]:
    alone = Organisation.current().approves_own_edits
    for row in Content.objects.filter(state=ContentState.IN_REVIEW).order_by("pk")[:TOLD]:
        yield _to_approve(row, not_for=None if alone else row.edited_by_id)


def returned_to_all() -> Iterator[AttentionItem]:
    rows = Content.objects.filter(state=ContentState.RETURNED, created_by__isnull=False)
    return (_to_change(row) for row in rows.order_by("-pk")[:TOLD])


def _to_approve(row: Content, not_for: int | None = None) -> AttentionItem:
    return AttentionItem(
        cause=Cause.REVIEW,
        key=str(row.pk),
        state=row.state,
        title=row.title,
        where=row.get_kind_display(),
        since=row.edited_at,
        reason="Read it as it will appear, then approve or return it.",
        address=reverse("console:review", args=[row.pk]),
        label="Review",
        not_for=not_for,
    )


def _to_change(row: Content) -> AttentionItem:
    return AttentionItem(
        cause=Cause.RETURNED,
        key=str(row.pk),
        state=row.state,
        title=row.title,
        where=row.get_kind_display(),
        since=row.edited_at,
        reason="It was returned with a comment.",
        address=reverse("console:content", args=[row.pk]),
        label="Read the comment",
        only_for=row.created_by_id,
    )


def unapproved_soon(rows: Iterable[Publication]) -> Iterator[AttentionItem]:
    """Of posts that are due within a day, those that nobody has sent for approval."""
    for row in rows:
        if row.content.state in UNREVIEWED:
            yield AttentionItem(
                cause=Cause.UNSENT,
                key=str(row.content_id),
                state="unsent",
                title=row.content.title,
                where=row.channel.name,
                since=row.publish_at,
                reason="It is due soon and has not been sent for approval.",
                address=reverse("console:content", args=[row.content_id]),
                label="Continue",
            )


def unapproved_soon_of_all(now: datetime) -> Iterator[AttentionItem]:
    due = Publication.objects.filter(
        state=PublicationState.SCHEDULED, due_at__lt=now + AHEAD, content__state__in=UNREVIEWED
    )
    rows = due.select_related("content", "channel").order_by("due_at", "pk")[:TOLD]
    return iter({item.key: item for item in unapproved_soon(rows)}.values())
