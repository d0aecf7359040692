"""What is true of every publication, whatever has happened to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from campaigns.planning.models import ContentState, Publication
from scheduler.engine import publication_claims, sending
from scheduler.engine.models import Attempt
from scheduler.posts.models import Takedown

FINAL = ("sent", "cancelled", "withdrawn")
LONGEST_WAIT = timedelta(hours=1)
"""Nothing that the engine itself puts off waits longer: back-off and breaker end at 15 minutes."""


class Broken(BaseException):
    """A rule does not hold. No `except Exception` of the engine may take this for a fault of a channel."""


def must(holds: object, rule: str) -> None:
    if not holds:
        raise (AssertionError if threading.current_thread() is threading.main_thread() else Broken)(rule)


def tells_the_truth(row: Publication, *, live: bool, answered: Callable[[Publication], bool]) -> None:
    if row.state == "sent":
        must(live, "It stands as sent and is not live.")
        sent = row.sent_post
        must(sent.at == row.sent_at, "It went out at two times.")
        must(sent.remote_id or sent.published_manually, "Nobody knows which post it is.")
        gone = row.content.state == ContentState.WITHDRAWN
        coming_down = Takedown.objects.filter(publication=row, due_at__isnull=False).exists()
        must(not gone or row.needs_person or coming_down, "Nobody takes down what was withdrawn.")
    elif row.state in ("scheduled", "held", "failed"):
        must(not live or answered(row), f"It is live, and stands as {row.state}.")


def goes_on_from(row: Publication, before: Publication) -> None:
    must(row.fence >= before.fence, "A fence fell.")
    must(row.state == before.state or before.state not in ("cancelled", "withdrawn"), "What had ended went on.")
    must(before.state != "sent" or row.state in ("sent", "withdrawn"), "What was sent went back.")
    again = row.state == "scheduled" and before.state in ("sending", "unknown")
    # A sign-in that has ended is nobody's failed try: it is held for that, however often it was tried.
    fair = row.tries in range(sending.TRIES) or row.reason_code == "needs_sign_in"
    must(not again or fair, "It is tried for ever.")
    must(row.key == before.key or before.key is None, "The key changed.")


def is_looked_at_again(row: Publication) -> bool:
    """By the engine within its longest wait, or by a person, who is told why."""
    now = timezone.now()
    soon = now + LONGEST_WAIT
    leased = row.lease_until is not None
    if row.state == "scheduled":
        return row.due_at <= max(row.publish_at, soon) and (
            not leased or row.lease_until <= now + publication_claims.LEASE
        )
    if row.state == "sending":
        return leased and row.lease_until <= soon
    if row.state == "unknown":
        return not leased and (row.needs_person or row.due_at <= soon)
    told = bool(row.reason and row.reason_code)
    return row.state in FINAL or (told and not leased and (row.state == "held" or row.needs_person))


def outcomes_are_written_once(written: dict[int, str], rows: dict[int, Publication]) -> None:
    now = {attempt.pk: attempt for attempt in Attempt.objects.filter(publication__in=rows)}
    for pk, outcome in written.items():
        must(pk in now, "An attempt is gone.")
        must(now[pk].outcome == outcome or outcome in ("", "unknown"), "What was known of an attempt changed.")
    for attempt in now.values():
        row = rows[attempt.publication_id]
        must(attempt.outcome or (row.state, row.fence) == ("sending", attempt.fence), "An attempt has no end.")
    # What read-back has missed may still turn out to have been accepted.
    written.update({pk: "" if attempt.code == "read_back" else attempt.outcome for pk, attempt in now.items()})


def asks_somebody(row: Publication) -> bool:
    return row.state in ("held", "failed") or row.needs_person
