"""How long to wait before a try is repeated."""

from __future__ import annotations

import random
from datetime import timedelta

BACK_OFF_BASE = 5.0  # seconds
BACK_OFF_CAP = 900.0  # seconds


def back_off(tries: int, *, at_least: float = 0.0, base: float | None = None, cap: float | None = None) -> timedelta:
    """Full jitter: anywhere up to base · 2^tries seconds, capped, and never before the channel allows it
    (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015)."""
    longest = _longest(tries, BACK_OFF_BASE if base is None else base, BACK_OFF_CAP if cap is None else cap)
    return timedelta(seconds=at_least + random.uniform(0.5, longest))  # noqa: S311 - no secret


def even_back_off(tries: int, *, base: float, cap: float) -> timedelta:
    """Equal jitter (the same source): half of base · 2^tries seconds, capped, is certain, half is chance. For who must
    be left alone for a while, whatever the chance."""
    longest = _longest(tries, base, cap)
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311 - no secret


def _longest(tries: int, base: float, cap: float) -> float:
    return min(cap, base * 2.0 ** min(tries, 64))
