"""What accounts announce upward: what happens around signing in, which no saved row tells. Sent inside the transaction
that makes the change, if there is one. Never with what somebody typed: it may be a password."""

from __future__ import annotations

from django.dispatch import Signal

# user, event, details: `event` by the name that the audit trail gives it, `details` words and numbers that are no
# secrets; `user` is None where the account is not known
account_event = Signal()

# rows: how many were encrypted anew, with the first key
keys_rotated = Signal()
