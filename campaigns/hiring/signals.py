"""What hiring announces upward. Sent inside the transaction that makes the change, so that a listener's own
writes stand or fall with it; a listener that must wait uses transaction.on_commit.

A row goes with each announcement, and never a copy of what it says about a person."""

from __future__ import annotations

from django.dispatch import Signal

# candidate, from_stage, to_stage, by
candidate_moved = Signal()

# hire, by: recorded for the first time, or again after it was reversed
hire_recorded = Signal()

# hire, from_state, to_state, by
hire_moved = Signal()
