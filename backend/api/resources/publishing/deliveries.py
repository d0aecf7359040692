"""What became of each mail. Addresses are not among it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id
from scheduler.mail.models import Delivery

router = Router(tags=["email"])


class DeliveryOut(Schema):
    id: int
    publication_id: int | None = Field(description="Null for an email that asks to confirm.")
    channel_id: int
    mailing_list_id: int
    subscriber_id: int | None = Field(description="Null once the address was erased.")
    message_id: str
    state: Delivery.State
    code: str = Field(description="The mail server's reply, for example 550 or 5.1.1, or one of our codes.")
    message: str
    created_at: datetime
    sent_at: datetime | None

    @staticmethod
    def resolve_publication_id(row: Delivery) -> int | None:
        return row.mailing.publication_id if row.mailing else None


class DeliveryQuery(PageQuery):
    publication_id: Id | None = None
    mailing_list_id: Id | None = None
    subscriber_id: Id | None = None
    state: Delivery.State | None = None
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[DeliveryOut], summary="List deliveries")
def list_deliveries(request: ApiRequest, query: Query[DeliveryQuery]) -> Any:
    """With `count=true` and a state: how many of a publication's mails were sent, refused or are unknown."""
    wanted = {
        "mailing__publication_id": query.publication_id,
        "mailing_list_id": query.mailing_list_id,
        "subscriber_id": query.subscriber_id,
        "state": query.state,
    }
    rows = Delivery.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return page(rows.select_related("mailing"), query, sort=query.sort)


@router.get("/{delivery_id}", response=DeliveryOut, summary="Read a delivery")
def get_delivery(request: ApiRequest, delivery_id: Id) -> Delivery:
    return get_object_or_404(Delivery.objects.select_related("mailing"), pk=delivery_id)
