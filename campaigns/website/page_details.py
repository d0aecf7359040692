"""What a page shows of each kind beyond its text, and the JSON in which an item keeps it. Money is in pence, times are
aware and kept as ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, ConfigDict, PlainSerializer, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from campaigns.planning.models import ContentKind
from campaigns.website import markdown
from campaigns.website.errors import UnreadableDetails

CleanText = Annotated[str, AfterValidator(markdown.clean)]
# The exact form matters: events are sorted by it, and another form of the same moment would read as a change.
Moment = Annotated[
    AwareDatetime,
    AfterValidator(lambda moment: moment.astimezone(UTC)),
    PlainSerializer(lambda moment: moment.isoformat(), when_used="json"),
]

# A key that is missing or that nobody knows is an error: half of what is kept would be shown as the whole.
_STRICTLY = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True, config=_STRICTLY)
class VacancyDetails:
    reference: CleanText
    team: CleanText
    staff_group: CleanText
    """In words, like each of the fields below that has one of a code beside it."""
    pay_band: CleanText
    salary_min_pence: int | None
    salary_max_pence: int | None
    salary_unit: CleanText
    salary_unit_label: CleanText
    contract_type: CleanText
    contract: CleanText
    working_pattern: CleanText
    pattern: CleanText
    hours_per_week: CleanText | None
    """A decimal, such as 37.5."""
    location: CleanText
    postcode: CleanText
    opens_at: Moment
    closes_at: Moment
    headcount: int
    values_statement: CleanText
    childcare_offered: bool


@dataclass(frozen=True, kw_only=True, config=_STRICTLY)
class EventDetails:
    event_kind: CleanText
    kind_label: CleanText
    place: CleanText
    online_url: CleanText
    starts_at: Moment
    ends_at: Moment
    capacity: int | None
    host_team: CleanText
    childcare_offered: bool


@dataclass(frozen=True, kw_only=True, config=_STRICTLY)
class BulletinDetails:
    period_start: date
    period_end: date
    spotlights: tuple[CleanText, ...]
    """The names of the teams, in order."""


@dataclass(frozen=True, config=_STRICTLY)
class BlogEntryDetails:
    """A blog entry is its text."""


PageDetails = VacancyDetails | EventDetails | BulletinDetails | BlogEntryDetails

_KINDS: dict[str, TypeAdapter[Any]] = {
    ContentKind.VACANCY: TypeAdapter(VacancyDetails),
    ContentKind.EVENT: TypeAdapter(EventDetails),
    ContentKind.BULLETIN: TypeAdapter(BulletinDetails),
    ContentKind.BLOG_ENTRY: TypeAdapter(BlogEntryDetails),
}
_ANY: TypeAdapter[PageDetails] = TypeAdapter(PageDetails)


def to_json(details: PageDetails) -> dict[str, Any]:
    found: dict[str, Any] = _ANY.dump_python(details, mode="json")
    return found


def from_json(kind: str, kept: Any) -> PageDetails:
    """What `to_json` made of the details of this kind. Raises UnreadableDetails."""
    if kind not in _KINDS:
        raise UnreadableDetails(f"There is no page of the kind {kind}.")
    try:
        found: PageDetails = _KINDS[kind].validate_python(kept)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc'])) or kind}: {each['msg']}" for each in error.errors())
        raise UnreadableDetails(f"The details that are kept with a page cannot be read ({wrong}).") from None
    return found
