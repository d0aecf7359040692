"""Bank holidays, awareness days and clock changes fall where their organisers and the law put them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.planning.calendar import awareness_days, named_days


def on(day: date, type_: str) -> list[str]:
    return [found.title for found in named_days.days_touching(day, day) if found.type == type_]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 2, 5), "Time to Talk Day"),
        (date(2027, 2, 4), "Time to Talk Day"),
        (date(2026, 5, 12), "International Nurses Day"),
        (date(2026, 10, 10), "World Mental Health Day"),
        (date(2026, 9, 10), "World Suicide Prevention Day"),
        (date(2026, 10, 14), "Allied Health Professions' Day"),
        (date(2026, 11, 23), "Nursing Support Workers' Day"),
        (date(2025, 3, 18), "World Social Work Day"),
        (date(2025, 11, 5), "International Stress Awareness Day"),
        (date(2024, 2, 29), "LGBT+ History Month"),
        (date(2026, 10, 31), "Black History Month"),
        (date(2025, 6, 15), "Men's Health Week"),
        (date(2026, 7, 5), "NHS birthday"),
    ],
)
def test_awareness_days_follow_their_rules(day: date, name: str) -> None:
    assert name in on(day, "awareness")


@pytest.mark.parametrize(
    ("monday", "days", "name"),
    [
        (date(2023, 5, 15), 7, "Mental Health Awareness Week"),
        (date(2026, 5, 11), 7, "Mental Health Awareness Week"),
        (date(2026, 6, 8), 7, "Carers Week"),
        (date(2026, 2, 9), 7, "National Apprenticeship Week"),
        (date(2023, 3, 13), 7, "Neurodiversity Celebration Week"),
        (date(2025, 11, 3), 5, "Talk Money Week"),
    ],
)
def test_weeks_stand_as_they_were_announced(monday: date, days: int, name: str) -> None:
    found = next(day for day in named_days.days_touching(monday, monday) if day.title == name)
    assert (found.first, found.last) == (monday, monday + timedelta(days=days - 1))


def test_a_week_that_is_not_announced_yet_says_so() -> None:
    assert "Mental Health Awareness Week (expected)" in on(date(2031, 5, 12), "awareness")
    assert "Mental Health Awareness Week" not in on(date(2031, 5, 12), "awareness")


@pytest.mark.parametrize("occasion", [each for each in awareness_days.OCCASIONS if each.by_organiser])
def test_what_is_announced_agrees_with_the_rule_or_differs_by_a_week(occasion: awareness_days.Occasion) -> None:
    """A slip in a date would be further off, or on another day of the week."""
    for year, announced in occasion.announced.items():
        expected = occasion.rule(year)
        assert announced[1] - announced[0] == expected[1] - expected[0]
        assert announced[0] - expected[0] in (timedelta(0), timedelta(days=7), timedelta(days=-7))


def test_bank_holidays_are_those_of_england() -> None:
    assert named_days.bank_holidays(date(2026, 12, 1), date(2027, 1, 31)) == {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "Boxing Day",
        date(2026, 12, 28): "Boxing Day (substitute day)",
        date(2027, 1, 1): "New Year's Day",
    }
    assert named_days.bank_holidays(date(2026, 3, 17), date(2026, 3, 17)) == {}, "St Patrick's Day is not"


def test_the_clocks_change_twice_a_year() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    found = list(named_days.days_starting(start, end, ["clock_change"]))
    assert [(day.first, day.at, day.title) for day in found] == [
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, tzinfo=UTC), "Clocks go forward: 01:00 becomes 02:00"),
        (date(2026, 10, 25), datetime(2026, 10, 25, 1, tzinfo=UTC), "Clocks go back: 02:00 becomes 01:00"),
    ]


def test_days_begin_at_midnight_on_the_wall_clock_in_summer_too() -> None:
    day = next(
        named_days.days_starting(
            datetime(2026, 5, 12, tzinfo=UTC) - timedelta(days=1), datetime(2026, 5, 13, tzinfo=UTC)
        )
    )
    assert (day.title, day.at) == ("International Nurses Day", datetime(2026, 5, 11, 23, tzinfo=UTC))
    assert day.ends_at == datetime(2026, 5, 12, 23, tzinfo=UTC)


def test_a_span_over_new_year_is_in_order() -> None:
    found = list(named_days.days_starting(datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)))
    assert [day.title for day in found][-2:] == ["New Year's Day", "Holocaust Memorial Day"]
    assert found == sorted(found, key=lambda day: day.position)
