"""The sections of a bulletin in its form: read, added, ordered, removed and checked, with or without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.functional import cached_property

from backend.console.frame.forms import Form, LongTextField
from backend.page_drafts import SectionDraft
from campaigns.bulletins.models import Bulletin, Section
from campaigns.bulletins.services import SECTIONS_AT_MOST
from campaigns.planning.models import Team

Kind = Section.Kind


class SectionForm(Form):
    kind = forms.CharField(widget=forms.HiddenInput)
    team = forms.ChoiceField(label="Team", error_messages={"required": "Choose a team for the spotlight."})
    heading = forms.CharField(label="Heading", max_length=200, error_messages={"required": "Enter a heading."})
    body = LongTextField(
        label="Text", max_length=50_000, rows=6, error_messages={"required": "Enter some text, or remove the section."}
    )

    def __init__(self, *args: Any, teams: Sequence[tuple[int, str]], number: int, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"section-{number}", **kwargs)
        self.number = number
        self.teams = teams
        if self.is_spotlight:
            self.fields["team"].choices = [("", "Choose a team"), *((str(pk), name) for pk, name in teams)]  # type: ignore[attr-defined]
        else:
            del self.fields["team"]

    @property
    def is_spotlight(self) -> bool:
        return bool(self["kind"].value() == Kind.SPOTLIGHT)

    @property
    def name(self) -> str:
        what = "Team spotlight" if self.is_spotlight else "Section"
        return f"{self.number + 1}. {what}"


def from_rows(bulletin: Bulletin) -> list[SectionDraft]:
    return [
        SectionDraft(row.kind, row.heading, row.body.replace("\r\n", "\n"), str(row.team_id or ""))
        for row in Section.objects.filter(bulletin_id=bulletin.pk).order_by("position")
    ]


def headings(rows: list[SectionDraft]) -> str:
    return ", ".join(f"“{row.heading}”" for row in rows) or "none"


class Sections:
    """The sections as they stand in the form. `bound`: they are to be saved, and are checked."""

    def __init__(self, typed: list[SectionDraft], *, bound: bool = False) -> None:
        self.typed = typed
        self.bound = bound
        self.moved: int | None = None
        """The section that a button has just moved or added: the focus follows it."""
        self.full = False

    @cached_property
    def teams(self) -> dict[int, Team]:
        return {row.pk: row for row in Team.objects.all()}

    @cached_property
    def forms(self) -> list[SectionForm]:
        teams = [(pk, row.name) for pk, row in self.teams.items()]
        found = []
        for number, typed in enumerate(self.typed):
            data = {f"section-{number}-{name}": value for name, value in asdict(typed).items()}
            given: dict[str, Any] = {"data": data} if self.bound else {"initial": asdict(typed)}
            found.append(SectionForm(teams=teams, number=number, **given))
        return found

    def act(self, do: str) -> None:
        """What a button asks: up-2, down-2, remove-2, add-text, add-spotlight. Everything else does nothing."""
        verb, _, which = do.partition("-")
        if verb == "add" and which in Kind.values:
            self.full = len(self.typed) >= SECTIONS_AT_MOST
            if not self.full:
                self.typed = [*self.typed, SectionDraft(kind=which)]
                self.moved = len(self.typed) - 1
        if not re.fullmatch(r"[0-9]{1,2}", which) or int(which) >= len(self.typed):
            return
        place = int(which)
        rows = list(self.typed)
        row = rows.pop(place)
        if verb in ("up", "down"):
            self.moved = min(max(place + (1 if verb == "down" else -1), 0), len(rows))
            rows.insert(self.moved, row)
        elif verb == "remove":
            self.moved = min(place, len(rows) - 1) if rows else None
        else:
            return
        self.typed = rows

    def are_valid(self) -> bool:
        return not any(len(form.errors) for form in self.forms)

    def problems(self) -> list[tuple[str, str]]:
        """Where each problem is, and what it is, for the summary."""
        found = []
        for form in self.forms if self.bound else []:
            for name, errors in form.errors.items():
                field = form[name] if name in form.fields else None
                where = field.id_for_label if field else f"section-{form.number}"
                label = f"{field.label}: " if field else ""
                found += [(str(where), f"Section {form.number + 1}: {label}{error}") for error in errors]
        return found

    def submitted_sections(self) -> list[dict[str, Any]]:
        """As the room takes them. Call when they are valid."""
        return [
            {
                "kind": form.cleaned_data["kind"],
                "heading": form.cleaned_data["heading"],
                "body": form.cleaned_data["body"],
                "team": self.teams[int(form.cleaned_data["team"])] if form.cleaned_data.get("team") else None,
            }
            for form in self.forms
        ]

    def refuse(self, refusal: Exception) -> bool:
        """Say a refusal beside the section's field that it names; False where it names none of them."""
        place = re.fullmatch(r"sections\.(\d+)(?:\.(\w+))?", getattr(refusal, "field", None) or "")
        if place is None:
            return False
        form = self.forms[int(place[1])]
        form.add_error(place[2] if place[2] in form.fields else None, str(refusal))
        return True
