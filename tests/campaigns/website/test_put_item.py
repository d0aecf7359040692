"""What is published on the house's own surfaces stands there once, with a guid for life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.planning.models import Audience, BlogEntry, Event
from campaigns.planning.services import content as contents
from campaigns.planning.services import events
from campaigns.website import items
from campaigns.website.errors import InvalidItem, ItemRefused
from campaigns.website.models import Item, SurfaceVersion
from campaigns.website.page_document import build_page_document
from tests import factories
from tests.campaigns.website.conftest import NINE

Make = Callable[..., Any]
Put = Callable[..., Item]
HOUR = timedelta(hours=1)


def version(surface: str = "blog") -> int:
    return SurfaceVersion.objects.get(surface=surface).number


def test_put_twice_is_one_item(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    first, second = put(content), put(content, at=NINE + HOUR)
    assert first.pk == second.pk
    assert Item.objects.count() == 1
    assert second.updated_at == NINE
    assert version() == 1


def test_second_publication_refreshes_and_keeps_guid_and_date(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    first = put(content, apply_link="https://promenade.example/l/aaa")
    content.title = "A new title"
    content.slug = "a-new-slug"
    content.save()
    second = put(content, key="k2", apply_link="https://promenade.example/l/bbb", at=NINE + HOUR)
    second.refresh_from_db()
    assert (second.pk, second.guid, second.published_at) == (first.pk, first.guid, NINE)
    assert (second.title, second.slug, second.updated_at) == ("A new title", "a-new-slug", NINE + HOUR)
    assert second.apply_link == "https://promenade.example/l/bbb"
    assert items.find_item(key="k2") == second
    assert version() == 2


def test_each_surface_has_its_own_item(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    assert put(content).guid != put(content, surface="bulletin", key="k2").guid
    assert (version("blog"), version("bulletin")) == (1, 1)


def test_withdrawn_and_published_again_keeps_its_guid(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    first = put(content)
    items.withdraw_items(content=content, at=NINE + HOUR)
    assert not Item.objects.live("blog").exists()
    again = put(content, key="k2", at=NINE + 2 * HOUR)
    assert (again.guid, again.published_at) == (first.guid, NINE)
    assert again.updated_at == NINE + 2 * HOUR
    assert Item.objects.live("blog").get() == first
    assert version() == 3


def test_late_retry_does_not_bring_back_what_was_withdrawn(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    item = put(content)
    items.withdraw_item(item=item, at=NINE + HOUR)
    put(content, at=NINE + 2 * HOUR)
    assert not Item.objects.live("blog").exists()
    assert items.find_item(key="k1") == item
    assert version() == 2


def test_unapproved_content_is_refused(make: Make, put: Put) -> None:
    content = factories.withdrawn(make(BlogEntry))
    with pytest.raises(ItemRefused) as refused:
        put(content)
    assert refused.value.code == "not_approved"
    assert not Item.objects.exists()


def test_staff_content_is_refused_on_the_public_website(make: Make, put: Put) -> None:
    content = make(BlogEntry, audience=Audience.STAFF)
    with pytest.raises(ItemRefused) as refused:
        put(content)
    assert refused.value.code == "for_staff"
    assert put(content, surface="bulletin").audience == "staff"


def test_late_retry_shows_nothing_of_an_unapproved_edit(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    put(content)
    content = contents.apply_changes(content, {"title": "Not approved yet"}, by=None)
    assert put(content, at=NINE + HOUR).title == "A title"
    with pytest.raises(ItemRefused):
        put(content, key="k2", at=NINE + HOUR)
    assert Item.objects.get().title == "A title"


def test_public_item_that_becomes_staff_only_is_hidden_under_any_key(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    put(content)
    content.audience = Audience.STAFF
    content.save()
    put(content, key="k2", at=NINE + HOUR)
    assert not Item.objects.live("blog").exists()
    assert version() == 2


def test_key_of_another_content_is_refused(make: Make, put: Put) -> None:
    put(make(BlogEntry))
    with pytest.raises(ItemRefused) as refused:
        put(make(BlogEntry))
    assert refused.value.code == "key_taken"


@pytest.mark.parametrize(
    ("surface", "changes", "field"), [("roof", {}, "surface"), ("blog", {"content_id": 0}, "document")]
)
def test_bad_input_names_the_field(make: Make, put: Put, surface: str, changes: dict[str, Any], field: str) -> None:
    content = make(BlogEntry)
    with pytest.raises(InvalidItem) as invalid:
        put(content, surface=surface, document=replace(build_page_document(content), **changes))
    assert invalid.value.field == field


def test_cancelled_before_it_is_published_stands_as_cancelled(make: Make, put: Put) -> None:
    item = put(events.cancel_event(event=make(Event), by=None))
    assert item.ended == "cancelled"


def test_document_survives_the_database(make: Make, put: Put) -> None:
    content = make(Event, place="The seafront", tags=["pop-up"])
    item = put(content)
    item.refresh_from_db()
    assert item.page_details == build_page_document(content).details
    assert item.ends_at == content.ends_at
