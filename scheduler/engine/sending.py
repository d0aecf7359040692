"""Sending one claimed publication: the attempt is written before the call, the outcome after it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection as database
from django.db import transaction

from campaigns.planning import signals as planning_signals
from campaigns.planning import states
from campaigns.planning.models import Content, ContentState, Pause, Publication, PublicationState, Reason, Remedy
from campaigns.planning.models.reason import cleared_by
from campaigns.planning.services import publications
from scheduler.channels.contract import Adapter, DoesNotFit, NotSent, OutcomeUnknown, Payload, Receipt
from scheduler.connections.models import Connection
from scheduler.connections.services import adapter_of, find_adapter
from scheduler.engine import outcomes, preflight, rate_limit, statements
from scheduler.engine.models import Attempt
from scheduler.engine.outcomes import Outcome
from scheduler.errors import DATA_ERRORS, DATABASE_ERRORS, CannotPreview, NotConnected
from scheduler.installation import restore_detection
from scheduler.leases import database_clock
from scheduler.leases.back_off import back_off
from scheduler.leases.database_clock import boot_seconds
from scheduler.posts import sent_posts, spending, takedown
from scheduler.posts.drafts import compose, fingerprint, link_of

DEADLINE = 20.0
"""Seconds that one call to a channel may take."""
SLACK = 5.0
"""Seconds between the end of a call's deadline and the moment when its worker counts as lost."""
AWAKE = 1.0
"""Seconds that may pass between reading the clock and the call; a process that slept longer must not send."""
RECORD_FOR = 60.0
"""Seconds for which a worker keeps an outcome that the database does not take: nobody else knows it."""
RECORD_AGAIN = 0.5  # seconds
TRIES = 8
CLEARED_BY_APPROVAL = cleared_by(Remedy.APPROVAL)

CLAIMED = statements.PreparedQuery(
    lambda pk, fence: preflight.with_preflight_data(Publication.objects.all()).filter(
        pk=pk, fence=fence, state=PublicationState.SCHEDULED
    )
)

log = structlog.get_logger("promenade.scheduler")


def send_publication(*, publication_id: int, fence: int, worker: str) -> str:
    """Send a claimed publication and record what came of it. Returns its state afterwards.

    A claim that is no longer ours (the fence has moved, the lease is over) changes nothing and returns "stale": the
    same message twice, or one that comes late, is harmless.
    """
    publication = next(iter(CLAIMED.rows(pk=publication_id, fence=fence)), None)
    if publication is None:
        return "stale"
    connection: Connection | None = getattr(publication.channel, "connection", None)
    stop = preflight.check_publication(publication, connection, database_clock.database_now())
    if stop is None:
        assert connection is not None  # noqa: S101 - gates stop what is unconnected
        try:
            adapter = adapter_of(connection)
            link = link_of(publication)
            payload = compose(publication, adapter, link=link)
        except (DoesNotFit, CannotPreview) as error:
            stop = preflight.Blocked(PublicationState.HELD, Reason.DOES_NOT_FIT, str(error), channel_code=error.code)
        except NotConnected as error:
            stop = preflight.Blocked(PublicationState.HELD, Reason(error.code), str(error))
        except DATABASE_ERRORS:
            raise  # the claim's lease ends by itself, and another worker takes over
        except Exception as error:  # it would be claimed again for ever; nothing has been tried yet
            log.exception("cannot compose", publication=publication.pk)
            reason = (
                f"The post could not be created ({type(error).__name__}). Fix the content and have it approved again."
            )
            stop = preflight.Blocked(PublicationState.HELD, Reason.CANNOT_COMPOSE, reason)
    if stop is not None:
        return _stopped(publication, stop, fence)
    assert connection is not None  # noqa: S101 - gates stop what is unconnected
    awake_since = boot_seconds()
    attempt = _begin(publication, connection, payload, link, fence=fence, worker=worker)
    if attempt is None:
        return "stale"
    if isinstance(attempt, preflight.Blocked):
        return _stopped(publication, attempt, fence)
    restore_detection.note_attempt(attempt.pk)
    if boot_seconds() - awake_since > AWAKE:
        overslept = NotSent(
            ("The worker was not running. It will be published immediately."), code="overslept", retry_after=0
        )
        return _keep_recording(attempt, overslept)
    return _keep_recording(attempt, _call(adapter, payload, key=str(publication.key)))


