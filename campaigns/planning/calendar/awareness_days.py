"""Awareness days, weeks and months that a UK mental health service plans around: data, each with its rule and the
organiser who decides it.

Only those are here whose rule is public. Where the organiser fixes the dates anew each year, the dates that were
announced stand in `announced`, and for other years the rule is what they chose before: the name says "expected" then.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, SUNDAY = 0, 1, 2, 3, 6
Span = tuple[date, date]
Rule = Callable[[int], Span]
"""The first and the last day in a year."""


@dataclass(frozen=True)
class Occasion:
    name: str
    rule: Rule
    source: str
    """Who decides it, and the rule in words."""
    by_organiser: bool = False
    """Its dates are announced each year."""
    announced: Mapping[int, Span] = field(default_factory=dict)

    def in_year(self, year: int) -> tuple[str, Span]:
        """Its name as it is shown, and its days."""
        if year in self.announced:
            return self.name, self.announced[year]
        return f"{self.name} (expected)" if self.by_organiser else self.name, self.rule(year)


def on(month: int, day: int) -> Rule:
    return lambda year: (date(year, month, day), date(year, month, day))


def whole(month: int) -> Rule:
    return lambda year: (date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def first_from(weekday: int, month: int, day: int, *, days: int = 1) -> Rule:
    """From the first such weekday on or after a date, for so many days. The second Monday of a month is the first one
    from the eighth on."""

    def rule(year: int) -> Span:
        start = date(year, month, day)
        start += timedelta(days=(weekday - start.weekday()) % 7)
        return start, start + timedelta(days=days - 1)

    return rule


def _week_to_fathers_day(year: int) -> Span:
    fathers_day, _ = first_from(SUNDAY, 6, 15)(year)
    return fathers_day - timedelta(days=6), fathers_day


def _announced(month: int, days: Mapping[int, tuple[int, int]]) -> dict[int, Span]:
    """From years and days of one month, such as `_announced(5, {2026: (11, 17)})`."""
    return {year: (date(year, month, first), date(year, month, last)) for year, (first, last) in days.items()}


OCCASIONS = (
    Occasion("Holocaust Memorial Day", on(1, 27), "Holocaust Memorial Day Trust: 27 January"),
    Occasion("LGBT+ History Month", whole(2), "Schools OUT UK: February, in the UK"),
    Occasion(
        "Time to Talk Day",
        first_from(THURSDAY, 2, 1),
        "Mind and Rethink Mental Illness: the first Thursday of February",
    ),
    Occasion(
        "National Apprenticeship Week",
        first_from(MONDAY, 2, 5, days=7),
        "Department for Education: a week of early February, announced each year",
        by_organiser=True,
        announced=_announced(2, {2024: (5, 11), 2025: (10, 16), 2026: (9, 15)}),
    ),
    Occasion("International Women's Day", on(3, 8), "United Nations: 8 March"),
    Occasion(
        "World Social Work Day",
        first_from(TUESDAY, 3, 15),
        "International Federation of Social Workers: the third Tuesday of March",
    ),
    Occasion(
        "Social Work Week",
        first_from(MONDAY, 3, 14, days=5),
        "Social Work England: the working week of World Social Work Day, announced each year",
        by_organiser=True,
        announced=_announced(3, {2024: (18, 22), 2025: (17, 21), 2026: (16, 20)}),
    ),
    Occasion(
        "Neurodiversity Celebration Week",
        first_from(MONDAY, 3, 15, days=7),
        "Neurodiversity Celebration Week: a week of mid-March, announced each year",
        by_organiser=True,
        announced=_announced(3, {2023: (13, 19), 2024: (18, 24), 2025: (17, 23), 2026: (16, 22)}),
    ),
    Occasion("World Bipolar Day", on(3, 30), "International Society for Bipolar Disorders: 30 March"),
    Occasion("Stress Awareness Month", whole(4), "Stress Management Society: April"),
    Occasion("World Autism Awareness Day", on(4, 2), "United Nations: 2 April"),
    Occasion("World Health Day", on(4, 7), "World Health Organization: 7 April"),
    Occasion("International Day of the Midwife", on(5, 5), "International Confederation of Midwives: 5 May"),
    Occasion(
        "Mental Health Awareness Week",
        first_from(MONDAY, 5, 8, days=7),
        "Mental Health Foundation: a week of May, most often from the second Monday, announced each year",
        by_organiser=True,
        announced=_announced(5, {2023: (15, 21), 2024: (13, 19), 2025: (12, 18), 2026: (11, 17)}),
    ),
    Occasion("International Nurses Day", on(5, 12), "International Council of Nurses: 12 May"),
    Occasion(
        "Carers Week",
        first_from(MONDAY, 6, 5, days=7),
        "Carers UK and partners: a week of early June, announced each year",
        by_organiser=True,
        announced=_announced(6, {2023: (5, 11), 2024: (10, 16), 2025: (9, 15), 2026: (8, 14)}),
    ),
    Occasion(
        "Men's Health Week",
        _week_to_fathers_day,
        "Men's Health Forum: the week that ends on Father's Day, the third Sunday of June",
    ),
    Occasion("Windrush Day", on(6, 22), "HM Government: 22 June"),
    Occasion("NHS birthday", on(7, 5), "The NHS began on 5 July 1948"),
    Occasion(
        "World Suicide Prevention Day", on(9, 10), "International Association for Suicide Prevention: 10 September"
    ),
    Occasion("Black History Month", whole(10), "Black History Month UK: October, in the UK"),
    Occasion("World Mental Health Day", on(10, 10), "World Federation for Mental Health: 10 October"),
    Occasion("Allied Health Professions' Day", on(10, 14), "NHS England: 14 October"),
    Occasion("World Menopause Day", on(10, 18), "International Menopause Society: 18 October"),
    Occasion("World Occupational Therapy Day", on(10, 27), "World Federation of Occupational Therapists: 27 October"),
    Occasion(
        "International Stress Awareness Day",
        first_from(WEDNESDAY, 11, 1),
        "International Stress Management Association: the first Wednesday of November",
    ),
    Occasion(
        "Occupational Therapy Week",
        first_from(MONDAY, 11, 1, days=7),
        "Royal College of Occupational Therapists: the first full week of November, announced each year",
        by_organiser=True,
        announced=_announced(11, {2023: (6, 12), 2024: (4, 10), 2025: (3, 9)}),
    ),
    Occasion(
        "Talk Money Week",
        first_from(MONDAY, 11, 1, days=5),
        "Money and Pensions Service: a working week of early November, announced each year",
        by_organiser=True,
        announced=_announced(11, {2023: (6, 10), 2024: (4, 8), 2025: (3, 7)}),
    ),
    Occasion(
        "Self-Care Week",
        first_from(MONDAY, 11, 13, days=7),
        "Self Care Forum: a week of mid-November, announced each year",
        by_organiser=True,
        announced=_announced(11, {2023: (13, 19), 2024: (18, 24), 2025: (17, 23)}),
    ),
    Occasion("International Men's Day", on(11, 19), "International Men's Day: 19 November"),
    Occasion("Nursing Support Workers' Day", on(11, 23), "Royal College of Nursing: 23 November"),
    Occasion("World AIDS Day", on(12, 1), "World Health Organization: 1 December"),
    Occasion("International Day of Persons with Disabilities", on(12, 3), "United Nations: 3 December"),
)
