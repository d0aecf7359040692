"""A page that somebody is writing, as far as their form has come. The console registers the form of each kind and
checks with it what it saves; the site shows what the same form reads, and leaves out what is missing or wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns.bulletins.models import Bulletin, Section
from campaigns.bulletins.services import SECTIONS_AT_MOST
from campaigns.planning.models import Audience, BlogEntry, Content, ContentKind, Team

UNTITLED = "Untitled"


@dataclass(frozen=True)
class SectionDraft:
    """One section as it stands in the form."""

    kind: str = Section.Kind.TEXT.value
    heading: str = ""
    body: str = ""
    team: str = ""
    """The id of the team in the spotlight."""


@dataclass(frozen=True)
class PageDraft:
    """A content that is not saved, with the sections of a bulletin."""

    content: Content
    sections: list[Section] | None = None


_forms: dict[str, type[forms.Form]] = {}


def register_form(kind: ContentKind, form: type[forms.Form]) -> None:
    """Say in which form a kind is written beside its page."""
    _forms[kind] = form


def read_draft(kind: str, data: Mapping[str, str]) -> PageDraft | None:
    """None for a kind that is not written beside its page."""
    if kind not in _forms:
        return None
    form = _forms[kind](data)
    if kind == ContentKind.BLOG_ENTRY:
        entry = BlogEntry(body=_read(form, "body"), author_line=_read(form, "author_line"))
        return PageDraft(_shared(entry, kind, form))
    today = timezone.localdate()
    start, end = _read(form, "period_start") or today, _read(form, "period_end") or today
    bulletin = Bulletin(period_start=start, period_end=end)
    return PageDraft(_shared(bulletin, kind, form), _sections(read_sections(data)))


def _read(form: forms.Form, name: str) -> Any:
    """As its field reads it, also where the field would not accept it; None for what it cannot read."""
    try:
        return form.fields[name].to_python(form[name].data)
    except ValidationError:
        return None


def read_sections(form: Mapping[str, str]) -> list[SectionDraft]:
    """Those that a browser sends, in order: section-0-heading and so on; one more than fit, so that it is refused."""
    found = []
    for number in range(SECTIONS_AT_MOST + 1):
        told = {name: form.get(f"section-{number}-{name}", "") for name in ("kind", "heading", "body", "team")}
        if f"section-{number}-heading" in form:
            kind = Section.Kind.SPOTLIGHT if told["kind"] == Section.Kind.SPOTLIGHT else Section.Kind.TEXT
            body = told["body"].replace("\r\n", "\n")
            team = told["team"] if kind == Section.Kind.SPOTLIGHT else ""
            found.append(SectionDraft(kind.value, told["heading"], body, team))
    return found


def _shared(content: Content, kind: str, form: forms.Form) -> Content:
    content.kind = kind
    content.title = _read(form, "title") or UNTITLED
    content.summary = _read(form, "summary")
    audience = _read(form, "audience")
    content.audience = audience if audience in Audience.values else Audience.PUBLIC
    content.tags = _read(form, "tags")
    content.picture = _read(form, "picture")
    return content


def _sections(drafts: list[SectionDraft]) -> list[Section]:
    """A spotlight whose team is not chosen yet is shown as a text."""
    chosen = [_number(draft.team) or 0 for draft in drafts]
    teams = Team.objects.in_bulk(set(chosen))
    return [
        Section(
            position=position,
            kind=Section.Kind.SPOTLIGHT if pk in teams else Section.Kind.TEXT,
            heading=draft.heading,
            body=draft.body,
            team=teams.get(pk),
        )
        for position, (draft, pk) in enumerate(zip(drafts, chosen, strict=True))
    ]


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
