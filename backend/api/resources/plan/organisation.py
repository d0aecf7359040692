"""The one organisation that this installation serves."""

from __future__ import annotations

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.rows import optional_row
from backend.api.schemas import ApiRequest, Id, In, Title, ZoneName, patch_of
from campaigns.planning.models import Organisation
from campaigns.planning.services import organisation as organisation_services
from media.models import Picture

router = Router(tags=["organisation"])


class OrganisationOut(Schema):
    name: str
    accent: str = Field(description="The organisation's colour; pages adjust it where it would be hard to read.")
    logo_id: int | None = Field(description="A picture.")
    zone: str = Field(description="Used for dates; each person chooses their own time zone for the console.")
    approves_own_edits: bool = Field(description="Whether people can approve their own edits.")


class OrganisationFields(In):
    name: Title
    accent: str = Field(max_length=7, examples=["#0b5a66"])
    logo_id: Id | None
    zone: ZoneName
    approves_own_edits: bool


class OrganisationPatch(patch_of(OrganisationFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"approves_own_edits": False}]})


@router.get("", response=OrganisationOut, summary="Read the organisation")
def get_organisation(request: ApiRequest) -> Organisation:
    return Organisation.current()


@router.patch("", response=OrganisationOut, summary="Change the given fields")
@atomic
def change_organisation(request: ApiRequest, payload: OrganisationPatch) -> Organisation:
    row = Organisation.objects.select_for_update().get(pk=Organisation.current().pk)
    preconditions.check(request, OrganisationOut, row)
    given = payload.submitted_fields()
    if "logo_id" in given:
        given["logo"] = optional_row(Picture, given.pop("logo_id"), field="logo_id")
    return organisation_services.change_organisation(organisation=row, changes=given)
