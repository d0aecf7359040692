from __future__ import annotations

from django.db import models


class PublicationState(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Outcome unknown"
    FAILED = "failed", "Failed"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled"
    WITHDRAWN = "withdrawn", "Withdrawn"


WAITING = (PublicationState.SCHEDULED, PublicationState.HELD)
"""Not gone out yet, and still meant to."""
STILL_TO_GO = (*WAITING, PublicationState.FAILED)
"""What goes out, or may go out, as it stands now; of all others, what went out is told."""
