"""A page that somebody is writing, as far as their form has come: read here for the console, which checks and saves
it, and for the site, which shows it and leaves out what is missing or wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.dateparse import parse_date

from campaigns.bulletins.models import Bulletin, Section
from campaigns.bulletins.services import SECTIONS_AT_MOST
from campaigns.planning.models import Audience, BlogEntry, Content, ContentKind, Team
from media.models import Picture

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


def read_draft(kind: str, form: Mapping[str, str]) -> PageDraft | None:
    """None for a kind that is not written beside its page."""
    if kind == ContentKind.BLOG_ENTRY:
        entry = BlogEntry(body=form.get("body", ""), author_line=form.get("author_line", ""))
        return PageDraft(_shared(entry, kind, form))
    if kind == ContentKind.BULLETIN:
        start = _day(form.get("period_start", ""))
        bulletin = Bulletin(period_start=start, period_end=_day(form.get("period_end", "")))
        return PageDraft(_shared(bulletin, kind, form), _sections(read_sections(form)))
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


def _shared(content: Content, kind: str, form: Mapping[str, str]) -> Content:
    content.kind = kind
    content.title = form.get("title", "").strip() or UNTITLED
    content.summary = form.get("summary", "")
    content.audience = form["audience"] if form.get("audience") in Audience.values else Audience.PUBLIC
    content.tags = [tag.strip() for tag in form.get("tags", "").split(",") if tag.strip()]
    picture = _number(form.get("picture", ""))
    content.picture = Picture.objects.filter(pk=picture).first() if picture else None
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


def _day(text: str) -> date:
    try:
        return parse_date(text) or timezone.localdate()
    except ValueError:  # such as 31 February
        return timezone.localdate()
