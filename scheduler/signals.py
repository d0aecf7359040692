"""What the scheduler announces upward."""

from __future__ import annotations

from django.dispatch import Signal

# now: once an hour in every worker, for chores of the rooms above. A receiver does what it can be stopped in, and is
# safe when several workers do it at one moment.
hourly = Signal()
