"""Types that all resources share."""

from __future__ import annotations

from copy import copy
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticUndefined

from backend.accounts.models import User
from campaigns.planning import organisation_clock
from campaigns.planning.errors import InvalidPlan

LARGEST = 2**63 - 1


def _written(value: Any) -> Any:
    """A number would be read as seconds or milliseconds since 1970, which nobody means."""
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.strip().lstrip("+-").isdigit()):
        raise ValueError("Use ISO 8601, for example 2030-09-03 or 2030-09-03T08:30:00+01:00.")
    return value


def _in_range(value: datetime) -> datetime:
    if not organisation_clock.is_within_years(value):
        raise ValueError(organisation_clock.OUTSIDE_YEARS)
    return value


def _to_utc(value: datetime) -> datetime:
    try:
        return organisation_clock.to_utc(value, field="")
    except InvalidPlan as error:
        raise ValueError(str(error)) from None


def _day_in_range(value: date) -> date:
    if not organisation_clock.is_within_years(value):
        raise ValueError(organisation_clock.OUTSIDE_YEARS)
    return value


Id = Annotated[int, Field(ge=1, le=LARGEST, examples=[1])]
Pence = Annotated[int, Field(ge=0, le=10**12, description="Money in pence.")]
Moment = Annotated[
    datetime,
    BeforeValidator(_written),
    AfterValidator(_to_utc),
    Field(description="ISO 8601. Without an offset, it is in the organisation's time zone."),
]
WallTime = Annotated[
    datetime,
    BeforeValidator(_written),
    AfterValidator(_in_range),
    Field(description="ISO 8601. Without an offset, it is in the time zone `zone`."),
]
ZoneName = Annotated[str, Field(max_length=64, description="IANA's name of a time zone.", examples=["Europe/London"])]
Zone = Annotated[
    str,
    Field(
        default_factory=organisation_clock.organisation_zone_name,
        max_length=64,
        description="IANA's name of a time zone; left out, the organisation's.",
        examples=["Europe/London"],
    ),
]
ClockTime = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Hours and minutes in the time zone `zone`."),
]
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_day_in_range)]
Slug = Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class In(Schema):
    """What is sent to us: a field that we do not know is an error, not silence."""

    model_config = ConfigDict(extra="forbid")

    def submitted_fields(self, *, without: set[str] | None = None) -> dict[str, Any]:
        """The fields that the request named."""
        return self.model_dump(exclude_unset=True, exclude=without)


def patch_of(shape: type[In]) -> Any:
    """The base of a PATCH body: the same fields, none required, and only those that were named are changed."""
    fields: dict[str, Any] = {}
    for name, info in shape.model_fields.items():
        optional = copy(info)
        optional.default = PydanticUndefined
        optional.default_factory = _unnamed
        fields[name] = (info.annotation, optional)
    return create_model(f"{shape.__name__}Named", __base__=In, **fields)


def _unnamed() -> None:
    """Stands in for a field that the request did not name; `given` leaves it out."""


class ApiRequest(HttpRequest):
    """A request that was let through."""

    principal: User


class Ref(Schema):
    id: int
    name: str


class FieldProblem(Schema):
    place: Literal["body", "query", "path", "header", "file", "form"]
    field: str = Field(description="Where: names and positions joined by dots.", examples=["sections.0.heading"])
    message: str


class Problem(Schema):
    """RFC 9457. `code` is stable; `detail` is for a person."""

    type: str = Field(examples=["urn:promenade:problem:wrong_state"])
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[FieldProblem] = []
