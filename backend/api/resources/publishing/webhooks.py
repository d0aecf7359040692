"""Webhooks: receivers that are told what happened, and the log of what they were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, patch_of
from scheduler.models import WebhookDelivery, WebhookEndpoint
from scheduler.webhooks import endpoints as services
from scheduler.webhooks.models import EventType

endpoints = Router(tags=["webhooks"])
deliveries = Router(tags=["webhooks"])


class EndpointOut(Schema):
    id: int
    address: str
    description: str
    event_types: list[EventType]
    active: bool
    disabled_at: datetime | None = Field(description="When we stopped sending to it, because it kept failing.")
    disabled_reason: str
    failures: int = Field(description="Attempts since the last success.")
    failing_since: datetime | None
    former_secret_ends_at: datetime | None = Field(description="Until then, the previous secret is valid too.")
    created_at: datetime


class EndpointWithSecretOut(EndpointOut):
    secret: str = Field(description="Each message is signed with it (Standard Webhooks). Only shown once.")


class EndpointFields(In):
    address: str = Field(..., min_length=1, max_length=1000, description="Starts with https://.")
    description: str = Field("", max_length=200, description="What it is for.")
    event_types: list[EventType] = Field(..., min_length=1)
    active: bool = Field(
        True, description=("While inactive, it is not notified. When made active, it starts with new events.")
    )


class EndpointIn(EndpointFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "address": "https://intranet.example.org/hooks/promenade",
                    "description": "Intranet",
                    "event_types": ["publication.sent", "publication.failed"],
                }
            ]
        }
    )


class EndpointPatch(patch_of(EndpointFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"event_types": ["publication.failed"]}]})


class EndpointQuery(PageQuery):
    active: bool | None = None
    sort: Literal["-id", "id"] = "-id"


class WebhookDeliveryOut(Schema):
    id: int
    endpoint_id: int
    event_id: UUID = Field(description="The message's `webhook-id`: the same on every attempt and in every replay.")
    event_type: str
    payload: dict[str, Any]
    replay_of_id: int | None
    created_at: datetime
    tries: int
    next_try_at: datetime | None = Field(description="Null once it is finished.")
    status_code: int | None = Field(description="Of the latest answer.")
    message: str = Field(description="What went wrong with the latest attempt.")
    finished_at: datetime | None
    outcome: Literal["waiting", "delivered", "failed"]

    @staticmethod
    def resolve_outcome(row: Any) -> str:
        return row.outcome or "waiting"

    @staticmethod
    def resolve_next_try_at(row: Any) -> datetime | None:
        return None if row.finished_at else row.next_try_at


class WebhookDeliveryQuery(PageQuery):
    endpoint_id: Id | None = None
    event_type: Literal[(*EventType.values, services.TEST)] | None = None  # type: ignore[valid-type]
    event_id: UUID | None = None
    outcome: Literal["waiting", "delivered", "failed"] | None = None
    sort: Literal["-id", "id"] = "-id"


@endpoints.get("", response=Page[EndpointOut], summary="List receivers")
def list_endpoints(request: ApiRequest, query: Query[EndpointQuery]) -> Any:
    rows = WebhookEndpoint.objects.all()
    return page(rows if query.active is None else rows.filter(active=query.active), query, sort=query.sort)


@endpoints.post("", response={201: EndpointWithSecretOut}, summary="Add a receiver")
def create_endpoint(request: ApiRequest, payload: EndpointIn) -> Any:
    """The signing secret is shown in this answer and never again."""
    row, _ = services.add_endpoint(**payload.model_dump())
    return Status(201, row)


@endpoints.get("/{endpoint_id}", response=EndpointOut, summary="Read a receiver")
def get_endpoint(request: ApiRequest, endpoint_id: Id) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint, pk=endpoint_id)


@endpoints.patch("/{endpoint_id}", response=EndpointOut, summary="Change the given fields")
@atomic
def change_endpoint(request: ApiRequest, endpoint_id: Id, payload: EndpointPatch) -> WebhookEndpoint:
    return services.change_endpoint(endpoint=_locked(request, endpoint_id), changes=payload.submitted_fields())


@endpoints.delete("/{endpoint_id}", response={204: None}, summary="Remove a receiver and its log")
@atomic
def delete_endpoint(request: ApiRequest, endpoint_id: Id) -> Any:
    services.remove_endpoint(endpoint=_locked(request, endpoint_id))
    return Status(204, None)


@endpoints.post("/{endpoint_id}/rotate-secret", response=EndpointWithSecretOut, summary="Create a new signing secret")
@atomic
def rotate_secret(request: ApiRequest, endpoint_id: Id) -> WebhookEndpoint:
    """Shown in this answer and never again. For a day, messages carry a signature of the former one as well."""
    row, _ = services.rotate_secret(endpoint=_locked(request, endpoint_id))
    return row


@endpoints.post("/{endpoint_id}/test", response={201: WebhookDeliveryOut}, summary="Send a test message")
@atomic
def send_test(request: ApiRequest, endpoint_id: Id) -> Any:
    """It goes out within seconds; read the delivery again to see how it went."""
    return Status(201, services.send_test(endpoint=_locked(request, endpoint_id)))


@deliveries.get("", response=Page[WebhookDeliveryOut], summary="List deliveries")
def list_deliveries(request: ApiRequest, query: Query[WebhookDeliveryQuery]) -> Any:
    wanted = {"endpoint_id": query.endpoint_id, "event_type": query.event_type, "event_id": query.event_id}
    rows = WebhookDelivery.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if query.outcome is not None:
        rows = rows.filter(outcome="" if query.outcome == "waiting" else query.outcome)
    return page(rows, query, sort=query.sort)


@deliveries.get("/{webhook_delivery_id}", response=WebhookDeliveryOut, summary="Read a delivery")
def get_delivery(request: ApiRequest, webhook_delivery_id: Id) -> WebhookDelivery:
    return get_object_or_404(WebhookDelivery, pk=webhook_delivery_id)


@deliveries.post("/{webhook_delivery_id}/replay", response={201: WebhookDeliveryOut}, summary="Send a message again")
@atomic
def replay_delivery(request: ApiRequest, webhook_delivery_id: Id) -> Any:
    """The same message under the same `webhook-id`, as a delivery of its own."""
    row = get_object_or_404(WebhookDelivery.objects.select_for_update(), pk=webhook_delivery_id)
    preconditions.check(request, WebhookDeliveryOut, row)
    return Status(201, services.replay_delivery(delivery=row))


def _locked(request: ApiRequest, endpoint_id: int) -> WebhookEndpoint:
    row: WebhookEndpoint = get_object_or_404(WebhookEndpoint.objects.select_for_update(), pk=endpoint_id)
    preconditions.check(request, EndpointOut, row)
    return row
