"""Which moves content and publications may make. The only writer of their state columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Model
from django.utils import timezone

from campaigns.planning import signals
from campaigns.planning.errors import MoveRefused
from campaigns.planning.models import (
    Content,
    ContentMove,
    ContentState,
    Publication,
    PublicationState,
    Reason,
    SentPost,
)
from campaigns.planning.models.reason import needs_person
from media import uses

C = ContentState
CONTENT_MOVES: dict[str, frozenset[str]] = {
    C.DRAFT: frozenset({C.IN_REVIEW, C.WITHDRAWN}),
    C.IN_REVIEW: frozenset({C.APPROVED, C.RETURNED, C.WITHDRAWN}),
    C.RETURNED: frozenset({C.IN_REVIEW, C.WITHDRAWN}),
    C.APPROVED: frozenset({C.IN_REVIEW, C.ARCHIVED, C.WITHDRAWN}),
    C.WITHDRAWN: frozenset({C.IN_REVIEW, C.ARCHIVED}),
    C.ARCHIVED: frozenset({C.WITHDRAWN}),
}

P = PublicationState
PUBLICATION_MOVES: dict[str, frozenset[str]] = {
    P.SCHEDULED: frozenset({P.SENDING, P.HELD, P.CANCELLED, P.UNKNOWN, P.SENT}),
    P.SENDING: frozenset({P.SENT, P.FAILED, P.UNKNOWN, P.SCHEDULED, P.HELD}),
    P.UNKNOWN: frozenset({P.SENT, P.SCHEDULED, P.FAILED, P.CANCELLED}),
    P.FAILED: frozenset({P.SCHEDULED, P.CANCELLED, P.UNKNOWN}),
    P.HELD: frozenset({P.SCHEDULED, P.CANCELLED, P.SENT, P.UNKNOWN}),
    P.SENT: frozenset({P.WITHDRAWN}),
    P.CANCELLED: frozenset(),
    P.WITHDRAWN: frozenset(),
}


def revision_columns() -> dict[str, Any]:
    """The columns of an UPDATE that changes what calendars show of a row: its revision only ever rises."""
    return {"revision": F("revision") + 1, "revised_at": timezone.now()}


def move_content(content: Content, *, to: str, by: Model | None, comment: str = "", **columns: Any) -> Content:
    """Make one move, record it and announce it. Raises MoveRefused when the content does not stand where the move
    starts, or when somebody else moved it first. Call inside a transaction."""
    origin = content.state
    if to not in CONTENT_MOVES[origin]:
        raise MoveRefused(
            f"This {content.get_kind_display().lower()} is {ContentState(origin).label.lower()}; "
            f"it cannot become {ContentState(to).label.lower()}.",
        )
    if not Content.objects.filter(pk=content.pk, state=origin).update(state=to, **columns, **revision_columns()):
        raise MoveRefused("Someone else changed this a moment ago. Check it, then try again.", code="lost_race")
    for name, value in {"state": to, **columns}.items():
        setattr(content, name, value)
    ContentMove.objects.create(
        content_id=content.pk,
        from_state=origin,
        to_state=to,
        comment=comment,
        by_id=by.pk if by else None,
        at=timezone.now(),
    )
    signals.content_moved.send(sender=Content, content=content, from_state=origin, to_state=to, by=by, comment=comment)
    return content


def move_publication(
    publication: Publication,
    *,
    to: str,
    fence: int | None = None,
    raise_fence: bool = False,
    by: Model | None = None,
    reason: str = "",
    reason_code: Reason | None = None,
    channel_code: str = "",
    sent: SentPost | None = None,
    began_at: datetime | None = None,
    **columns: Any,
) -> bool:
    """Make one move as a conditional UPDATE and say whether it won. Whether somebody must act now follows from the
    state and the reason. With the move to `sent` goes what was sent; `began_at` says since when it was being sent.

    It wins only while the row still stands in `publication.state` and, when a fence is named, carries that fence.
    Raising the fence makes every claim of before worthless.
    Raises MoveRefused for a move that the table does not allow. Call inside a transaction.
    """
    origin = publication.state
    if to not in PUBLICATION_MOVES[origin]:
        raise MoveRefused(
            f"This post is {PublicationState(origin).label.lower()}; it cannot become "
            f"{PublicationState(to).label.lower()}."
        )
    if (to == P.SENT) != (sent is not None):
        raise TypeError("What becomes sent comes with what was sent, and nothing else does.")
    values: dict[str, Any] = {"lease_until": None} | columns
    values |= _explanation(to, reason_code, reason, channel_code) | {"state": to}
    if sent is not None:
        values["sent_at"] = sent.at
    if raise_fence:
        values["fence"] = F("fence") + 1
    if not _update(publication, fence, values, more=revision_columns()):
        return False
    if sent is not None:
        sent.publication = publication
        sent.save(force_insert=True)
    if to in (P.CANCELLED, P.WITHDRAWN):  # for good: it shows nothing any more
        uses.record_uses(kind="publication", row_id=publication.pk, picture_ids=[])
    if to == P.SENDING:  # told by what ends it
        return True
    signals.publication_moved.send(
        sender=Publication,
        publication=publication,
        from_state=origin,
        to_state=to,
        by=by,
        reason=reason,
        began_at=began_at,
    )
    return True


def explain_publication(
    publication: Publication,
    *,
    reason_code: Reason,
    reason: str,
    channel_code: str = "",
    fence: int | None = None,
    **columns: Any,
) -> bool:
    """Say anew why it stands where it stands, and with it whether somebody must act. Says whether it won; it wins
    only while the row stands in `publication.state` and, when a fence is named, carries that fence."""
    return _update(publication, fence, columns | _explanation(publication.state, reason_code, reason, channel_code))


def defer_publication(
    publication: Publication, *, until: datetime, fence: int, reason: str, reason_code: Reason
) -> bool:
    """Let a claimed one wait longer: it stays scheduled, and its claim is over. Says whether it won; it wins only
    while the row is scheduled under this fence."""
    columns: dict[str, Any] = {"due_at": until, "deferred_until": until, "lease_until": None}
    return explain_publication(publication, fence=fence, reason=reason, reason_code=reason_code, **columns)


def _explanation(state: str, reason_code: Reason | None, reason: str, channel_code: str) -> dict[str, Any]:
    return {
        "reason_code": reason_code or "",
        "reason": reason,
        "channel_code": channel_code[:60],
        "needs_person": needs_person(state, reason_code),
    }


def _update(
    publication: Publication, fence: int | None, values: dict[str, Any], *, more: dict[str, Any] | None = None
) -> bool:
    """While it stands where it was read, and carries the fence where one is named. What `more` names is written to the
    row alone."""
    rows = Publication.objects.filter(pk=publication.pk, state=publication.state)
    if fence is not None:
        rows = rows.filter(fence=fence)
    if not rows.update(**values, **(more or {})):
        return False
    for name, value in values.items():
        setattr(publication, name, value)
    return True
