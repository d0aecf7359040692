"""What the scheduler announces upward."""

from __future__ import annotations

from django.dispatch import Signal

# connection, days: its sign-in ends in so many days. Sent in the transaction that notes the warning, once each at 14,
# 7 and 1 days.
connection_expiring = Signal()

# delivery, event: somebody has a message sent to a receiver, a test or one of before
message_requested = Signal()