def _stopped(publication: Publication, stop: preflight.Blocked | preflight.Deferred, fence: int) -> str:
    if isinstance(stop, preflight.Deferred):
        won = states.defer_publication(
            publication, until=stop.until, fence=fence, reason=stop.reason, reason_code=stop.code
        )
        log.info("publication put off", publication=publication.pk, until=stop.until, code=stop.code)
        return publication.state if won else "stale"
    with transaction.atomic():
        if stop.code == Reason.PAUSED and not _still_paused(publication):
            return "stale"  # whoever ended the pause has not seen this one
        if stop.code in CLEARED_BY_APPROVAL and not _reads_the_same(publication.content):
            return "stale"  # nor has whoever approved it
        won = states.move_publication(
            publication,
            to=stop.to,
            fence=fence,
            reason=stop.reason,
            reason_code=stop.code,
            channel_code=stop.channel_code,
        )
    log.info("publication stopped", publication=publication.pk, to=stop.to, code=stop.code)
    return publication.state if won else "stale"


def _still_paused(publication: Publication) -> bool:
    """The pause is locked, so that it does not end before this one is held."""
    return bool(Pause.objects.over(publication).select_for_update().values_list("pk"))


def _reads_the_same(content: Content) -> bool:
    """The content is locked, so that it is not approved before this one is held."""
    same = Content.objects.filter(pk=content.pk, revision=content.revision)
    return bool(same.select_for_update().values_list("pk"))


def _begin(
    publication: Publication, connection: Connection, payload: Payload, link: str, *, fence: int, worker: str
) -> Attempt | preflight.Blocked | None:
    """Move to sending and write the attempt, while the claim's lease holds. None when it does not hold any more, when
    a pause or an edit came after the gates (the lease ends by itself, and then the gates are asked again), or when an
    earlier attempt turns out to have been accepted; a stop where it would cost more than it may."""
    now = database_clock.database_now()
    attempt = Attempt(
        publication=publication,
        fence=fence,
        worker=worker,
        kind=connection.kind,
        account=connection.account,
        started_at=now,
        text=payload.text,
        fingerprint=fingerprint(payload.text, link),
        price=payload.price,
    )
    capped = payload.price > 0 and connection.monthly_cap is not None
    with transaction.atomic() if capped or not statements.begins_at_once() else nullcontext():
        if too_dear := spending.cap_refusal(connection, payload.price, now):
            return preflight.Blocked(PublicationState.HELD, Reason.PRICE_CAP, too_dear)
        if statements.begin(publication, attempt, until=now + timedelta(seconds=DEADLINE + SLACK)):
            return attempt
    _sent_before(publication, fence=fence)
    return None


@transaction.atomic
def _sent_before(publication: Publication, *, fence: int) -> None:
    """Where an earlier attempt turns out to have been accepted, that is what was sent."""
    accepted = publication.attempts.filter(outcome=Attempt.Outcome.SENT).first()
    if accepted is None:
        return
    publications.lock_content_of(publication.pk)
    at, receipt = (
        accepted.finished_at or database_clock.database_now(),
        Receipt(accepted.remote_id, accepted.remote_url),
    )
    if states.move_publication(publication, to=PublicationState.SENDING, fence=fence):
        _sent(publication, accepted, receipt, at)


def _call(adapter: Adapter, payload: Payload, *, key: str) -> Outcome:
    try:
        return adapter.send(payload, key=key, timeout=DEADLINE)
    except (NotSent, OutcomeUnknown) as failure:
        return failure
    except Exception as error:  # whatever an adapter failed to name may have happened after the post was accepted
        log.exception("adapter failed without a name", adapter=adapter.kind)
        return OutcomeUnknown(f"Something went wrong while sending ({type(error).__name__}).", code="adapter_error")


def _keep_recording(attempt: Attempt, outcome: Outcome) -> str:
    """Record, and wait for a database that is away or takes no writes; its error is raised when it stays away. What it
    does not hold of an outcome is left out."""
    until, refused = time.monotonic() + RECORD_FOR, False
    while True:
        try:
            return record(attempt, outcome)
        except DATA_ERRORS:
            if refused:
                raise
            log.exception("the database refuses what the channel said: recorded without it", attempt=attempt.pk)
            outcome, refused = outcomes.plain(outcome), True
        except DATABASE_ERRORS:
            if time.monotonic() > until:
                raise
            database.close()
            time.sleep(RECORD_AGAIN)


def record(attempt: Attempt, outcome: Outcome) -> str:
    """Write an attempt's outcome once, and move its publication while it still carries the attempt's fence.

    An answer that comes after the worker was given up is still taken: unknown becomes what it was, and a receipt is
    true whatever read-back has missed.
    """
    with transaction.atomic():
        now = database_clock.database_now()
        publication = _record_sent(attempt, outcome, now) if isinstance(outcome, Receipt) else None
        publication = publication or _record(attempt, outcome, now)
    if publication is None:
        return "stale"
    code = "" if isinstance(outcome, Receipt) else outcome.code
    log.info("publication tried", publication=publication.pk, state=publication.state, code=code)
    return publication.state


