"""What the pages of candidates and of hires ask for in the same way: a vacancy by its reference, days, and filters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import timezone

from backend.console.frame import parameters
from backend.console.frame.forms import DayField, Form
from campaigns.planning import organisation_clock
from campaigns.planning.models import Vacancy

SUGGESTED = 200
NONE = "none"
"""In a filter: those without a team, a campaign, a recorded source."""
DAYS = [
    MinValueValidator(organisation_clock.FIRST_DAY, organisation_clock.OUTSIDE_YEARS),
    MaxValueValidator(organisation_clock.LAST_DAY, organisation_clock.OUTSIDE_YEARS),
]


class SuggestedVacancies(forms.TextInput):
    """Typed, with the newest vacancies offered by reference and title."""

    template_name = "console/recruiting/candidate_vacancy.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["vacancies"] = Vacancy.objects.order_by("-pk").values_list("reference", "title")[:SUGGESTED]
        listed = f"{context['widget']['attrs'].get('id', name)}_known"
        context["widget"]["attrs"] |= {"list": listed, "autocomplete": "off"}
        return context


class VacancyField(forms.CharField):
    """A vacancy by its reference: a list to choose from would grow with the years."""

    widget = SuggestedVacancies

    def __init__(self, *, label: str = "Job", **kwargs: Any) -> None:
        super().__init__(max_length=60, label=label, **kwargs)

    def clean(self, value: Any) -> Vacancy | None:
        reference = super().clean(value)
        if not reference:
            return None
        found = Vacancy.objects.filter(reference=reference).first()
        if found is None:
            raise forms.ValidationError("No job has this reference. Start typing, then choose from the list.")
        return found

    def prepare_value(self, value: Any) -> Any:
        return value.reference if isinstance(value, Vacancy) else value


def day(label: str, **kwargs: Any) -> DayField:
    return DayField(label=label, validators=DAYS, **kwargs)


def moment(wall: datetime | None, field: str, *, was: datetime | None = None) -> datetime | None:
    """A time typed on the person's wall clock as a moment. `was` stays as it is, with the seconds that no field shows,
    where the same minute was typed. Raises InvalidPlan for a time that the clocks leave out."""
    if wall is None:
        return None
    if was is not None and timezone.make_naive(was).replace(second=0, microsecond=0) == wall:
        return was
    return organisation_clock.to_utc(wall, timezone.get_current_timezone_name(), field=field)


def one_of(label: str, rows: Iterable[tuple[Any, str]], *, without: str = "", every: str = "All") -> forms.ChoiceField:
    """A filter's list of choices; `without` names the choice of those that have none."""
    choices = [("", every), *((str(value), name) for value, name in rows)]
    return forms.ChoiceField(label=label, required=False, choices=[*choices, (NONE, without)] if without else choices)


class FilterForm(Form):
    """Filters in the address. One that is wrong finds nothing, and says why. A vacancy is typed by its reference, and
    pages that lead here name it by id: `?vacancy=ID`."""

    period: tuple[str, str]
    vacancy_reference = VacancyField(label="Job reference", required=False)

    def __init__(self, asked: QueryDict) -> None:
        data = asked.copy()
        if data.get("vacancy") and not data.get("vacancy_reference"):
            data["vacancy_reference"] = _reference(str(data["vacancy"]))
        super().__init__(data)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = (cleaned.get(name) for name in self.period)
        if start and end and end < start:
            self.add_error(self.period[1], "The end date is before the start date.")
        return cleaned

    @property
    def filters(self) -> bool:
        return any(self.cleaned_data.values())


def _reference(vacancy_id: str) -> str:
    found: Vacancy | None = parameters.named(Vacancy.objects, vacancy_id)
    return found.reference if found else vacancy_id
