"""Addresses on the mailing lists: personal data, so only for those who look after them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id
from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import Subscriber, SubscriberStatus

router = Router(tags=["email"])


class SubscriberOut(Schema):
    id: int
    mailing_list_id: int
    address: str
    status: SubscriberStatus
    created_at: datetime
    confirmed_at: datetime | None


class SubscriberQuery(PageQuery):
    mailing_list_id: Id | None = None
    status: SubscriberStatus | None = None
    address: str | None = Field(None, max_length=254, description="The full email address.")
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[SubscriberOut], summary="List subscribers")
def list_subscribers(request: ApiRequest, query: Query[SubscriberQuery]) -> Any:
    wanted = {
        "mailing_list_id": query.mailing_list_id,
        "status": query.status,
        "address": query.address.strip().lower() if query.address else None,
    }
    rows = Subscriber.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return page(rows, query, sort=query.sort)


@router.get("/{subscriber_id}", response=SubscriberOut, summary="Read a subscriber")
def get_subscriber(request: ApiRequest, subscriber_id: Id) -> Subscriber:
    return get_object_or_404(Subscriber, pk=subscriber_id)


@router.post("/{subscriber_id}/unsubscribe", response=SubscriberOut, summary="Unsubscribe an address")
@atomic
def unsubscribe_subscriber(request: ApiRequest, subscriber_id: Id) -> Subscriber:
    """For those who ask by telephone. They are not brought back by an import."""
    return subscriptions.unsubscribe_subscriber(subscriber=_locked(request, subscriber_id))


@router.delete("/{subscriber_id}", response={204: None}, summary="Erase an address")
@atomic
def erase_subscriber(request: ApiRequest, subscriber_id: Id) -> Any:
    """What was sent stays counted, without saying to whom."""
    subscriptions.erase(subscriber=_locked(request, subscriber_id))
    return Status(204, None)


def _locked(request: ApiRequest, subscriber_id: int) -> Subscriber:
    row = get_object_or_404(Subscriber.objects.select_for_update(), pk=subscriber_id)
    preconditions.check(request, SubscriberOut, row)
    return row
