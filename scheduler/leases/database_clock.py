"""The engine's clocks: leases by the database's, sleep detection by one that runs on while the process is stopped."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.utils import timezone

JUMP = 1.0
"""Seconds between two looks by which a clock that is only being corrected never differs."""

log = structlog.get_logger("promenade.scheduler")


def database_now() -> datetime:
    """The database's time, so that workers on several hosts agree; SQLite's host is our own."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    now: datetime = row[0]
    return now


def boot_seconds() -> float:
    """Seconds that also pass while this process, or the whole machine, is asleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ClockWatch:
    """Notices that the database's clock was set, by one that only ever runs on: a lease that such a jump ended says
    nothing about the call that it stands for."""

    def __init__(self) -> None:
        self.ahead: float | None = None
        self.set_at = float("-inf")

    def steady_for(self, time_span: timedelta) -> bool:
        """The clock has not been set for so long, as far as this watch has looked. False when it cannot tell."""
        before = boot_seconds()
        now = database_now().timestamp()
        read_at = boot_seconds()
        if read_at - before > JUMP:
            return False
        ahead, self.ahead = self.ahead, now - read_at
        if ahead is not None and abs(self.ahead - ahead) > JUMP:
            self.set_at = read_at
            log.warning("the clock was set; what is being sent gets its whole time", by=round(self.ahead - ahead))
        return read_at - self.set_at > time_span.total_seconds()
