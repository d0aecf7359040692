"""What notifications announce upward."""

from __future__ import annotations

from django.dispatch import Signal

# destination: somebody had a test sent there, and it arrived
test_sent = Signal()
