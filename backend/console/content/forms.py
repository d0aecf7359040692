"""What the forms of all kinds of content share: their fields, the picture chosen from the library, times on the
reader's wall clock, and telling a service only what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone

from backend.accounts.models import User
from backend.console.frame import parameters
from backend.console.frame.forms import EditForm, Form, LongTextField, WordsField
from campaigns.planning import organisation_clock
from campaigns.planning.models import Audience, Campaign, Content, ContentState, Team
from media.models import Picture

PICTURES_OFFERED = 12
FLAGS = ("allow_past", "keep_approval")
"""How it is saved, and not what."""


class Pictures(forms.Widget):
    """The picture that is chosen, the newest others, and a button that leads to the library."""

    template_name = "console/content/pictures.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        chosen = str(value or "")
        newest = list(Picture.objects.all()[:PICTURES_OFFERED])
        return context | {"chosen": chosen, "pictures": put_selected_first(newest, chosen)}

    def id_for_label(self, id_: str | None) -> str:  # noqa: ARG002
        """None: the legend names it."""
        return ""


def put_selected_first(newest: list[Picture], chosen: str) -> list[Picture]:
    """The one of this number, which may be an older one, stands before the newest."""
    known = next((row for row in newest if str(row.pk) == chosen), None)
    first = known or parameters.named(Picture.objects, chosen)
    return [first, *(row for row in newest if row != first)] if first else newest


def title(such_as: str = "") -> forms.CharField:
    return forms.CharField(
        label="Title", max_length=200, help_text=such_as, error_messages={"required": "Enter a title."}
    )


def team(label: str) -> Any:
    return forms.ModelChoiceField(Team.objects.all(), label=label, required=False, empty_label="None")


class ContentForm(Form):
    """What every kind of content takes. `GROUPS` are the headings of the form with the names below them, in order."""

    GROUPS: ClassVar[list[tuple[str, list[str]]]] = []

    title = title()
    summary = LongTextField(
        label="Summary",
        required=False,
        max_length=2000,
        rows=3,
        help_text="One or two sentences for lists, feeds and channels. Leave empty to use the start of the text.",
    )
    campaign: Any = forms.ModelChoiceField(
        Campaign.objects.all(),
        label="Campaign",
        required=False,
        empty_label="None",
        help_text="The campaign’s hashtags are added to every post, and its results include this content.",
    )
    audience = forms.ChoiceField(label="Audience", choices=Audience.choices, widget=forms.RadioSelect)
    tags = WordsField(
        label="Tags",
        required=False,
        max_length=1300,
        help_text="Separate tags with commas, for example: nursing, Crawley.",
    )
    picture: Any = forms.ModelChoiceField(
        Picture.objects.all(),
        label="Picture",
        required=False,
        widget=Pictures,
        help_text="Shown on its page, and with every post that does not have its own pictures.",
    )
    slug = forms.CharField(
        label="Web address ending",
        required=False,
        max_length=220,
        help_text=(
            "For example open-day-in-may. Leave empty to create it from the title. You cannot change it after "
            "the first post is published."
        ),
    )

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.order_fields([*(self.field_order or ()), *(name for _, names in self.GROUPS for name in names)])

    @property
    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        for heading, names in self.GROUPS:
            yield heading, [self[name] for name in names if name in self.fields]

    @property
    def flags(self) -> dict[str, bool]:
        return {name: bool(self.cleaned_data.get(name)) for name in FLAGS if name in self.base_fields}

    def submitted_fields(self) -> dict[str, Any]:
        """What was typed, as a service takes it: times are read on the reader's own clock. Raises InvalidPlan for a
        time that this clock leaves out."""
        return {name: _moment(name, value) for name, value in self.cleaned_data.items() if name not in FLAGS}

    def show_again(self, typed: Mapping[str, Any]) -> None:
        """What was typed, without checking or saving it."""
        self.initial.update({name: typed.get(name, "") for name in self.fields})


class AllowsPast(Form):
    """For what has a time that should lie ahead."""

    allow_past = forms.BooleanField(
        label="Allow a time in the past",
        required=False,
        help_text="Only to record something that has already happened.",
    )


class ContentEditForm(EditForm, ContentForm):
    """Over a row that is there. `also` is what stands in the form beside its fields."""

    keep_approval = forms.BooleanField(
        label="Keep my approval",
        required=False,
        help_text="For a small correction, for example a typing mistake. Otherwise it needs approval again.",
    )

    def __init__(self, data: Any = None, *, row: Content, by: User, also: Mapping[str, Any] | None = None) -> None:
        names = [name for name in self.base_fields if name not in (*FLAGS, "seen")]
        super().__init__(data, values={**_values_of(row, names), **(also or {})})
        if row.state != ContentState.APPROVED or row.approved_by_id != by.pk:
            del self.fields["keep_approval"]

    def submitted_fields(self) -> dict[str, Any]:
        """What differs from the row."""
        cleaned = self.cleaned_data.items()
        return {
            name: _moment(name, value)
            for name, value in cleaned
            if name not in FLAGS and self.values.get(name) != value
        }


def _moment(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return organisation_clock.to_utc(value, timezone.get_current_timezone_name(), field=name)
    return value


def _values_of(row: Content, names: list[str]) -> dict[str, Any]:
    """As the form shows them; ids too, because two pictures may be described alike."""
    ids = {f"{name}_id": getattr(row, f"{name}_id") for name in names if hasattr(row, f"{name}_id")}
    return {name: _shown(getattr(row, name)) for name in names} | ids


def _shown(value: Any) -> Any:
    """As it comes back from a form in which nobody changed it, so that a mere save takes no approval away."""
    if isinstance(value, datetime):  # to the minute, on the reader's clock
        return timezone.make_naive(value).replace(second=0, microsecond=0)
    if isinstance(value, list):  # a word that holds a comma comes back as two
        return [word.strip() for word in ",".join(value).split(",") if word.strip()]
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def requested_values(request: HttpRequest, *, audience: Audience = Audience.PUBLIC) -> dict[str, Any]:
    """What the address fills in beforehand: title, campaign and picture. What makes no sense there is left alone."""
    rows = {name: parameters.number(request.GET.get(name, "")) for name in ("campaign", "picture")}
    return {"title": request.GET.get("title", "").replace("\x00", "")[:200], "audience": audience, **rows}


def requested_day(request: HttpRequest) -> date | None:
    return parameters.day(request.GET.get("on", ""))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """On a wall clock."""
    return datetime.combine(day, time(hour, minute))
