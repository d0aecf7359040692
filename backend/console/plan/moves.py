"""Moving a publication on the plan: to another day at the same time of day, and back again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django import forms as fields
from django.utils import timezone

from backend.console.frame import forms
from backend.console.plan.board import version
from backend.console.templatetags.console import brief, words_for
from campaigns.planning import organisation_clock
from campaigns.planning.errors import MoveRefused
from campaigns.planning.models import Publication, PublicationState
from campaigns.planning.services import publications


@dataclass(frozen=True)
class Undo:
    """A move that was made a moment ago."""

    publication: Publication
    was: datetime

    @property
    def words(self) -> str:
        return (
            f"“{self.publication.content.title}” has been moved to "
            f"{brief(self.publication.publish_at, timezone.now())}."
        )

    @property
    def seen(self) -> str:
        return version(self.publication.publish_at, self.publication.state)

    @property
    def address(self) -> str:
        """How an address names it."""
        return f"{self.publication.pk}.{self.was.timestamp():.0f}"


def read_undo(text: str) -> Undo | None:
    """From an address; none once it cannot be taken back any more."""
    pk, _, was = text.partition(".")
    if not (pk.isascii() and pk.isdigit() and was.isascii() and was.isdigit()) or len(text) > 30:
        return None
    row = Publication.objects.select_related("content").filter(pk=int(pk), state=PublicationState.SCHEDULED).first()
    before = datetime.fromtimestamp(min(int(was), 7_000_000_000), UTC)
    return Undo(row, before) if row is not None and row.publish_at != before else None


def to_day(row: Publication, day: date) -> datetime:
    """The same time of day on another day, on the wall clock of the publication's own zone."""
    wall = row.publish_at.astimezone(ZoneInfo(row.zone)).replace(tzinfo=None)
    return wall + (day - timezone.localdate(row.publish_at))


def check_seen(row: Publication, seen: str) -> None:
    """Raise MoveRefused unless the row still stands where the page showed it."""
    if seen != version(row.publish_at, row.state):
        raise MoveRefused(
            f"“{row.content.title}” changed after you opened this page. Its status is now "
            f"“{words_for(row.state)}”, {brief(row.publish_at, timezone.now())}. Nothing was moved. Reload the page.",
            code="changed_meanwhile",
        )
    if row.state != PublicationState.SCHEDULED:
        raise MoveRefused(
            f"“{row.content.title}” is {words_for(row.state).lower()}, so you cannot drag it. Open it to see options."
        )


class DropForm(forms.Form):
    """What a drag or Undo sends: the day, or the very moment that it had before."""

    day = forms.DayField(required=False)
    at = fields.DateTimeField(required=False)
    seen = fields.CharField(required=False)


class MoveForm(forms.EditForm):
    day = forms.DayField(label="Day")
    time = forms.TimeField(label="Time")

    def __init__(self, data: object = None, *, row: Publication) -> None:
        wall = row.publish_at.astimezone(ZoneInfo(row.zone)).replace(tzinfo=None)
        values = {"day": wall.date(), "time": wall.time(), "state": row.state}
        super().__init__(data, values=values)
        if row.zone != timezone.get_current_timezone_name():
            self.fields["time"].help_text = f"In {organisation_clock.format_zone(row.zone)}."

    def save(self, row: Publication, *, by: object) -> Publication:
        wall = datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"])
        return publications.reschedule_publication(
            publication=row,
            publish_at=wall,
            zone=row.zone,
            by=by,  # type: ignore[arg-type]
        )
