"""What went out, for its one row, however we came to know of it; and whether its channel leads elsewhere since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from campaigns.planning.models import Publication, PublicationState, SentPost
from scheduler.channels import registry
from scheduler.channels.contract import DoesNotFit, Receipt
from scheduler.connections.models import Connection
from scheduler.connections.services import adapter_of
from scheduler.engine.models import Attempt
from scheduler.errors import NotConnected
from scheduler.posts import drafts


def of_attempt(attempt: Attempt, receipt: Receipt, at: datetime) -> SentPost:
    """What a try has sent, as the channel has answered."""
    return SentPost(**_facts(attempt), remote_id=receipt.remote_id, url=receipt.url, at=at)


def from_read_back(publication: Publication, connection: Connection, receipt: Receipt, now: datetime) -> SentPost:
    """What read-back has found: sent by the last try, or by one that a backup does not hold."""
    last = publication.attempts.last()
    if last is not None:
        return of_attempt(last, receipt, last.started_at)
    return SentPost(**_as_worded(publication, connection), remote_id=receipt.remote_id, url=receipt.url, at=now)


def details_of_manual_post(publication: Publication) -> dict[str, Any]:
    """What is known of a post that a person put up or found: by the last try where it was found live, otherwise as it
    is worded now."""
    tries = publication.attempts.maybe_live()
    if publication.state != PublicationState.UNKNOWN:
        tries = tries.filter(outcome=Attempt.Outcome.SENT)
    last = tries.last()
    if last is not None:
        return _facts(last)
    return _as_worded(publication, Connection.objects.filter(channel_id=publication.channel_id).first())


def _facts(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in ("kind", "account", "text", "fingerprint", "price")}


def _as_worded(publication: Publication, connection: Connection | None) -> dict[str, Any]:
    link = drafts.link_of(publication)
    text = publication.wording.strip() or drafts.default_wording(publication.content)
    try:
        adapter = adapter_of(connection) if connection else None
        text = drafts.compose_text(publication, adapter, link=link).text if adapter else text
    except (NotConnected, DoesNotFit):
        pass  # a person has posted it all the same
    return {
        "kind": connection.kind if connection else "",
        "account": connection.account if connection else "",
        "text": text,
        "fingerprint": drafts.fingerprint(text, link),
    }


def why_elsewhere(sent: SentPost | Attempt | None, connection: Connection) -> str:
    """A sentence where this connection leads to another kind of channel than it went to, or to another account; nothing
    where it leads there, or nobody knows."""
    if sent is None or not sent.kind:
        return ""
    if sent.kind != connection.kind:
        before, now = (registry.label_of(each) for each in (sent.kind, connection.kind))
        return f"It was published on {before}, and the channel is now connected to {now}."
    if sent.account and connection.account and sent.account != connection.account:
        return f"It was published as {sent.account}, and the channel is now connected as {connection.account}."
    return ""
