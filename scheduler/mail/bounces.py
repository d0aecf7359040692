"""What other mail servers report back of a mail, days later perhaps: delivered, delayed, or come back."""

from __future__ import annotations

from django.db import transaction

from campaigns.mailing import services as subscriptions
from scheduler.mail.delivery_report import Report
from scheduler.mail.models import Delivery
from scheduler.mail.queue import without_address

State = Delivery.State
HANDED_OVER = frozenset({State.SENDING, State.SENT, State.UNKNOWN, State.BOUNCED})
"""Only these can have come back."""


@transaction.atomic
def record_bounce(report: Report) -> Delivery:
    """Record a report on its delivery. A permanent failure (5.x.x) also takes the address off its list; a mail whose
    outcome was unknown is known from then on. Called twice it changes nothing. Raises Delivery.DoesNotExist."""
    row = _delivery(report)
    if row.state not in HANDED_OVER:
        return row
    if report.action == "failed":
        row.state = State.BOUNCED
        if report.status.startswith("5") and row.subscriber is not None:
            subscriptions.mark_bounced(subscriber=row.subscriber)
    elif report.action != "delayed" and row.state == State.UNKNOWN:
        row.state = State.SENT
    address = row.subscriber.address if row.subscriber else ""
    row.code, row.message = report.status or report.action, without_address(report.diagnostic, address)
    row.save(update_fields=["state", "code", "message"])
    return row


def _delivery(report: Report) -> Delivery:
    """The first of the mails that the report may mean, locked. Raises Delivery.DoesNotExist."""
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("subscriber").order_by("pk")
    known = {row.message_id: row for row in rows.filter(message_id__in=report.message_ids)}
    named = next((message_id for message_id in report.message_ids if message_id in known), None)
    if named is None:
        raise Delivery.DoesNotExist
    return known[named]
