"""The calendar: one list of events, closing dates and publications, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.planning.calendar import entries as calendar
from campaigns.planning.calendar.entries import Entry, Filters
from tests import factories

EVERYTHING = Filters()


def span(
    *, limit: int = 100, filters: Filters = EVERYTHING, after: Entry | None = None, days: float = 60
) -> list[Entry]:
    start = timezone.now() - timedelta(days=1)
    return calendar.entries(
        start=start,
        end=start + timedelta(days=60),
        filters=filters,
        after=after.position if after else None,
        limit=limit,
    )


@pytest.fixture
def month(db: None) -> None:
    at = factories.in_days(10)
    for _ in range(3):
        factories.event(starts_at=at)
        factories.vacancy(closes_at=at)
        factories.publication(publish_at=at)
    factories.event(starts_at=factories.in_days(200))


def test_all_kinds_stand_in_one_list_by_time(month: None) -> None:
    found = span()

    assert [entry.type for entry in found] == ["closing"] * 3 + ["event"] * 3 + ["publication"] * 3
    assert found == sorted(found, key=lambda entry: entry.position)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8])
def test_pages_of_any_size_show_each_entry_once_even_at_the_same_minute(month: None, size: int) -> None:
    whole, pages, after = span(), [], None
    while page := span(limit=size, after=after):
        pages += page
        after = page[-1]

    assert pages == whole


def test_a_channel_shows_its_publications_only(month: None) -> None:
    publication = factories.publication()

    assert [entry.id for entry in span(filters=Filters(channel_id=publication.channel_id))] == [publication.pk]


def test_a_campaign_shows_what_belongs_to_it(month: None) -> None:
    campaign = factories.campaign()
    vacancy = factories.vacancy(campaign_id=campaign.pk)
    publication = factories.publication(of=vacancy)

    found = span(filters=Filters(campaign_id=campaign.pk))

    assert {(entry.type, entry.id) for entry in found} == {("closing", vacancy.pk), ("publication", publication.pk)}


def test_the_end_of_the_span_is_not_in_it(db: None) -> None:
    event = factories.event()

    assert calendar.entries(start=event.starts_at, end=event.starts_at, filters=EVERYTHING, after=None, limit=10) == []
    assert (
        len(
            calendar.entries(
                start=event.starts_at,
                end=event.starts_at + timedelta(microseconds=1),
                filters=EVERYTHING,
                after=None,
                limit=10,
            )
        )
        == 1
    )


def test_an_event_that_goes_on_at_the_start_of_the_span_is_in_it(db: None) -> None:
    start = factories.in_days(30)
    factories.event(starts_at=start - timedelta(days=3), ends_at=start)
    going_on = factories.event(starts_at=start - timedelta(days=3), ends_at=start + timedelta(days=3))
    inside = factories.event(starts_at=start, ends_at=start)

    found = calendar.entries(start=start, end=start + timedelta(days=1), filters=EVERYTHING)
    following = calendar.entries(
        start=start, end=start + timedelta(days=1), filters=EVERYTHING, after=found[0].position, limit=1
    )

    assert [entry.id for entry in found] == [going_on.pk, inside.pk]
    assert [entry.id for entry in following] == [inside.pk]


def test_a_cancelled_event_is_shown_as_cancelled(db: None) -> None:
    from campaigns.planning.services import events

    events.cancel_event(event=factories.event(), by=None)

    assert [entry.cancelled for entry in span()] == [True]
