"""What a content says: what the house's own pages and feeds show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from django.conf import settings
from pydantic.dataclasses import dataclass

from campaigns.bulletins.models import Bulletin, Section
from campaigns.planning.models import BlogEntry, Content, Event, Vacancy
from campaigns.website import addresses, text_direction
from campaigns.website import markdown as text
from campaigns.website.headings import PREFIX, Headings, with_page
from campaigns.website.page_details import (
    BlogEntryDetails,
    BulletinDetails,
    CleanText,
    EventDetails,
    Moment,
    PageDetails,
    VacancyDetails,
)


@dataclass(frozen=True, kw_only=True)
class PageDocument:
    """A content of any kind, as its page shows it."""

    content_id: int | None
    """None for one that is not saved yet."""
    kind: CleanText
    audience: CleanText
    slug: CleanText
    title: CleanText
    summary: CleanText
    """Plain text; where none was written, the first words of the text."""
    html: CleanText
    """Sanitised, its addresses absolute but for those of its own headings."""
    author: CleanText
    tags: tuple[CleanText, ...]
    picture_id: int | None
    details: PageDetails
    ends_at: Moment | None
    ended: CleanText
    """How, where it ended before its time."""

    @property
    def html_elsewhere(self) -> str:
        """For where its page is not: links to a part of the text lead to the page."""
        return with_page(self.html, addresses.page_for(audience=self.audience, kind=self.kind, slug=self.slug))

    def with_summary(self, summary: str) -> PageDocument:
        return replace(self, summary=summary)


def build_page_document(content: Content, *, sections: Sequence[Section] | None = None) -> PageDocument:
    """The document of a content of any kind, read from its present row; a bulletin that is not saved yet gives its
    `sections`."""
    found = content.specific
    html, details = _text_and_details(found, sections)
    ending = found.ending()
    return PageDocument(
        content_id=found.pk,
        kind=found.kind,
        audience=found.audience,
        slug=found.slug,
        title=text.one_line(found.title),
        summary=found.summary.strip() or text.excerpt(text.words(html)),
        html=html,
        author=found.author_line if isinstance(found, BlogEntry) else "",
        tags=tuple(found.tags),
        picture_id=found.picture_id,
        details=details,
        ends_at=ending.at,
        ended=ending.early,
    )


def _text_and_details(content: Content, sections: Sequence[Section] | None) -> tuple[str, PageDetails]:
    """The HTML and the details of one kind."""
    if isinstance(content, Vacancy):
        return _html(content.body), _vacancy(content)
    if isinstance(content, Event):
        return _html(content.body), _event(content)
    if isinstance(content, BlogEntry):
        return _html(content.body), BlogEntryDetails()
    assert isinstance(content, Bulletin)  # noqa: S101 - the four kinds
    if sections is None:
        sections = list(content.sections.select_related("team").order_by("position"))
    headings = Headings()
    return "\n".join(_section(section, headings) for section in sections), BulletinDetails(
        period_start=content.period_start,
        period_end=content.period_end,
        spotlights=tuple(section.team.name for section in sections if section.team),
    )


def _vacancy(vacancy: Vacancy) -> VacancyDetails:
    return VacancyDetails(
        reference=vacancy.reference,
        team=vacancy.team.name if vacancy.team else "",
        staff_group=vacancy.get_staff_group_display(),
        pay_band=vacancy.pay_band,
        salary_min_pence=vacancy.salary_min_pence,
        salary_max_pence=vacancy.salary_max_pence,
        salary_unit=vacancy.salary_unit,
        salary_unit_label=vacancy.get_salary_unit_display(),
        contract_type=vacancy.contract_type,
        contract=vacancy.get_contract_type_display(),
        working_pattern=vacancy.working_pattern,
        pattern=vacancy.get_working_pattern_display(),
        hours_per_week=None if vacancy.hours_per_week is None else format(vacancy.hours_per_week.normalize(), "f"),
        location=vacancy.location,
        postcode=vacancy.postcode,
        opens_at=vacancy.opens_at,
        closes_at=vacancy.closes_at,
        headcount=vacancy.headcount,
        values_statement=vacancy.values_statement,
        childcare_offered=vacancy.childcare_offered,
    )


def _event(event: Event) -> EventDetails:
    return EventDetails(
        event_kind=event.event_kind,
        kind_label=event.get_event_kind_display(),
        place=event.place,
        online_url=event.online_url,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        capacity=event.capacity,
        host_team=event.host_team.name if event.host_team else "",
        childcare_offered=event.childcare_offered,
    )


def _section(section: Section, headings: Headings) -> str:
    """`headings` are those of the sections before it."""
    heading = text.one_line(section.heading)
    name = f"{PREFIX}{headings.add(heading)}"
    parts = [f'<h2 id="{name}"{text_direction.attribute(heading)}>{escape(heading)}</h2>']
    if section.team:
        place = f", {escape(section.team.location)}" if section.team.location else ""
        parts.append(f"<p><strong>{section.get_kind_display()}:</strong> {escape(section.team.name)}{place}</p>")
    parts.append(text.html(section.body, base=f"{settings.BASE_URL}/", top=3, headings=headings))
    return "\n".join(part for part in parts if part)


def _html(markdown: str) -> str:
    return text.html(markdown, base=f"{settings.BASE_URL}/")
