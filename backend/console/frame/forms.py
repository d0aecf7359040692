"""Forms as the console shows them: label above, hint below it, what is wrong beside the field and in a summary on top,
and what was typed is kept. Rules are the rooms'; a form only reads what a browser sends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backend.console.frame import authorization

Done = TypeVar("Done")


class Renderer(TemplatesSetting):
    form_template_name = "console/frame/form.html"
    field_template_name = "console/frame/field.html"


class Form(forms.Form):
    """A form that can take a room's refusal beside the field that it names."""

    default_renderer = Renderer()
    use_required_attribute = False
    RENAMED: ClassVar[dict[str, str]] = {}
    """Which of our fields stands for which of a room's, where they are called differently."""

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, label_suffix="", **kwargs)

    def perform(self, act: Callable[[], Done]) -> Done | None:
        """What `act` answers, once what was typed is valid; None where it is not, or where a room refused, which is
        then said beside its field. A form that is only shown carries out nothing."""
        if not self.is_valid():
            return None
        try:
            return act()
        except authorization.REFUSALS as refusal:
            self.refuse(refusal)
            return None

    def refuse(self, refusal: Exception) -> None:
        """Say what a room refused, beside its field where the form has it."""
        field = getattr(refusal, "field", None) or ""
        names = (self.RENAMED.get(field), field, field.removesuffix("_id"))
        self.add_error(next((name for name in names if name in self.fields), None), str(refusal))


class EditForm(Form):
    """A form over a row. `values` are the row's values now; what the person saw when they began is told by a hidden
    digest, so that nobody overwrites what they have not seen. Build it with the row locked when it is saved."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, values: Mapping[str, Any], **kwargs: Any) -> None:
        self.values = dict(values)
        self.now = _digest(values)
        super().__init__(data, files, initial={**values, "seen": self.now}, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.pop("seen", "") != self.now:
            typed: Any = self.data
            self.data = typed.copy()
            self.data[self.add_prefix("seen")] = self.now  # type: ignore[index]
            self.add_error(None, self._conflict())
        return cleaned

    def _conflict(self) -> str:
        theirs = [
            f"{self.fields[name].label or name}: {_short(self.values[name])}"
            for name in self.values
            if name in self.cleaned_data and self.values[name] != self.cleaned_data[name]
        ]
        told = f" Theirs: {'; '.join(theirs)}." if theirs else ""
        return (
            "Someone changed this while you had it open. Your changes are below and have not been saved."
            f"{told} Save again to replace theirs."
        )


def _short(value: Any) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list) else value
    text = "nothing" if words in (None, "") else str(words)
    return text if len(text) <= 200 else text[:200] + "…"


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(repr(sorted((name, str(value)) for name, value in values.items())).encode()).hexdigest()[:32]


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TimeField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WallTimeField(forms.Field):
    """A day and a time on the reader's wall clock, without a zone: services take the zone beside it and know what to
    do with a time that comes twice, or never, on the night of a clock change."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {"invalid": "Enter a date and time, for example 3 November 2026, 09:30."}

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            found = value if isinstance(value, datetime) else parse_datetime(str(value))
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return timezone.make_naive(found) if timezone.is_aware(found) else found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return timezone.make_naive(value)
        return value


class PoundsField(forms.DecimalField):
    """Typed in pounds, kept in pence."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=0, **kwargs)

    def clean(self, value: Any) -> int | None:
        pounds: Decimal | None = super().clean(str(value).replace(",", "").replace("£", "") if value else value)
        return None if pounds is None else int((pounds * 100).quantize(Decimal(1), ROUND_HALF_UP))

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / 100:.2f}" if isinstance(value, int) else value


class WordsField(forms.CharField):
    """Words between commas, such as tags; kept as a list."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # typed as one text, kept as words
        text = super().to_python(value) or ""
        return [word.strip() for word in text.split(",") if word.strip()]

    def run_validators(self, value: list[str]) -> None:
        super().run_validators(", ".join(value))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class LongTextField(forms.CharField):
    """Text of several lines; line ends as Unix has them."""

    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        return text.replace("\r\n", "\n")
