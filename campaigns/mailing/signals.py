"""What mailing lists announce upward. Sent inside the transaction that makes the change."""

from __future__ import annotations

from django.dispatch import Signal

# subscriber: somebody asked for a list, and a mail must ask them to confirm
confirmation_requested = Signal()
