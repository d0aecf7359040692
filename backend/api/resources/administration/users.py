"""People who sign in. Programs are found under their API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from backend.accounts import second_steps, services, sessions
from backend.accounts.models import Role, User
from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, In, patch_of

router = Router(tags=["users"])


class SessionsEndedOut(Schema):
    ended: int


class UserOut(Schema):
    id: int
    email: str
    name: str
    role: Role
    is_active: bool
    created_at: datetime


class PersonFields(In):
    email: str = Field(..., min_length=3, max_length=254)
    name: str = Field(..., min_length=1, max_length=200)
    role: Role
    password: str | None = Field(
        None, max_length=1000, description="At least 12 characters. Without one, they cannot sign in yet."
    )


class UserIn(PersonFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "sam.okafor@example.org",
                    "name": "Sam Okafor",
                    "role": "comms",
                    "password": "sixteen green herons",
                }
            ]
        }
    )


class ChangeableFields(PersonFields):
    is_active: bool = True


class UserPatch(patch_of(ChangeableFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Samira Okafor"}]})


class UserQuery(PageQuery):
    role: Role | None = None
    is_active: bool | None = None
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[UserOut], summary="List people")
def list_users(request: ApiRequest, query: Query[UserQuery]) -> Any:
    wanted = {"role": query.role, "is_active": query.is_active}
    rows = _people().filter(**{name: value for name, value in wanted.items() if value is not None})
    return page(rows, query, sort=query.sort)


@router.post("", response={201: UserOut}, summary="Add a person")
def create_user(request: ApiRequest, payload: UserIn) -> Any:
    return Status(201, services.add_person(**payload.model_dump()))


@router.get("/{user_id}", response=UserOut, summary="Read a person")
def get_user(request: ApiRequest, user_id: Id) -> User:
    return get_object_or_404(_people(), pk=user_id)


@router.patch("/{user_id}", response=UserOut, summary="Change the given fields")
@atomic
def change_user(request: ApiRequest, user_id: Id, payload: UserPatch) -> User:
    """`is_active: false` ends every session, API key and private address of the person at once. For their own e-mail
    and password a person confirms first, in the console, that it is them."""
    row = services.lock_person(get_object_or_404(_people(), pk=user_id).pk)
    preconditions.check(request, UserOut, row)
    changes = payload.submitted_fields()
    if row == request.principal:
        return services.change_own(user=row, changes=changes, session=request.session)
    return services.change_person(user=row, changes=changes)


@router.post("/{user_id}/remove-second-step", response=UserOut, summary="Turn off a person's two-step sign-in")
@atomic
def remove_second_step(request: ApiRequest, user_id: Id) -> User:
    """Authenticator app, passkeys and recovery codes; the person's sessions end. Twice is as good as once."""
    row = services.lock_person(get_object_or_404(_people(), pk=user_id).pk)
    preconditions.check(request, UserOut, row)
    second_steps.remove_second_step(user=row, by=request.principal)
    return row


@router.post("/{user_id}/end-sessions", response=SessionsEndedOut, summary="Sign a person out on all devices")
@atomic
def end_sessions(request: ApiRequest, user_id: Id) -> Any:
    """At once. Of one's own sessions the one that asks stays. API keys and private addresses go on."""
    row = services.lock_person(get_object_or_404(_people(), pk=user_id).pk)
    preconditions.check(request, UserOut, row)
    keep = request.session.session_key if row == request.principal else None
    return {"ended": sessions.end_sessions(user=row, keep=keep)}


def _people() -> QuerySet[User]:
    return User.objects.filter(is_program=False)
