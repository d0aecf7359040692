"""Posts that need attention: one by one for a page, together by channel and reason for a notification. A hundred that
failed for one reason are one thing to do."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from backend.notifications.attention.item import AttentionItem
from backend.notifications.causes import Cause
from campaigns.planning import attention
from campaigns.planning.models import Publication, PublicationState, Reason

P = PublicationState
OF_POSTS: dict[str, Cause] = {
    P.FAILED: Cause.POST_FAILED,
    P.UNKNOWN: Cause.POST_UNKNOWN,
    P.HELD: Cause.POST_HELD,
    P.SENT: Cause.POST_STILL_LIVE,
}
OF_REASONS: dict[str, Cause] = {
    Reason.POST_BY_HAND: Cause.POST_BY_HAND,
    Reason.HELD_BY_HAND: Cause.POST_HELD_BY_HAND,
}


def stuck_post(row: Publication) -> AttentionItem:
    """One post that needs attention."""
    said = row.reason or Reason(row.reason_code).label
    if row.state == P.UNKNOWN:
        said = f"{said} It may be live. Check {row.channel.name}, then say whether it is there."
    return AttentionItem(
        cause=_cause_of(row.state, row.reason_code),
        key=str(row.pk),
        state=row.state,
        title=row.content.title,
        where=row.channel.name,
        since=row.publish_at,
        reason=said,
        address=reverse("console:publication", args=[row.pk]),
        label="See options",
        is_post=True,
    )


def _cause_of(state: str, reason_code: str) -> Cause:
    return OF_REASONS.get(reason_code) or OF_POSTS[state]


def posts_together() -> Iterator[AttentionItem]:
    for count in attention.needing_counts(Publication.objects.all()):
        cause = _cause_of(count.state, count.reason_code)
        posts = "1 post" if count.number == 1 else f"{count.number} posts"
        yield AttentionItem(
            cause=cause,
            key=f"{count.channel_id}:{count.state}:{count.reason_code}",
            state=count.state,
            title=f"{posts} on {count.channel_name}",
            where=count.channel_name,
            since=count.latest,
            reason=f"{count.why}.",
            address=f"{reverse('console:publishing')}?{urlencode({'channel': count.channel_id})}",
            label="See options",
            is_post=True,
            number=count.number,
        )
