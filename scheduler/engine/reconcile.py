"""Finding out what cannot be known: lost workers, and read-back of unknown outcomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, QuerySet

from campaigns.planning import states
from campaigns.planning.models import ContentState, Publication, PublicationState, Reason
from campaigns.planning.services import publications
from scheduler.channels import registry
from scheduler.channels.contract import TOO_MANY_POSTS, CannotRead, OutcomeUnknown, Receipt
from scheduler.connections.models import Connection
from scheduler.connections.services import adapter_of
from scheduler.engine import outcomes, preflight
from scheduler.engine.models import Attempt
from scheduler.engine.publication_claims import LEASE
from scheduler.engine.sending import DEADLINE, SLACK, TRIES, record_unknown
from scheduler.errors import DATA_ERRORS, DATABASE_ERRORS, NotConnected
from scheduler.leases import database_clock, row_leases
from scheduler.leases.back_off import BACK_OFF_CAP, back_off
from scheduler.posts import sent_posts, takedown
from scheduler.posts.drafts import link_of

LOOKING = timedelta(seconds=30)
"""How long one look may take before another worker looks again."""
BETWEEN_LOOKS = timedelta(seconds=5)
ABSENCES = 2
"""How often in a row read-back must miss a post before it counts as never published."""
READ_BACK = "read_back"
"""The code of an attempt of which read-back has told."""

log = structlog.get_logger("promenade.scheduler")


def give_up_lost_workers() -> int:
    """Whatever stands in sending past its lease lost its worker: its outcome is unknown. Returns how many. None lost
    costs one read and no lock."""
    count = 0
    lost = Publication.objects.filter(state=PublicationState.SENDING, lease_until__lt=database_clock.database_now())
    if not lost.exists():
        return 0
    with transaction.atomic():
        now = database_clock.database_now()
        for publication in lost.select_for_update(skip_locked=True):
            failure = OutcomeUnknown("The worker stopped while sending.", code="worker_lost")
            begun = publication.attempts.filter(fence=publication.fence)
            began_at = begun.values_list("started_at", flat=True).first()
            begun.filter(outcome="").update(
                outcome=Attempt.Outcome.UNKNOWN, code=failure.code, message=str(failure), finished_at=now
            )
            record_unknown(publication, failure, now, began_at=began_at)
            count += 1
    return count


def certainly_over() -> timedelta:
    """After this long every call that is under way now is over, and its post can be read back, on any channel."""
    settling = max(adapter.abilities.settling for adapter in registry.adapter_classes().values())
    return timedelta(seconds=DEADLINE + SLACK + settling)


def mend_times() -> int:
    """Bring near what lies further ahead than the engine ever plans: it was written before the clock was set back.
    Nothing is tried earlier than a call that may be under way lasts. Returns how many rows were mended."""
    now = database_clock.database_now()
    sending, looking = timedelta(seconds=DEADLINE + SLACK), certainly_over()
    latest_look = max(looking, LOOKING, timedelta(seconds=BACK_OFF_CAP) + BETWEEN_LOOKS)
    ahead = timedelta(seconds=1)  # another worker may have written a moment after `now`
    rows = Publication.objects
    return (
        rows.filter(state=PublicationState.SCHEDULED, lease_until__gt=now + LEASE + ahead).update(
            lease_until=now + LEASE
        )
        + rows.filter(state=PublicationState.SENDING, lease_until__gt=now + sending + ahead).update(
            lease_until=now + sending
        )
        + rows.looked_for().filter(due_at__gt=now + latest_look + ahead).update(due_at=now + looking)
        + Connection.objects.filter(tokens_at__gt=now + ahead).update(tokens_at=now)
    )


def claim_due_reads(*, limit: int) -> list[int]:
    """Ids of unknown publications to look for now; each is reserved for one worker while it looks. None costs one read
    and no lock."""
    return row_leases.reserve(
        Publication.objects.looked_for(),
        column="due_at",
        now=database_clock.database_now(),
        lasting=LOOKING,
        limit=limit,
    )


def read_back(*, publication_id: int) -> str:
    """Read one unknown publication back from its channel and act on the answer. Returns its state afterwards.

    Found: sent. Missing twice in a row: scheduled again, with the same key. No answer: looked for again later.
    """
    publication = Publication.objects.with_content().filter(pk=publication_id, state=PublicationState.UNKNOWN).first()
    if publication is None:
        return "stale"
    connection = Connection.objects.filter(channel_id=publication.channel_id).first()
    try:
        if connection is None:
            raise NotConnected("The channel is no longer connected.")
        if elsewhere := sent_posts.why_elsewhere(publication.attempts.maybe_live().last(), connection):
            return _ask_a_person(publication, f"{elsewhere} Check the channel, then say whether it is there.")
        adapter = adapter_of(connection)
        if adapter.abilities.idempotent and not adapter.abilities.reads_back:
            return _sent_again_to_find_out(publication, connection)
        found = adapter.find(key=str(publication.key or ""), link=link_of(publication), timeout=DEADLINE)
    except (CannotRead, NotConnected) as error:
        if error.code == TOO_MANY_POSTS:  # there will be more of them, and never fewer
            return _ask_a_person(publication, str(error), channel_code=error.code)
        return _look_again(publication, error)
    except DATABASE_ERRORS:
        raise
    except Exception as error:  # it would be looked for again for ever
        log.exception("cannot look", publication=publication.pk)
        why = (
            f"We could not check the channel ({type(error).__name__}). Check the channel, then say whether it is there."
        )
        return _ask_a_person(publication, why)
    return _found(publication, connection, found) if found else _missing(publication)


def _found(publication: Publication, connection: Connection, receipt: Receipt) -> str:
    try:
        return _record_found(publication, connection, receipt)
    except DATA_ERRORS:
        log.exception("the database refuses what the channel said: recorded without it", publication=publication.pk)
        publication.refresh_from_db()
        return _record_found(publication, connection, outcomes.plain_receipt(receipt))


def _record_found(publication: Publication, connection: Connection, receipt: Receipt) -> str:
    with transaction.atomic():
        publications.lock_content_of(publication.pk)
        states.move_publication(
            publication,
            to=PublicationState.SENT,
            fence=publication.fence,
            sent=sent_posts.from_read_back(publication, connection, receipt, database_clock.database_now()),
            reason="Found on the channel afterwards.",
            reason_code=Reason.READ_BACK,
        )
        takedown.request_if_withdrawn(publication)
    log.info("publication found", publication=publication.pk)
    return publication.state


def _missing(publication: Publication) -> str:
    if publication.missed_reads + 1 < ABSENCES:
        with transaction.atomic():
            again = database_clock.database_now() + BETWEEN_LOOKS
            _still_unknown(publication).update(missed_reads=F("missed_reads") + 1, due_at=again)
        return publication.state
    return _certainly_missing(publication)


@transaction.atomic
def _certainly_missing(publication: Publication) -> str:
    state = _send_again(publication, "It is not on the channel, so we are sending it again.", Reason.NOT_FOUND)
    if state != PublicationState.UNKNOWN:  # or somebody else knew more
        publication.attempts.filter(outcome=Attempt.Outcome.UNKNOWN).update(
            outcome=Attempt.Outcome.NOT_SENT, code=READ_BACK, message="It is not on the channel."
        )
    return state


def _sent_again_to_find_out(publication: Publication, connection: Connection) -> str:
    """Unless nobody wants it any more: it may be live, and what is cancelled would be forgotten."""
    if publication.tries >= TRIES:
        why = f"We tried {publication.tries} times without a reply. Check the channel, then say whether it is there."
        return _ask_a_person(publication, why)
    stop = preflight.check_publication(publication, connection, database_clock.database_now())
    unwanted = publication.content.state != ContentState.APPROVED
    if isinstance(stop, preflight.Blocked) and (unwanted or stop.to == PublicationState.CANCELLED):
        why = f"{stop.reason} It may already be live. Check the channel, then say whether it is there."
        return _ask_a_person(publication, why)
    reason = "The channel accepts the same post only once, so we are sending it again with the same key."
    return _send_again(publication, reason, Reason.SENT_AGAIN)


@transaction.atomic
def _send_again(publication: Publication, reason: str, code: Reason) -> str:
    columns: dict[str, Any] = {
        "to": PublicationState.SCHEDULED,
        "due_at": database_clock.database_now()
        + (back_off(publication.tries) if publication.tries > 1 else timedelta(0)),
        "missed_reads": 0,
        "reason": reason,
    }
    if publication.tries >= TRIES:
        reason = f"We tried {publication.tries} times and it is not on the channel."
        code, columns = Reason.TRIED_TOO_OFTEN, {"to": PublicationState.FAILED, "reason": reason}
    states.move_publication(publication, fence=publication.fence, reason_code=code, **columns)
    log.info("publication missing", publication=publication.pk, state=publication.state)
    return publication.state


def _look_again(publication: Publication, error: CannotRead | NotConnected) -> str:
    with transaction.atomic():
        waited = database_clock.database_now() + back_off(
            min(publication.tries + 2, 8), at_least=BETWEEN_LOOKS.total_seconds()
        )
        states.explain_publication(
            publication,
            fence=publication.fence,
            reason_code=Reason.CANNOT_READ,
            reason=str(error),
            channel_code=error.code,
            due_at=waited,
            missed_reads=0,
        )
    return publication.state


def _ask_a_person(publication: Publication, reason: str, *, channel_code: str = "") -> str:
    states.explain_publication(
        publication,
        fence=publication.fence,
        reason_code=Reason.CANNOT_LOOK,
        reason=reason,
        channel_code=channel_code,
    )
    return publication.state


def _still_unknown(publication: Publication) -> QuerySet[Publication]:
    return Publication.objects.filter(pk=publication.pk, state=PublicationState.UNKNOWN, fence=publication.fence)
