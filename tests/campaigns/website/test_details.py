"""Times in the words of pages, feeds and the console: on the house's own clock, whoever reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone

from campaigns.website import details as facts

LATE = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


def test_moment_is_the_same_for_a_reader_in_another_zone() -> None:
    with timezone.override("Asia/Kolkata"):
        assert facts.moment(LATE) == "Wednesday 1 July 2026, 23:30"
        assert facts.span(LATE.replace(hour=18, minute=0), LATE) == "Wednesday 1 July 2026, 19:00 to 23:30"
