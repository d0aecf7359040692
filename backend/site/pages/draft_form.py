"""Reads what somebody is writing in the console, as far as their form has come: whatever is missing or wrong is left
out, since nothing of it is saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.http import Http404
from django.utils.dateparse import parse_date

from campaigns.bulletins.models import Bulletin, Section
from campaigns.bulletins.services import SECTIONS_AT_MOST
from campaigns.planning import clock
from campaigns.planning.models import Audience, BlogEntry, Content, ContentKind, Team
from media.models import Picture

UNTITLED = "Without a title yet"


def read(kind: str, form: Mapping[str, str]) -> tuple[Content, list[Section] | None]:
    """The content and, for a bulletin, its sections. Raises Http404 for a kind that is not written."""
    if kind == ContentKind.BLOG_ENTRY:
        entry = BlogEntry(body=form.get("body", ""), author_line=form.get("author_line", ""))
        return _shared(entry, kind, form), None
    if kind == ContentKind.BULLETIN:
        start = _day(form.get("period_start", ""))
        bulletin = Bulletin(period_start=start, period_end=_day(form.get("period_end", "")))
        return _shared(bulletin, kind, form), _sections(form)
    raise Http404


def _shared(content: Content, kind: str, form: Mapping[str, str]) -> Content:
    content.kind = kind
    content.title = form.get("title", "").strip() or UNTITLED
    content.summary = form.get("summary", "")
    content.audience = form["audience"] if form.get("audience") in Audience.values else Audience.PUBLIC
    content.tags = [tag.strip() for tag in form.get("tags", "").split(",") if tag.strip()]
    picture = _number(form.get("picture", ""))
    content.picture = Picture.objects.filter(pk=picture).first() if picture else None
    return content


def _sections(form: Mapping[str, str]) -> list[Section]:
    """Those of the form: section-0-heading and so on, in order."""
    numbers = [number for number in range(SECTIONS_AT_MOST) if f"section-{number}-heading" in form]
    team_ids = {number: _number(form.get(f"section-{number}-team", "")) for number in numbers}
    teams = Team.objects.in_bulk({pk for pk in team_ids.values() if pk})
    return [
        Section(
            position=number,
            kind=Section.Kind.SPOTLIGHT if team_ids[number] in teams else Section.Kind.TEXT,
            heading=form[f"section-{number}-heading"],
            body=form.get(f"section-{number}-body", ""),
            team=teams.get(team_ids[number] or 0),
        )
        for number in numbers
    ]


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _day(text: str) -> date:
    try:
        return parse_date(text) or clock.today()
    except ValueError:  # such as 31 February
        return clock.today()
