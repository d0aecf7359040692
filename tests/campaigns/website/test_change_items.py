"""Edits, endings and withdrawals reach what stands on a surface, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.planning.models import Audience, BlogEntry, Event, Vacancy
from campaigns.website import items
from campaigns.website.errors import InvalidItem
from campaigns.website.models import Item, SurfaceVersion
from campaigns.website.page_document import build_page_document
from tests.campaigns.website.conftest import NINE

Make = Callable[..., Any]
Put = Callable[..., Item]
HOUR = timedelta(hours=1)


def version(surface: str = "blog") -> int:
    return SurfaceVersion.objects.get(surface=surface).number


def test_edit_moves_updated_and_nothing_else(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    item = put(content)
    content.body = "Hello *again*."
    changed = put(content, at=NINE + HOUR)
    changed.refresh_from_db()
    assert changed.html == "<p>Hello <em>again</em>.</p>"
    assert (changed.guid, changed.published_at, changed.updated_at) == (item.guid, NINE, NINE + HOUR)
    assert version() == 2


def test_same_words_write_nothing(make: Make, put: Put) -> None:
    content = make(Vacancy, tags=["a"], salary_min_pence=1)
    item = put(content)
    content.refresh_from_db()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        put(content, at=NINE + HOUR)
    assert not [one for one in queries if one["sql"].startswith(("UPDATE", "INSERT"))]
    item.refresh_from_db()
    assert item.updated_at == NINE
    assert version() == 1


def test_change_of_audience_hides_it_from_the_public(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    put(content)
    content.audience = Audience.STAFF
    put(content, at=NINE + HOUR)
    assert not Item.objects.live("blog").exists()
    assert version() == 2


def test_withdrawn_item_does_not_change(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    item = put(content)
    items.withdraw_item(item=item, at=NINE + HOUR)
    content.title = "Other"
    assert put(content, at=NINE + 2 * HOUR).title == "A title"
    assert version() == 2


def test_withdrawal_raises_every_surface_once(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    put(content)
    put(content, surface="bulletin", key="k2")
    items.withdraw_items(content=content, at=NINE + HOUR)
    items.withdraw_items(content=content, at=NINE + 2 * HOUR)
    assert {item.withdrawn_at for item in Item.objects.all()} == {NINE + HOUR}
    assert (version("blog"), version("bulletin")) == (2, 2)


def test_takedown_of_one_surface_leaves_the_other(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    item = put(content)
    put(content, surface="bulletin", key="k2")
    items.withdraw_item(item=item, at=NINE + HOUR)
    items.withdraw_item(item=item, at=NINE + 2 * HOUR)
    item.refresh_from_db()
    assert item.withdrawn_at == NINE + HOUR
    assert Item.objects.live("bulletin").count() == 1
    assert (version("blog"), version("bulletin")) == (2, 1)


@pytest.mark.parametrize("how", ["cancelled", "filled", "closed"])
def test_ending_is_shown_and_stays_through_an_older_document(make: Make, put: Put, how: str) -> None:
    content = make(Event)
    item = put(content)
    older = build_page_document(content)
    items.end_items(content=content, how=how, at=NINE + HOUR)
    items.end_items(content=content, how=how, at=NINE + 2 * HOUR)
    item = put(content, document=older, at=NINE + 3 * HOUR)
    assert (item.ended, item.updated_at) == (how, NINE + HOUR)
    assert not Item.objects.live("blog").not_ended(NINE).exists()
    assert version() == 2


def test_unknown_ending_is_refused(make: Make, put: Put) -> None:
    content = make(Event)
    with pytest.raises(InvalidItem):
        items.end_items(content=content, how="exploded", at=NINE)


def test_ending_of_a_withdrawn_item_changes_nothing_that_can_be_read(make: Make, put: Put) -> None:
    content = make(Event)
    put(content)
    items.withdraw_items(content=content, at=NINE + HOUR)
    items.end_items(content=content, how="cancelled", at=NINE + 2 * HOUR)
    assert Item.objects.get().ended == "cancelled"
    assert version() == 2
