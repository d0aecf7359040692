"""Whether the time of a content has ended has one answer and one sentence, of whichever row it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Content, Event, Publication, Recurrence, Vacancy
from campaigns.planning.services import events, vacancies, waiting_publications
from campaigns.website import items, page_document
from campaigns.website.models import Item
from tests import factories

Clock = time_machine.Traveller
HOUR = timedelta(hours=1)


def _vacancy(**fields: Any) -> Vacancy:
    return factories.approved_vacancy(closes_at=timezone.now() + HOUR, **fields)


def _event(**fields: Any) -> Event:
    return factories.approved_event(starts_at=timezone.now(), ends_at=timezone.now() + HOUR, **fields)


def _filled() -> Content:
    return vacancies.end_vacancy(vacancy=_vacancy(), status="filled", by=None)


def _closed_early() -> Content:
    return vacancies.end_vacancy(vacancy=_vacancy(), status="withdrawn", by=None)


def _cancelled() -> Content:
    return events.cancel_event(event=_event(), by=None)


EARLY: list[tuple[Callable[[], Content], str]] = [
    (_filled, "This job has been filled."),
    (_closed_early, "This job closed early."),
    (_cancelled, "This event is cancelled."),
]
BY_THE_CLOCK: list[tuple[Callable[[], Content], str]] = [
    (_vacancy, "This job has closed."),
    (_event, "This event is over."),
]
ENDLESS = [factories.approved_blog_entry, factories.approved_bulletin]


def answers(row: Content) -> set[str]:
    """What the row of the kind, the shared row and the item on our own page say now."""
    now = timezone.now()
    row.refresh_from_db()
    shared, shown = Content.objects.get(pk=row.pk), items.build_item(page_document.build_page_document(row), at=now)
    return {each.ending().words(now) for each in (row, shared, shown)}


def chosen(row: Content) -> set[bool]:
    """Whether the queries of each kind of row choose it as ended, and the contrary as not ended."""
    now = timezone.now()
    found = {
        Publication.objects.of_ended_content(now).filter(content_id=row.pk).exists(),
        Recurrence.objects.of_ended_content(now).filter(content_id=row.pk).exists(),
        Item.objects.ended(now).filter(content_id=row.pk).exists(),
        not Item.objects.not_ended(now).filter(content_id=row.pk).exists(),
    }
    if isinstance(row, (Vacancy, Event)):
        rows = type(row).objects
        found |= {rows.ended(now).filter(pk=row.pk).exists(), not rows.not_ended(now).filter(pk=row.pk).exists()}
    return found


def on_show(row: Content) -> Content:
    """With a waiting publication, a recurrence and an item, made while it was on."""
    factories.publication(of=row, publish_at=timezone.now() + HOUR / 2)
    factories.recurrence(of=row, rule="FREQ=HOURLY;COUNT=2;BYMINUTE=30", starts_at=timezone.now())
    surface = "bulletin" if row.audience == "staff" else "blog"
    document = page_document.build_page_document(row)
    items.put_item(surface=surface, key="1", document=document, apply_link="", at=timezone.now())
    return row


@pytest.mark.parametrize(("make", "words"), BY_THE_CLOCK)
def test_it_ends_by_the_clock_at_its_own_moment(
    clock: Clock, db: None, make: Callable[..., Content], words: str
) -> None:
    row = on_show(make())
    clock.shift(HOUR - timedelta(seconds=1))
    assert (answers(row), chosen(row)) == ({""}, {False})

    clock.shift(timedelta(seconds=1))

    assert (answers(row), chosen(row)) == ({words}, {True})


@pytest.mark.parametrize(("make", "words"), EARLY)
def test_it_ends_before_that_when_somebody_ends_it(
    clock: Clock, db: None, make: Callable[[], Content], words: str
) -> None:
    row = make()
    assert answers(row) == {words}

    clock.shift(2 * HOUR)

    assert answers(row) == {words}  # how it ended stays what is said


@pytest.mark.parametrize("make", ENDLESS)
def test_what_has_no_end_never_ends(clock: Clock, db: None, make: Callable[[], Content]) -> None:
    row = on_show(make())
    clock.shift(timedelta(days=20))

    assert (answers(row), chosen(row)) == ({""}, {False})


@pytest.mark.parametrize(("make", "words"), EARLY)
def test_an_early_end_is_chosen_as_an_end(clock: Clock, db: None, make: Callable[[], Content], words: str) -> None:
    row: Any = make()

    assert type(row).objects.ended(timezone.now()).get() == row
    assert not type(row).objects.not_ended(timezone.now()).exists()


@pytest.mark.parametrize(("make", "words"), EARLY)
def test_nothing_is_scheduled_after_an_early_end(
    clock: Clock, db: None, make: Callable[[], Content], words: str
) -> None:
    row = make()

    with pytest.raises(InvalidPlan, match=words):
        factories.publication(of=row, publish_at=timezone.now() + HOUR / 2)


@pytest.mark.parametrize(("make", "words"), BY_THE_CLOCK)
def test_what_waits_is_cancelled_with_the_same_sentence(
    clock: Clock, db: None, make: Callable[[], Content], words: str
) -> None:
    row = make()
    publication = factories.publication(of=row, publish_at=timezone.now() + HOUR / 2)
    clock.shift(HOUR)

    assert waiting_publications.cancel_ended(now=timezone.now()) == 1

    publication.refresh_from_db()
    assert (publication.state, publication.reason_code, publication.reason) == ("cancelled", "content_ended", words)
