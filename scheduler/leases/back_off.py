"""How long to wait before a try is repeated."""

from __future__ import annotations

import random
from datetime import timedelta

BACK_OFF_BASE = 5.0  # seconds
BACK_OFF_CAP = 900.0  # seconds


def back_off(tries: int, *, at_least: float = 0.0) -> timedelta:
    """Full jitter: anywhere up to base · 2^tries, capped, and never before the channel allows it
    (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015)."""
    spread = random.uniform(0.5, min(BACK_OFF_CAP, BACK_OFF_BASE * 2**tries))  # noqa: S311 - no secret
    return timedelta(seconds=at_least + spread)
