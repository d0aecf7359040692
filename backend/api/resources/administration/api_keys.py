"""API keys: each is a program's way in, with a role of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.accounts import services
from backend.accounts.models import ApiKey, Role
from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, Moment

router = Router(tags=["api keys"])


class ApiKeyOut(Schema):
    id: int
    name: str
    role: Role
    user_id: int = Field(description="The program's own id, as in the audit trail.")
    hint: str = Field(description="The key's first characters, to tell keys apart.")
    created_at: datetime
    created_by_id: int | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @staticmethod
    def resolve_name(key: Any) -> str:
        return str(key.user.name)

    @staticmethod
    def resolve_role(key: Any) -> str:
        return str(key.user.role)


class NewApiKeyOut(ApiKeyOut):
    key: str = Field(description="The key itself, only shown once.")


class ApiKeyIn(In):
    name: str = Field(..., min_length=1, max_length=200, description="What the key is for.")
    role: Role
    expires_at: Moment | None = Field(None, description="Left out: no expiry date.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Careers website", "role": "reader", "expires_at": "2030-09-01T00:00:00+01:00"}]
        }
    )


class ApiKeyQuery(PageQuery):
    role: Role | None = None
    live: bool | None = Field(None, description="Neither revoked nor expired.")
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[ApiKeyOut], summary="List API keys")
def list_api_keys(request: ApiRequest, query: Query[ApiKeyQuery]) -> Any:
    rows = _keys()
    if query.role is not None:
        rows = rows.filter(user__role=query.role)
    if query.live is not None:
        live = Q(pk__in=ApiKey.objects.live(timezone.now()).values("pk"))
        rows = rows.filter(live if query.live else ~live)
    return page(rows, query, sort=query.sort)


@router.post("", response={201: NewApiKeyOut}, summary="Create an API key")
def create_api_key(request: ApiRequest, payload: ApiKeyIn) -> Any:
    """The key is shown in this answer and never again."""
    key, secret = services.create_api_key(by=request.principal, **payload.model_dump())
    shown: Any = key
    shown.key = secret
    return Status(201, shown)


@router.get("/{api_key_id}", response=ApiKeyOut, summary="Read an API key")
def get_api_key(request: ApiRequest, api_key_id: Id) -> ApiKey:
    return _one(api_key_id)


@router.post("/{api_key_id}/revoke", response=ApiKeyOut, summary="Revoke an API key")
@atomic
def revoke_api_key(request: ApiRequest, api_key_id: Id) -> ApiKey:
    """At once, with the private addresses that its program was given. Twice is as good as once."""
    get_object_or_404(ApiKey.objects.select_for_update(), pk=api_key_id)
    key = _one(api_key_id)
    preconditions.check(request, ApiKeyOut, key)
    return services.revoke_api_key(api_key=key)


def _keys() -> Any:
    return ApiKey.objects.select_related("user")


def _one(api_key_id: int) -> ApiKey:
    key: ApiKey = get_object_or_404(_keys(), pk=api_key_id)
    return key
