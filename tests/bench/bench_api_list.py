"""A page of the API must not cost more because the house is older: 50 publications from 100,000 against 1,000."""

from __future__ import annotations

from collections.abc import Callable

from django.db.backends.base.base import BaseDatabaseWrapper

from backend.paging import encode_cursor
from campaigns.planning.models import Publication
from tests.bench import harness, house

PATH = "/api/v1/publications"
ROWS = 50
SORT = "-publish_at"
LARGE, SMALL = 100_000, 1_000


@harness.benchmark("api_list", at_most=1.2)
def first_page() -> harness.Measured:
    return _compared(lambda: "")


@harness.benchmark("api_list_middle", at_most=1.2)
def middle_page() -> harness.Measured:
    """The page that follows the cursor half way through."""
    return _compared(_middle)


def _compared(cursor: Callable[[], str]) -> harness.Measured:
    large, small = (_reading(harness.filled(size), cursor) for size in (LARGE, SMALL))
    ratio = harness.ratio_of_medians(large, small, rounds=15, calls=20)
    return ratio.measured(f"{ROWS} of {LARGE:,} rows", f"of {SMALL:,}")


def _reading(wrapper: BaseDatabaseWrapper, cursor: Callable[[], str]) -> Callable[[], None]:
    with harness.on(wrapper):
        client = house.program()
        query = {"limit": str(ROWS), "sort": SORT} | ({"cursor": at} if (at := cursor()) else {})
        found = client.get(PATH, query)
    assert len(found.json().get("items", [])) == ROWS, found.content

    def read() -> None:
        with harness.on(wrapper):
            assert client.get(PATH, query).status_code == 200

    return read


def _middle() -> str:
    rows = Publication.objects.order_by("-publish_at", "-pk")
    at, pk = rows.values_list("publish_at", "pk")[rows.count() // 2]
    return encode_cursor([SORT, at, pk])
