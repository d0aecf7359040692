"""What a content says, as one JSON-safe document: what the house's own pages and feeds show of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from django.conf import settings

from campaigns.bulletins.models import Bulletin, Section
from campaigns.planning.models import BlogEntry, Content, Event, Vacancy
from campaigns.website import markdown as text


def build_page_document(content: Content, *, sections: Sequence[Section] | None = None) -> dict[str, Any]:
    """The document of a content of any kind, read from its present row; a bulletin that is not saved yet gives its
    `sections`.

    Keys: kind, audience, slug, title, summary (plain text; where none was written, the first words of the text),
    html (sanitised, its addresses absolute), author, tags, picture (id or None), details (by kind, see below),
    ends_at and ended (how, where it ended before its time). Times are ISO 8601 in UTC, money is in pence, hours are a
    decimal string.
    """
    found = content.specific
    html, details = _told(found, sections)
    ending = found.ending()
    document = {
        "kind": found.kind,
        "audience": found.audience,
        "slug": found.slug,
        "title": text.one_line(found.title),
        "summary": found.summary.strip() or text.excerpt(text.words(html)),
        "html": html,
        "author": found.author_line if isinstance(found, BlogEntry) else "",
        "tags": list(found.tags),
        "picture": found.picture_id,
        "details": details,
        "ends_at": _iso(ending.at),
        "ended": str(ending.early),
    }
    return {name: _cleaned(value) for name, value in document.items()}


def _told(content: Content, sections: Sequence[Section] | None) -> tuple[str, dict[str, Any]]:
    """The HTML and the details of one kind."""
    if isinstance(content, Vacancy):
        return _html(content.body), _vacancy(content)
    if isinstance(content, Event):
        return _html(content.body), _event(content)
    if isinstance(content, BlogEntry):
        return _html(content.body), {}
    assert isinstance(content, Bulletin)  # noqa: S101 - the four kinds
    if sections is None:
        sections = list(content.sections.select_related("team").order_by("position"))
    return "\n".join(_section(section) for section in sections), {
        "period_start": content.period_start.isoformat(),
        "period_end": content.period_end.isoformat(),
        "spotlights": [section.team.name for section in sections if section.team],
    }


def _vacancy(vacancy: Vacancy) -> dict[str, Any]:
    return {
        "reference": vacancy.reference,
        "team": vacancy.team.name if vacancy.team else "",
        "staff_group": vacancy.get_staff_group_display(),
        "pay_band": vacancy.pay_band,
        "salary_min_pence": vacancy.salary_min_pence,
        "salary_max_pence": vacancy.salary_max_pence,
        "salary_unit": vacancy.salary_unit,
        "salary_unit_label": vacancy.get_salary_unit_display(),
        "contract_type": vacancy.contract_type,
        "contract": vacancy.get_contract_type_display(),
        "working_pattern": vacancy.working_pattern,
        "pattern": vacancy.get_working_pattern_display(),
        "hours_per_week": None if vacancy.hours_per_week is None else format(vacancy.hours_per_week.normalize(), "f"),
        "location": vacancy.location,
        "postcode": vacancy.postcode,
        "opens_at": _iso(vacancy.opens_at),
        "closes_at": _iso(vacancy.closes_at),
        "headcount": vacancy.headcount,
        "values_statement": vacancy.values_statement,
        "childcare_offered": vacancy.childcare_offered,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "event_kind": event.event_kind,
        "kind_label": event.get_event_kind_display(),
        "place": event.place,
        "online_url": event.online_url,
        "starts_at": _iso(event.starts_at),
        "ends_at": _iso(event.ends_at),
        "capacity": event.capacity,
        "host_team": event.host_team.name if event.host_team else "",
        "childcare_offered": event.childcare_offered,
    }


def _section(section: Section) -> str:
    parts = [f"<h2>{escape(section.heading)}</h2>"]
    if section.team:
        place = f", {escape(section.team.location)}" if section.team.location else ""
        parts.append(f"<p><strong>{section.get_kind_display()}:</strong> {escape(section.team.name)}{place}</p>")
    parts.append(_html(section.body, top=3))
    return "\n".join(part for part in parts if part)


def _html(markdown: str, top: int = 2) -> str:
    return text.html(markdown, base=f"{settings.BASE_URL}/", top=top)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return text.clean(str(value))
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    if isinstance(value, dict):
        return {name: _cleaned(part) for name, part in value.items()}
    return value
