"""What an item keeps of its kind comes back as it was; anything else is refused in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from campaigns.bulletins.models import Bulletin
from campaigns.planning.models import BlogEntry, Content, Event, Vacancy
from campaigns.website import details, page_details
from campaigns.website.errors import UnreadableDetails
from campaigns.website.models import Item
from campaigns.website.page_details import BulletinDetails, EventDetails
from campaigns.website.page_document import build_page_document

Make = Callable[..., Any]
Put = Callable[..., Item]
EVENT = EventDetails(
    event_kind="pop_up",
    kind_label="Pop-up",
    place="The\x0b seafront",
    online_url="",
    starts_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    ends_at=datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=UTC),
    capacity=None,
    host_team="Coral Ward",
    childcare_offered=False,
)
KEPT = {
    "event_kind": "pop_up",
    "kind_label": "Pop-up",
    "place": "The seafront",
    "online_url": "",
    "starts_at": "2026-03-02T09:00:00+00:00",
    "ends_at": "2026-03-02T12:00:00.000005+00:00",
    "capacity": None,
    "host_team": "Coral Ward",
    "childcare_offered": False,
}


def test_it_is_kept_in_a_form_that_sorts_and_holds_nothing_that_xml_forbids() -> None:
    assert page_details.to_json(EVENT) == KEPT
    assert page_details.to_json(
        BulletinDetails(period_start=date(2026, 3, 1), period_end=date(2026, 3, 31), spotlights=("Coral",))
    ) == {"period_start": "2026-03-01", "period_end": "2026-03-31", "spotlights": ["Coral"]}


@pytest.mark.parametrize(
    ("kind", "given"),
    [(BlogEntry, {}), (Bulletin, {}), (Event, {"capacity": 4}), (Vacancy, {"hours_per_week": Decimal("40.00")})],
)
def test_each_kind_comes_back_as_it_was(make: Make, kind: type[Content], given: dict[str, Any]) -> None:
    document = build_page_document(make(kind, **given))
    kept = json.dumps(page_details.to_json(document.details))
    assert page_details.from_json(document.kind, json.loads(kept)) == document.details


@pytest.mark.parametrize(
    ("kind", "kept", "told"),
    [
        ("event", {name: value for name, value in KEPT.items() if name != "place"}, "place"),
        ("event", KEPT | {"starts_at": "soon"}, "starts_at"),
        ("event", KEPT | {"starts_at": "2026-03-02T09:00:00"}, "starts_at"),
        ("event", KEPT | {"capacity": "many"}, "capacity"),
        ("event", KEPT | {"colour": "green"}, "colour"),
        ("bulletin", KEPT, "period_start"),
        ("blog_entry", KEPT, "place"),
        ("event", [], "event"),
        ("event", None, "event"),
        ("poster", {}, "poster"),
    ],
)
def test_what_was_never_written_is_one_clear_error(kind: str, kept: Any, told: str) -> None:
    with pytest.raises(UnreadableDetails, match=told):
        page_details.from_json(kind, kept)


def test_an_item_says_so_wherever_it_is_read(make: Make, put: Put) -> None:
    item = put(make(Event))
    Item.objects.filter(pk=item.pk).update(details={"starts_at": 3})
    item.refresh_from_db()
    with pytest.raises(UnreadableDetails):
        details.details_of(item)
