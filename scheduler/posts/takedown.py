"""Takes posts of withdrawn content off their channels; where the channel cannot, a person is asked to.

Taking down may be repeated: a post that is gone already counts as taken down, so nothing here needs a fence.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from campaigns.planning import states
from campaigns.planning.models import Content, ContentState, Publication, PublicationState, Reason
from scheduler.channels.contract import NotSent, OutcomeUnknown, Receipt
from scheduler.connections.models import Connection
from scheduler.connections.services import adapter_of, find_adapter
from scheduler.errors import DATABASE_ERRORS, NotConnected
from scheduler.leases import database_clock, row_leases
from scheduler.leases.back_off import back_off
from scheduler.posts import sent_posts
from scheduler.posts.models import Takedown
from scheduler.posts.waiting_takedowns import TAKING_DOWN

TIMEOUT = 20.0  # seconds
TAKING = timedelta(seconds=60)
"""How long one try may take before another worker tries."""
TRIES = 8
NEEDS_SIGN_IN = "needs_sign_in"
STILL_LIVE: dict[str, Any] = {
    "reason_code": Reason.STILL_LIVE,
    "reason": "The content was withdrawn, but the post is still live and we cannot take it down. Take it down on the "
    "channel, or tell readers if you cannot. Then mark it as taken down.",
}

log = structlog.get_logger("promenade.scheduler")


def request_takedown(publication: Publication) -> dict[str, Any]:
    """Put a post that is live on the list. Returns what explains its publication, which stands in `sent`.
    Without a remote id, as after publishing by hand, it is a person's. Called twice it changes nothing.
    Call inside the transaction that makes it so."""
    connection, sent = Connection.objects.filter(channel_id=publication.channel_id).first(), publication.sent_post
    if connection is None or not sent.remote_id or sent_posts.why_elsewhere(sent, connection):
        return STILL_LIVE
    adapter = find_adapter(connection)
    if adapter is None or not adapter.abilities.deletes:
        return STILL_LIVE
    now = database_clock.database_now()
    Takedown.objects.get_or_create(publication=publication, defaults={"requested_at": now, "due_at": now})
    return TAKING_DOWN


def request_if_withdrawn(publication: Publication) -> None:
    """What turns out to be live although its content was withdrawn meanwhile comes down again. Call where a publication
    becomes sent, in its transaction, which has locked the content before the publication: a withdrawal at the same
    moment either waits and finds what is live, or is over and is found here."""
    withdrawn = Content.objects.filter(pk=publication.content_id, state=ContentState.WITHDRAWN)
    if publication.state == PublicationState.SENT and withdrawn.exists():
        states.explain_publication(publication, **request_takedown(publication))


def due(*, limit: int) -> list[int]:
    """Ids of publications to take down now; each is reserved for one worker while it tries. None costs one read."""
    now = database_clock.database_now()
    reserved = row_leases.reserve(Takedown.objects.all(), column="due_at", now=now, lasting=TAKING, limit=limit)
    return list(Takedown.objects.filter(pk__in=reserved).values_list("publication_id", flat=True))


def take_down(*, publication_id: int) -> str:
    """Try once, and record what came of it. Returns the publication's state afterwards."""
    takedown = (
        Takedown.objects.filter(publication_id=publication_id, due_at__isnull=False)
        .select_related("publication__channel__connection", "publication__sent_post")
        .first()
    )
    if takedown is None or takedown.publication.state != PublicationState.SENT:
        Takedown.objects.filter(publication_id=publication_id).update(due_at=None)
        return "stale"
    publication, sent = takedown.publication, takedown.publication.sent_post
    receipt = Receipt(remote_id=sent.remote_id, url=sent.url)
    try:
        connection = getattr(publication.channel, "connection", None)
        if connection is None:
            raise NotConnected("The channel is no longer connected.")
        if elsewhere := sent_posts.why_elsewhere(sent, connection):
            raise NotConnected(elsewhere)
        adapter_of(connection).delete(receipt, timeout=TIMEOUT)
    except NotConnected as error:
        return _hand_to_person(takedown, str(error))
    except NotSent as failure:
        if failure.code == NEEDS_SIGN_IN:
            return _once_signed_in(takedown, str(failure))
        if failure.permanent or takedown.tries + 1 >= TRIES:
            return _hand_to_person(takedown, str(failure))
        return _later(takedown, str(failure), at_least=failure.retry_after or 0.0)
    except OutcomeUnknown as failure:
        if takedown.tries + 1 >= TRIES:
            return _hand_to_person(takedown, str(failure))
        return _later(takedown, str(failure))
    except DATABASE_ERRORS:
        raise
    except Exception as error:  # it would be tried again for ever
        log.exception("cannot take down", publication=publication.pk)
        return _hand_to_person(takedown, f"We could not take it down ({type(error).__name__}).")
    return _taken_down(takedown)


@transaction.atomic
def _taken_down(takedown: Takedown) -> str:
    publication = takedown.publication
    Takedown.objects.filter(pk=takedown.pk).update(due_at=None, tries=F("tries") + 1, message="Taken down.")
    states.move_publication(
        publication,
        to=PublicationState.WITHDRAWN,
        reason="The content was withdrawn, and the post was taken down.",
        reason_code=Reason.CONTENT_WITHDRAWN,
    )
    log.info("publication taken down", publication=publication.pk)
    return publication.state


def _later(takedown: Takedown, why: str, *, at_least: float = 0.0) -> str:
    at = database_clock.database_now() + back_off(takedown.tries + 1, at_least=at_least)
    Takedown.objects.filter(pk=takedown.pk).update(due_at=at, tries=F("tries") + 1, message=why)
    return takedown.publication.state


@transaction.atomic
def _once_signed_in(takedown: Takedown, why: str) -> str:
    """It waits as a person's, who may connect the channel again or take it down where it stands."""
    publication = takedown.publication
    Connection.objects.filter(channel_id=publication.channel_id).mark_signed_out(why, database_clock.database_now())
    Takedown.objects.filter(pk=takedown.pk).update(due_at=None, message=why)
    reason = f"The content was withdrawn, but the post is still live. {why} We will then take it down."
    states.explain_publication(publication, reason_code=Reason.NEEDS_SIGN_IN, reason=reason, channel_code=NEEDS_SIGN_IN)
    return publication.state


@transaction.atomic
def _hand_to_person(takedown: Takedown, why: str) -> str:
    Takedown.objects.filter(pk=takedown.pk).update(due_at=None, tries=F("tries") + 1, message=why)
    columns = STILL_LIVE | {"reason": f"{STILL_LIVE['reason']} {why}"}
    states.explain_publication(takedown.publication, **columns)
    log.warning("publication could not be taken down", publication=takedown.publication_id)
    return takedown.publication.state
