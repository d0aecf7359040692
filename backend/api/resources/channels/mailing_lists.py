"""Lists that get mail together, and the import of addresses into those for staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, Title, patch_of
from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList
from campaigns.planning.models import Audience

router = Router(tags=["email"])


class MailingListOut(Schema):
    id: int
    name: str
    audience: Audience
    from_name: str
    description: str
    created_at: datetime


class MailingListFields(In):
    name: Title
    from_name: Title = Field(..., description="The sender name that readers see.")
    description: str = Field("", max_length=2000, description="What subscribers get, and how often.")


class MailingListIn(MailingListFields):
    audience: Audience = Field(..., description="Anyone can subscribe to a public list. You cannot change this later.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Careers news", "audience": "public", "from_name": "Riverside Hospitals"}]
        }
    )


class MailingListPatch(patch_of(MailingListFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "New vacancies, once a week."}]})


class MailingListQuery(PageQuery):
    audience: Audience | None = None
    sort: Literal["-id", "id", "name", "-name"] = "-id"


class ImportIn(In):
    addresses: list[str] = Field(..., min_length=1, max_length=subscriptions.IMPORTED_AT_MOST)

    model_config = ConfigDict(json_schema_extra={"examples": [{"addresses": ["sam.okafor@example.org"]}]})


class ImportOut(Schema):
    added: int
    known: int = Field(
        description=("Already on the list, whatever their status: people who have unsubscribed are not added again.")
    )


@router.get("", response=Page[MailingListOut], summary="List mailing lists")
def list_mailing_lists(request: ApiRequest, query: Query[MailingListQuery]) -> Any:
    rows = MailingList.objects.all()
    return page(rows.filter(audience=query.audience) if query.audience else rows, query, sort=query.sort)


@router.post("", response={201: MailingListOut}, summary="Add a mailing list")
def create_mailing_list(request: ApiRequest, payload: MailingListIn) -> Any:
    """Name it in the settings of an e-mail channel, which sends to it then."""
    return Status(201, subscriptions.add_list(**payload.model_dump()))


@router.get("/{list_id}", response=MailingListOut, summary="Read a mailing list")
def get_mailing_list(request: ApiRequest, list_id: Id) -> MailingList:
    return get_object_or_404(MailingList, pk=list_id)


@router.patch("/{list_id}", response=MailingListOut, summary="Change the given fields")
@atomic
def change_mailing_list(request: ApiRequest, list_id: Id, payload: MailingListPatch) -> MailingList:
    row = get_object_or_404(MailingList.objects.select_for_update(), pk=list_id)
    preconditions.check(request, MailingListOut, row)
    return subscriptions.change_list(mailing_list=row, changes=payload.submitted_fields())


@router.post("/{list_id}/import", response=ImportOut, summary="Add addresses to a staff list")
@atomic
def import_subscribers(request: ApiRequest, list_id: Id, payload: ImportIn) -> Any:
    """All of them or none. People ask for a public list themselves, at /subscribe."""
    row = get_object_or_404(MailingList.objects.select_for_update(), pk=list_id)
    preconditions.check(request, MailingListOut, row)
    return subscriptions.import_addresses(mailing_list=row, addresses=payload.addresses, at=timezone.now())
