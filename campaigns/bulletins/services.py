"""Plans bulletins: what they share with all content is planning's business, their sections are ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from campaigns.bulletins.errors import InvalidBulletin
from campaigns.bulletins.models import Bulletin, Section
from campaigns.planning import validation
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Audience, Campaign
from campaigns.planning.services import content
from media import uses
from media.models import Picture

SECTIONS_AT_MOST = 50
SectionGiven = Mapping[str, Any]
"""kind ("text" unless given), heading, body (Markdown), team (a Team for a spotlight, otherwise None)."""

_SECTION_FIELDS = ("kind", "heading", "body", "team")
_CHANGEABLE = frozenset(
    {"title", "slug", "summary", "campaign", "audience", "tags", "picture", "period_start", "period_end", "sections"}
)


@transaction.atomic
def plan_bulletin(
    *,
    by: models.Model | None,
    title: str,
    slug: str | None = None,
    summary: str = "",
    campaign: Campaign | None = None,
    audience: str = Audience.STAFF,
    tags: Sequence[str] = (),
    picture: Picture | None = None,
    period_start: date,
    period_end: date,
    sections: Sequence[SectionGiven] = (),
) -> Bulletin:
    """Save a new bulletin as a draft, with its sections in the order given; for staff unless said otherwise.
    Raises InvalidPlan for what all content shares, and InvalidBulletin."""
    _check_period(period_start, period_end)
    bulletin = Bulletin(
        title=title,
        slug=slug or "",
        summary=summary,
        campaign=campaign,
        audience=audience,
        tags=list(tags),
        picture=picture,
        period_start=period_start,
        period_end=period_end,
    )
    bulletin = content.save_new(bulletin, by=by)
    _replace_sections(bulletin, _read_sections(sections))
    return bulletin


@transaction.atomic
def change_bulletin(
    *, bulletin: Bulletin, changes: Mapping[str, Any], by: models.Model | None, keep_approval: bool = False
) -> Bulletin:
    """Change the named fields; `sections`, where named, are replaced as a whole. Nothing that differs: nothing is
    written. An approved bulletin goes back to review (or keeps its approval, as `content.apply_changes` says).
    Raises InvalidPlan, InvalidBulletin, MoveRefused and NotAllowed."""
    for name in changes:
        if name not in _CHANGEABLE:
            raise InvalidBulletin(f"A bulletin has no {name} that can be changed.", field=name)
    fields = {name: value for name, value in changes.items() if name != "sections"}
    bulletin.refresh_from_db(from_queryset=models.QuerySet(Bulletin).select_for_update())
    _check_period(fields.get("period_start", bulletin.period_start), fields.get("period_end", bulletin.period_end))
    if "sections" in changes:
        given = _read_sections(changes["sections"])
        if given != _kept_sections(bulletin):
            # Before the fields: whoever hears of the change must find the new sections.
            _replace_sections(bulletin, given)
            # A difference even on a clock that stands still, so that the rules for changed content apply.
            fields["edited_at"] = max(timezone.now(), bulletin.edited_at + timedelta(microseconds=1))
    return content.apply_changes(bulletin, fields, by=by, keep_approval=keep_approval)


def _check_period(start: date | None, end: date | None) -> None:
    if start and end and end < start:
        raise InvalidBulletin("The end date is before the start date. Change one of them.", field="period_end")


def _read_sections(given: Sequence[SectionGiven]) -> list[dict[str, Any]]:
    if len(given) > SECTIONS_AT_MOST:
        raise InvalidBulletin(
            f"A bulletin can have up to {SECTIONS_AT_MOST} sections, and this one has {len(given)}. Combine "
            "some of them, or create a second bulletin.",
            field="sections",
        )
    return [_read_section(section, number) for number, section in enumerate(given)]


def _read_section(given: SectionGiven, number: int) -> dict[str, Any]:
    where = f"sections.{number}"
    for name in given:
        if name not in _SECTION_FIELDS:
            raise InvalidBulletin(f"A section has no {name}.", field=f"{where}.{name}")
    section = {"kind": Section.Kind.TEXT.value, "heading": "", "body": "", "team": None} | dict(given)
    if section["kind"] == Section.Kind.SPOTLIGHT and section["team"] is None:
        raise InvalidBulletin("Choose a team for the spotlight.", field=f"{where}.team")
    if section["kind"] == Section.Kind.TEXT and section["team"] is not None:
        raise InvalidBulletin(
            "A text section has no team. Make it a spotlight, or leave out the team.", field=f"{where}.team"
        )
    return section


def _kept_sections(bulletin: Bulletin) -> list[dict[str, Any]]:
    sections = bulletin.sections.select_related("team").order_by("position")
    return [{name: getattr(section, name) for name in _SECTION_FIELDS} for section in sections]


def _replace_sections(bulletin: Bulletin, given: Sequence[Mapping[str, Any]]) -> None:
    bulletin.sections.all().delete()
    sections = [Section(bulletin=bulletin, position=number, **one) for number, one in enumerate(given)]
    for section in sections:
        try:
            validation.check(section)
        except InvalidPlan as error:
            field = f"sections.{section.position}" + (f".{error.field}" if error.field else "")
            raise InvalidBulletin(str(error), field=field) from None
        section.save()  # one by one, so that those who follow saved rows hear of each
    in_text = {pk for section in sections for pk in uses.picture_ids_in(section.body)}
    uses.record_uses(kind="text", row_id=bulletin.pk, picture_ids=in_text)
