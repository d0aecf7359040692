"""What other mail servers report back of a mail, days later perhaps: delivered, delayed, or come back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import Message
from typing import Any, Literal

from django.db import transaction

from campaigns.mailing import services as subscriptions
from scheduler.errors import InvalidReport
from scheduler.mail.models import Delivery
from scheduler.mail.queue import without_address

STATUS = re.compile(r"^\s*([245])\.\d{1,3}\.\d{1,3}")
"""RFC 3463."""
MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
State = Delivery.State
HANDED_OVER = frozenset({State.SENDING, State.SENT, State.UNKNOWN, State.BOUNCED})
"""Only these can have come back."""
Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
BY_STATUS: dict[str, Action] = {"5": "failed", "4": "delayed", "2": "delivered"}


@dataclass(frozen=True)
class Report:
    message_id: str
    status: str
    action: str
    """RFC 3464, section 2.3.3."""
    diagnostic: str


def report_of(*, message_id: str, status: str, diagnostic: str = "") -> Report:
    """Raises InvalidReport."""
    found = STATUS.match(status)
    if found is None:
        raise InvalidReport("Enter the status as 3 numbers, for example 5.1.1.", field="status")
    known = message_id.strip()
    known = known if known.startswith("<") else f"<{known}>"
    return Report(known, status.strip(), BY_STATUS[found[1]], diagnostic)


def read_report(raw: str) -> Report:
    """What a delivery status notification (RFC 3464) says of the mail that it came back for. Raises InvalidReport."""
    message = message_from_string(raw, policy=policy.compat32)
    told = next((part for part in message.walk() if part.get_content_type() == "message/delivery-status"), None)
    blocks: Any = told.get_payload() if told is not None else []
    recipient = next((each for each in blocks if isinstance(each, Message) and each["Status"]), None)
    if recipient is None:
        raise InvalidReport("This is not a delivery status notification: it does not name a recipient.", field="raw")
    status, message_id = str(recipient["Status"]), _original_id(message)
    if not message_id:
        raise InvalidReport("The notification does not say which email bounced.", field="raw")
    if STATUS.match(status) is None:
        raise InvalidReport("The notification has no status such as 5.1.1.", field="raw")
    action = str(recipient["Action"] or "").strip().lower() or BY_STATUS[status.strip()[0]]
    return Report(message_id, status.strip(), action, str(recipient["Diagnostic-Code"] or ""))


def _original_id(message: Message) -> str:
    """From the copy of the mail, or of its headers, that comes along."""
    for part in message.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            found = str(payload[0]["Message-ID"] or "")  # type: ignore[index]
        elif kind == "text/rfc822-headers":
            found = str(message_from_string(str(payload))["Message-ID"] or "")
        else:
            continue
        known = MESSAGE_ID.search(found)
        if known:
            return known[0]
    return ""


@transaction.atomic
def record_bounce(report: Report) -> Delivery:
    """Record a report on its delivery. A permanent failure (5.x.x) also takes the address off its list; a mail whose
    outcome was unknown is known from then on. Called twice it changes nothing. Raises Delivery.DoesNotExist."""
    row = (
        Delivery.objects.select_for_update(of=("self",)).select_related("subscriber").get(message_id=report.message_id)
    )
    if row.state not in HANDED_OVER:
        return row
    if report.action == "failed":
        row.state = State.BOUNCED
        if report.status.startswith("5") and row.subscriber is not None:
            subscriptions.mark_bounced(subscriber=row.subscriber)
    elif report.action != "delayed" and row.state == State.UNKNOWN:
        row.state = State.SENT
    address = row.subscriber.address if row.subscriber else ""
    row.code, row.message = report.status[:60], without_address(report.diagnostic, address)
    row.save(update_fields=["state", "code", "message"])
    return row
