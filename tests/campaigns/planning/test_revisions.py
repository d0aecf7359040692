"""Whatever changes what calendars show of a content or a publication raises its revision, by which they tell the newer
of two; nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from campaigns.planning.models import Content, Publication
from campaigns.planning.services import content, events, publications, vacancies
from tests import factories

pytestmark = pytest.mark.django_db
CONTENT: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "edited": (factories.event, lambda row: events.change_event(event=row, changes={"title": "Anew"}, by=None)),
    "submitted": (factories.event, lambda row: content.submit_content(content=row, by=factories.person("comms"))),
    "cancelled": (factories.event, lambda row: events.cancel_event(event=row, by=None)),
    "filled": (factories.vacancy, lambda row: vacancies.end_vacancy(vacancy=row, status="filled", by=None)),
}
PUBLICATION: dict[str, Callable[[Any], Any]] = {
    "reworded": lambda row: publications.change_publication(publication=row, wording="Anew.", by=None),
    "moved": lambda row: publications.reschedule_publication(
        publication=row, publish_at=factories.in_days(3), zone="Europe/London", by=None
    ),
    "held": lambda row: publications.hold_publication(publication=row, by=None, reason="Wait."),
    "cancelled": lambda row: publications.cancel_publication(publication=row, by=None),
}


def revision_of(row: Any) -> tuple[int, Any]:
    model = Publication if isinstance(row, Publication) else Content
    return model.objects.values_list("revision", "revised_at").get(pk=row.pk)


@pytest.mark.parametrize("how", CONTENT)
def test_content_is_revised(clock: time_machine.Traveller, how: str) -> None:
    make, change = CONTENT[how]
    row = make()
    assert revision_of(row) == (0, timezone.now())
    clock.shift(60)

    change(row)

    assert revision_of(row) == (1, timezone.now())


@pytest.mark.parametrize("how", PUBLICATION)
def test_a_publication_is_revised(clock: time_machine.Traveller, how: str) -> None:
    row = factories.publication()
    assert revision_of(row) == (0, timezone.now())
    clock.shift(60)

    PUBLICATION[how](row)

    assert revision_of(row) == (1, timezone.now())


def test_a_change_that_changes_nothing_is_none(clock: time_machine.Traveller) -> None:
    row = factories.event()
    before = revision_of(row)
    clock.shift(60)

    events.change_event(event=row, changes={"title": row.title}, by=None)

    assert revision_of(row) == before


def test_a_move_after_an_edit_counts_on(clock: time_machine.Traveller) -> None:
    row = factories.approved_event()
    number, _ = revision_of(row)

    events.change_event(
        event=row, changes={"title": "Anew"}, by=factories.person("comms")
    )  # edited, and back to review

    assert revision_of(row)[0] == number + 2
