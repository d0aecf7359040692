"""Publications where the engine or a person has brought them: claimed, sent and decided as in the product.

The channels are of the kind `told` (see tests/adapter.py), so whoever asks for these uses the fixture `remote`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from campaigns.planning.models import Channel, Pause, Publication
from campaigns.planning.services import content, publications
from campaigns.planning.services.timing import pauses
from scheduler.channels.contract import Abilities, NotSent, OutcomeUnknown
from scheduler.connections import services as connections
from scheduler.engine import publication_claims, reconcile, sending
from scheduler.posts import takedown
from tests import factories
from tests.adapter import Told

WRITES_ONLY = Abilities(reads_back=False, deletes=False, settling=0.0)


class WorkerKilled(BaseException):
    """In the middle of a call; what becomes of it, nobody has written down."""


def connected(channel: Channel | None = None, *, kind: str = "told", **fields: Any) -> Channel:
    """This channel, or a new public one, with a connection to a kind; `told` unless said otherwise."""
    row = channel or factories.channel(**{"category": "social"} | fields)
    connections.connect_channel(channel=row, kind=kind, settings={}, secrets={})
    return row


def post(*, on: Channel | None = None, title: str = "", draft: bool = False, **fields: Any) -> Publication:
    """Tomorrow, on a connected channel, of a blog entry that was approved with it, unless it is a draft."""
    entry = factories.blog_entry(**{"title": title} if title else {})
    row = factories.publication(of=entry, on=on or connected(), **fields)
    if not draft:
        factories.approved(entry)
    return row


def fall_due(row: Publication, *, minutes_ago: float = 0.01) -> Publication:
    """Its time is now, or was some minutes ago."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return publications.reschedule_publication(publication=row, publish_at=at, zone=row.zone, allow_past=True, by=None)


def go_out(row: Publication, *answers: Exception | Callable[[], None], minutes_ago: float = 0.01) -> Publication:
    """Its time comes, and a worker takes it. The far side answers what is said here, else it accepts."""
    fall_due(row, minutes_ago=minutes_ago)
    Told.remote.answers[:0] = answers
    found = publication_claims.claim_due(limit=1000)
    (mine,) = (claim for claim in found if claim.publication_id == row.pk)
    publication_claims.give_back([claim for claim in found if claim != mine])
    sending.send_publication(publication_id=row.pk, fence=mine.fence, worker="test")
    row.refresh_from_db()
    return row


def _in(state: str, row: Publication) -> Publication:
    assert row.state == state, f"It is {row.state}: {row.reason}"
    return row


def scheduled(row: Publication | None = None) -> Publication:
    return row or post()


def retrying(row: Publication | None = None, *, why: str = "It is busy.") -> Publication:
    """Tried once, certainly not live, and scheduled again."""
    return _in("scheduled", go_out(row or post(), NotSent(why)))


def sending_now(row: Publication | None = None) -> Publication:
    """Its worker is in the middle of the call."""

    def end() -> None:
        raise WorkerKilled

    row = row or post()
    try:
        go_out(row, end)
    except WorkerKilled:
        row.refresh_from_db()
    return _in("sending", row)


def sent(row: Publication | None = None) -> Publication:
    return _in("sent", go_out(row or post()))


def failed(row: Publication | None = None, *, why: str = "The channel refused the text.") -> Publication:
    return _in("failed", go_out(row or post(), NotSent(why, permanent=True)))


def unknown(row: Publication | None = None, *, why: str = "It timed out.", readable: bool = True) -> Publication:
    """Looked for by us where the channel can be read back; otherwise a person has to look."""
    with patch.object(Told, "abilities", Told.abilities if readable else WRITES_ONLY):
        return _in("unknown", go_out(row or post(), OutcomeUnknown(why)))


def looked_for(row: Publication, *, times: int = 1) -> Publication:
    """An unknown one: we look so often, each time as soon as it is due."""
    for _ in range(times):
        Publication.objects.filter(pk=row.pk).update(due_at=timezone.now())
        assert row.pk in reconcile.claim_due_reads(limit=1000)
        reconcile.read_back(publication_id=row.pk)
    row.refresh_from_db()
    return row


def missing(row: Publication | None = None) -> Publication:
    """It is certainly not there, so it is sent again."""
    return _in("scheduled", looked_for(unknown(row), times=reconcile.ABSENCES))


def sent_again(row: Publication | None = None) -> Publication:
    """It may be there, and the channel takes it once: it is sent again under its key."""
    with patch.object(Told, "abilities", replace(WRITES_ONLY, idempotent=True)):
        return _in("scheduled", looked_for(unknown(row)))


def held(row: Publication | None = None, *, why: str = "The ward asked us to wait.") -> Publication:
    """By a person."""
    return publications.hold_publication(publication=row or post(), by=None, reason=why)


def held_unapproved(row: Publication | None = None) -> Publication:
    return _in("held", go_out(row or post(draft=True)))


def held_unconnected(row: Publication | None = None) -> Publication:
    return _in("held", go_out(row or post(on=factories.channel())))


def held_late(row: Publication | None = None) -> Publication:
    row = publications.change_publication(publication=row or post(), by=None, late_rule="hold")
    return _in("held", go_out(row, minutes_ago=90))


def held_paused(row: Publication | None = None) -> Publication:
    """By a pause over its channel, unless one is over it already."""
    row = row or post()
    if not Pause.objects.over(row).exists():
        pauses.start_pause(reason="Wait.", channel=row.channel, by=None)
    return _in("held", go_out(row))


def held_signed_out(row: Publication | None = None) -> Publication:
    """The channel takes nothing from us until somebody connects it again."""
    return _in("held", go_out(row or post(), NotSent("Connect the account again.", code="needs_sign_in")))


def held_for_hand(row: Publication | None = None) -> Publication:
    """Its time has come, and a person posts it."""
    return _in("held", go_out(row or post(on=connected(kind="share-kit", category="staff_tool"))))


def cancelled(row: Publication | None = None) -> Publication:
    return publications.cancel_publication(publication=row or post(), by=None)


def taken_down(row: Publication | None = None) -> Publication:
    """By hand, where it stood."""
    return publications.mark_taken_down(publication=sent(row), by=None)


def taking_down(row: Publication | None = None) -> Publication:
    """It went out, and its content was withdrawn since."""
    row = sent(row)
    content.withdraw_content(content=row.content, by=factories.person("comms"))
    row.refresh_from_db()
    return row


def still_live(row: Publication | None = None, *, why: str = "It may not be deleted.", code: str = "") -> Publication:
    """Its content was withdrawn, and the channel does not take it down."""
    row = taking_down(row)
    Told.remote.deletions.append(NotSent(why, permanent=True, code=code or None))
    takedown.take_down(publication_id=row.pk)
    row.refresh_from_db()
    return _in("sent", row)


IN_STATE: dict[str, Callable[..., Publication]] = {
    "scheduled": scheduled,
    "held": held,
    "sending": sending_now,
    "sent": sent,
    "failed": failed,
    "unknown": unknown,
    "cancelled": cancelled,
    "withdrawn": taken_down,
}
"""Each state, in its plainest way."""
