"""What the forms of vacancies and events share: the fields of all content, times on the reader's wall clock, and
telling a service only what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from backend.accounts.models import User
from backend.console.forms import EditForm, Form, LongTextField, WordsField
from campaigns.planning import clock
from campaigns.planning.models import Audience, Campaign, Content, ContentState, Team
from media.models import Picture

PICTURES_OFFERED = 50
SHARED = ("title", "slug", "summary", "campaign", "audience", "tags", "picture")
ROWS = ("campaign", "picture", "team", "host_team")
"""Fields that name a row of ours; services take their ids."""
HOW_TO_WRITE = (
    "An empty line begins a paragraph, “- ” an item of a list, “## ” a heading, and [words](https://…) is a link."
)


def one_of(label: str, **options: Any) -> Any:
    """One of some rows, by id; which ones is said when the form is made."""
    return forms.TypedChoiceField(label=label, required=False, coerce=int, empty_value=None, **options)


class ContentEditable(Form):
    """What every kind takes. `GROUPS` are the headings of the form with the names below them, in order."""

    GROUPS: ClassVar[list[tuple[str, list[str]]]] = []

    title = forms.CharField(label="Title", max_length=200)
    summary = LongTextField(
        label="In a sentence or two",
        required=False,
        max_length=2000,
        rows=3,
        help_text="What posts and lists show. Left empty, they show the first words of the text.",
    )
    campaign = one_of("Campaign", help_text="Its hashtags go out with every post, and its page counts this in.")
    audience = forms.ChoiceField(label="Whom it is for", choices=Audience.choices, widget=forms.RadioSelect)
    tags = WordsField(
        label="Tags", required=False, max_length=1300, help_text="With commas between them, such as nursing, Crawley."
    )
    picture = one_of("Picture", help_text="Goes with every post that has no picture of its own.")
    slug = forms.CharField(
        label="Short name",
        required=False,
        max_length=220,
        help_text="The end of its web address, such as open-day-in-may. Left empty, it is made from the title. "
        "It stays once something has gone out.",
    )
    allow_past = forms.BooleanField(
        label="Allow a time in the past",
        required=False,
        help_text="Only to record something that has been.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, picture_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self._offer("campaign", Campaign.objects.values_list("pk", "name"))
        self._offer("picture", _pictures(picture_id))
        for name in ("team", "host_team"):
            self._offer(name, Team.objects.values_list("pk", "name"))
        self.order_fields([name for _, names in self.GROUPS for name in names])

    def _offer(self, name: str, rows: Iterable[tuple[int, str]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [("", "None"), *((str(pk), label) for pk, label in rows)]

    @property
    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        for heading, names in self.GROUPS:
            yield heading, [self[name] for name in names if name in self.fields]

    def given(self, *, without: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What was typed, as a service takes it; what stands the same in `without` is left out. Times are read on the
        reader's own clock. Raises InvalidPlan for a time that this clock leaves out."""
        zone, known = timezone.get_current_timezone_name(), {} if without is None else dict(without)
        found: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name in ("allow_past", "keep_approval") or (name in known and known[name] == value):
                continue
            if isinstance(value, datetime):
                value = clock.to_utc(value, zone, field=name)
            found[f"{name}_id" if name in ROWS else name] = value
        return found


class ContentEditForm(EditForm, ContentEditable):
    """Over a row that is there."""

    keep_approval = forms.BooleanField(
        label="Keep my approval: this only corrects it",
        required=False,
        help_text="You approved this, so you may put a slip right without sending it back for approval.",
    )

    def __init__(self, data: Any = None, *, row: Content, by: User, values: Mapping[str, Any]) -> None:
        super().__init__(data, values=values, picture_id=row.picture_id)
        if row.state != ContentState.APPROVED or row.approved_by_id != by.pk:
            del self.fields["keep_approval"]


def values_of(row: Content, names: Iterable[str]) -> dict[str, Any]:
    """A row's values as its form shows them: rows by id, times to the minute on the reader's clock."""
    return {name: _shown(getattr(row, f"{name}_id" if name in ROWS else name)) for name in (*SHARED, *names)}


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.make_naive(value).replace(second=0, microsecond=0)
    if isinstance(value, list):  # a word that holds a comma is shown, and so comes back, as two
        return [word.strip() for word in ",".join(value).split(",") if word.strip()]
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _pictures(chosen: int | None) -> list[tuple[int, str]]:
    rows = {row.pk: row for row in Picture.objects.all()[:PICTURES_OFFERED]}
    if chosen and chosen not in rows:
        rows |= Picture.objects.in_bulk([chosen])
    return [(pk, f"{str(row)[:70]} ({pk})") for pk, row in rows.items()]


def asked_for(request: HttpRequest) -> dict[str, Any]:
    """What the address fills in beforehand: `title` and `campaign`. What makes no sense there is left alone."""
    campaign = request.GET.get("campaign", "")
    return {
        "title": request.GET.get("title", "").replace("\x00", "")[:200],
        "campaign": campaign if campaign.isdecimal() else None,
        "audience": Audience.PUBLIC,
    }


def day_asked_for(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:
        return None


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """On a wall clock."""
    return datetime.combine(day, time(hour, minute))


def said_changed(before: Content, after: Content) -> str:
    """What came of a change."""
    if before.state == ContentState.APPROVED != after.state:
        return "Saved. It waits for approval again, and what is scheduled waits with it."
    return "Saved."
