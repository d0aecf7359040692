"""A month of the calendar must not cost more because of all the other months: 100,000 publications against 1,000."""

from __future__ import annotations

from collections.abc import Callable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from tests.bench import fill, harness, house

PATH = "/api/v1/calendar"
LARGE, SMALL = 100_000, 1_000
ALIKE = 0.05
"""By how much the two months may differ in their number of entries."""


@harness.benchmark("calendar_month", at_most=1.2)
def month() -> harness.Measured:
    (large, many), (small, few) = (_reading(harness.filled(size)) for size in (LARGE, SMALL))
    assert abs(many - few) <= ALIKE * few, f"a month of {many} entries cannot be compared with one of {few}"
    ratio = harness.ratio_of_medians(large, small, rounds=15, calls=10)
    return ratio.measured(f"a month of {many} entries among {LARGE:,}", f"of {few} among {SMALL:,}")


def _reading(wrapper: BaseDatabaseWrapper) -> tuple[Callable[[], None], int]:
    """What reads the current month, and how many entries it has."""
    start, end = fill.month_of(timezone.now())
    query = {"from": start.isoformat(), "to": end.isoformat(), "limit": "2000"}
    with harness.on(wrapper):
        client = house.program()
        found = client.get(PATH, query)
    assert found.status_code == 200, found.content

    def read() -> None:
        with harness.on(wrapper):
            assert client.get(PATH, query).status_code == 200

    return read, len(found.json()["items"])
