"""What is announced outward: each event is written down for every receiver that wants it, in the transaction of the
change itself. Messages are thin: ids and where to read more, never what a row says about a person.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from campaigns.hiring import signals as hiring_signals
from campaigns.hiring.models import Hire
from campaigns.planning import signals as planning_signals
from campaigns.planning.models import Content, ContentState, Publication, PublicationState
from scheduler import signals
from scheduler.connections.models import Connection
from scheduler.engine.publication_claims import new_key
from scheduler.webhooks.models import EventType, WebhookDelivery, WebhookEndpoint

OF_PUBLICATIONS = {
    PublicationState.SENT: EventType.PUBLICATION_SENT,
    PublicationState.FAILED: EventType.PUBLICATION_FAILED,
    PublicationState.UNKNOWN: EventType.PUBLICATION_UNKNOWN,
    PublicationState.HELD: EventType.PUBLICATION_HELD,
}


def message(event_type: str, data: dict[str, Any], *, resource: str) -> dict[str, Any]:
    """What a receiver gets. `resource` is the path of the row in the API."""
    address = f"{settings.BASE_URL}/api/v1/{resource}"
    return {"type": event_type, "timestamp": timezone.now().isoformat(), "data": {**data, "url": address}}


def announce(event_type: str, data: dict[str, Any], *, resource: str) -> int:
    """Write the event down for every active receiver that wants it. Returns how many there are. Call inside the
    transaction of the change."""
    active = WebhookEndpoint.objects.filter(active=True).order_by("pk")
    wanting = [row for row in active if event_type in row.event_types]
    if not wanting:
        return 0
    now = timezone.now()
    same: dict[str, Any] = {
        "event_id": new_key(now),
        "event_type": event_type,
        "payload": message(event_type, data, resource=resource),
    }
    rows = [WebhookDelivery(endpoint=row, created_at=now, next_try_at=now, **same) for row in wanting]
    WebhookDelivery.objects.bulk_create(rows)
    return len(rows)


def on_publication_moved(publication: Publication, to_state: str, webhooks: bool = True, **_: Any) -> None:
    event_type = OF_PUBLICATIONS.get(PublicationState(to_state))
    if event_type and webhooks:
        ids = {
            "publication_id": publication.pk,
            "content_id": publication.content_id,
            "channel_id": publication.channel_id,
        }
        announce(event_type, ids, resource=f"publications/{publication.pk}")


def on_content_moved(content: Content, from_state: str, to_state: str, **_: Any) -> None:
    """An edit that takes an approval away sends nothing for approval: nobody has asked for one yet."""
    event_type = {
        ContentState.IN_REVIEW: None if from_state == ContentState.APPROVED else EventType.CONTENT_SUBMITTED,
        ContentState.APPROVED: EventType.CONTENT_APPROVED,
    }.get(ContentState(to_state))
    if event_type is not None:
        announce(event_type, {"content_id": content.pk}, resource=f"content/{content.pk}")


def on_hire_recorded(hire: Hire, **_: Any) -> None:
    announce(EventType.HIRE_RECORDED, {"hire_id": hire.pk}, resource=f"hires/{hire.pk}")


def on_connection_expiring(connection: Connection, days: int, **_: Any) -> None:
    ends = connection.expires_at.isoformat() if connection.expires_at else None
    data = {"channel_id": connection.channel_id, "expires_at": ends, "days": days}
    announce(EventType.CONNECTION_EXPIRING, data, resource=f"channels/{connection.channel_id}/connection")


def connect() -> None:
    planning_signals.publication_moved.connect(on_publication_moved, dispatch_uid="outbound.publication")
    planning_signals.content_moved.connect(on_content_moved, dispatch_uid="outbound.content")
    signals.connection_expiring.connect(on_connection_expiring, dispatch_uid="outbound.connection")
    hiring_signals.hire_recorded.connect(on_hire_recorded, dispatch_uid="outbound.hire")