def _record_sent(attempt: Attempt, receipt: Receipt, now: datetime) -> Publication | None:
    """The usual end, in few statements; None where it is another."""
    sent = sent_posts.of_attempt(attempt, receipt, now)
    sent.publication_id = attempt.publication_id
    facts = statements.record_sent(attempt, receipt, sent)
    if facts is None:
        return None
    publication = attempt.publication
    publication.state, publication.sent_at, publication.lease_until = PublicationState.SENT, now, None
    sent.publication = publication
    if facts.rests:
        rate_limit.record(publication.channel_id, receipt, now)
    planning_signals.publication_moved.send(
        sender=Publication,
        publication=publication,
        from_state=PublicationState.SENDING,
        to_state=PublicationState.SENT,
        by=None,
        reason="",
        began_at=attempt.started_at,
        webhooks=facts.webhooks,
    )
    if facts.content_state == ContentState.WITHDRAWN:
        takedown.request_if_withdrawn(publication)
    return publication


def _record(attempt: Attempt, outcome: Outcome, now: datetime) -> Publication | None:
    values = {"finished_at": now} | _outcome_columns(outcome)
    known = ["sent"] if isinstance(outcome, Receipt) else ["sent", "not_sent"]
    Attempt.objects.filter(pk=attempt.pk).exclude(outcome__in=known).update(**values)
    publication = (
        Publication.objects.select_for_update(of=("self",))
        .select_related("channel")
        .filter(pk=attempt.publication_id, fence=attempt.fence)
        .filter(state__in=[PublicationState.SENDING, PublicationState.UNKNOWN])
        .first()
    )
    if publication is None:
        return None
    rate_limit.record(publication.channel_id, outcome, now)
    if isinstance(outcome, Receipt):
        _sent(publication, attempt, outcome, now)
    elif isinstance(outcome, OutcomeUnknown):
        record_unknown(publication, outcome, now, began_at=attempt.started_at)
    else:
        _not_sent(publication, attempt, outcome, now)
    return publication


def _outcome_columns(outcome: Outcome) -> dict[str, str]:
    if isinstance(outcome, Receipt):
        return {"outcome": Attempt.Outcome.SENT, "remote_id": outcome.remote_id, "remote_url": outcome.url}
    name = Attempt.Outcome.UNKNOWN if isinstance(outcome, OutcomeUnknown) else Attempt.Outcome.NOT_SENT
    return {"outcome": name, "code": outcome.code, "message": str(outcome)}


def _sent(publication: Publication, attempt: Attempt, receipt: Receipt, at: datetime) -> None:
    sent = sent_posts.of_attempt(attempt, receipt, at)
    states.move_publication(
        publication, to=PublicationState.SENT, fence=publication.fence, sent=sent, began_at=attempt.started_at
    )
    takedown.request_if_withdrawn(publication)


def _not_sent(publication: Publication, attempt: Attempt, failure: NotSent, now: datetime) -> None:
    columns: dict[str, Any] = {"reason": str(failure), "channel_code": failure.code}
    if failure.code == "needs_sign_in":
        Connection.objects.filter(channel_id=publication.channel_id).mark_signed_out(str(failure), now)
        # A late answer finds it unknown: the gates hold it from the schedule.
        late = publication.state == PublicationState.UNKNOWN
        to, columns["due_at"] = PublicationState.SCHEDULED if late else PublicationState.HELD, now
        code = Reason.NEEDS_SIGN_IN
    elif failure.permanent or publication.tries >= TRIES:
        to = PublicationState.FAILED
        code = Reason.REFUSED_BY_CHANNEL if failure.permanent else Reason.TRIED_TOO_OFTEN
    else:
        wait = (
            timedelta(0)
            if failure.code == "overslept"
            else back_off(publication.tries, at_least=failure.retry_after or 0.0)
        )
        to, columns["due_at"], code = PublicationState.SCHEDULED, now + wait, Reason.NOT_TAKEN
    states.move_publication(
        publication, to=to, fence=attempt.fence, began_at=attempt.started_at, reason_code=code, **columns
    )


def record_unknown(
    publication: Publication, failure: OutcomeUnknown, now: datetime, *, began_at: datetime | None
) -> None:
    """From sending to unknown: looked for, or sent again under its key where the channel knows that, once deadline and
    settling are over; otherwise shown to a person. Unknown stays unknown."""
    if publication.state == PublicationState.UNKNOWN:
        return
    connection = Connection.objects.filter(channel_id=publication.channel_id).first()
    adapter = find_adapter(connection)
    abilities = adapter.abilities if adapter else None
    settles = abilities is not None and (abilities.reads_back or abilities.idempotent)
    settling = abilities.settling if abilities else 0.0
    states.move_publication(
        publication,
        to=PublicationState.UNKNOWN,
        fence=publication.fence,
        reason=str(failure),
        reason_code=Reason.NO_ANSWER if settles else Reason.CANNOT_LOOK,
        channel_code=failure.code,
        began_at=began_at,
        due_at=now + timedelta(seconds=settling),
        missed_reads=0,
    )
