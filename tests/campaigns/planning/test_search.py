"""Content is found by its words, whatever the size of the house."""

from __future__ import annotations

import pytest

from campaigns.planning import search
from campaigns.planning.models import SearchWord
from campaigns.planning.services import blog_entries
from tests import factories

pytestmark = pytest.mark.django_db


def _titles(typed: str, limit: int = 8) -> list[str]:
    return [row.title for row in search.content(typed, limit=limit)]


def test_every_word_must_be_there_and_the_newest_comes_first() -> None:
    factories.blog_entry(title="A nurse by the sea")
    factories.blog_entry(title="Nurse of the year")
    factories.blog_entry(title="By the sea")

    assert _titles("nurse") == ["Nurse of the year", "A nurse by the sea"]
    assert _titles("sea NURSE") == ["A nurse by the sea"]
    assert _titles("nurse", limit=1) == ["Nurse of the year"]
    assert _titles("doctor nurse") == []


def test_last_word_may_be_the_beginning_of_one() -> None:
    factories.blog_entry(title="Nursing on the ward")

    assert _titles("ward nurs") == ["Nursing on the ward"]
    assert _titles("nurs ward") == [], "only the last word may"
    assert _titles("nu") == [], "two letters begin too much"


def test_accents_and_capitals_do_not_matter() -> None:
    factories.blog_entry(title="Café Zoë, ward 7")

    assert _titles("cafe zoe 7") == ["Café Zoë, ward 7"]
    assert _titles("CAFÉ") == ["Café Zoë, ward 7"]


def test_reference_place_tags_and_summary_are_found() -> None:
    factories.vacancy(
        title="A post", reference="LG-2018-44", location="Crawley", tags=["mental health"], summary="Kind people"
    )

    for typed in ("LG-2018-44", "crawley", "mental", "kind peop"):
        assert _titles(typed) == ["A post"], typed


def test_change_is_followed_and_twice_changes_nothing(comms) -> None:
    entry = factories.blog_entry(title="Old words")

    blog_entries.change_blog_entry(entry=entry, changes={"title": "New words"}, by=comms)

    assert _titles("old") == []
    assert _titles("new") == ["New words"]
    before = set(SearchWord.objects.values_list("pk", flat=True))
    entry.refresh_from_db()
    search.index(entry)
    assert set(SearchWord.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("typed", ["", "   ", "…!?", "%", "_", "' OR 1=1 --", "a" * 5000, "%ursing"])
def test_odd_words_find_nothing_and_break_nothing(typed: str) -> None:
    factories.blog_entry(title="Nursing")

    assert _titles(typed) == []
