"""Who asks, what they may do, and the private addresses of their feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from backend.accounts import services
from backend.accounts.models import FeedToken, Role
from backend.api import acts, preconditions
from backend.api.atomic import atomic
from backend.api.schemas import ApiRequest, In, patch_of

router = Router(tags=["me"])
PATHS = {FeedToken.Feed.BULLETIN: "/feeds/bulletin.rss", FeedToken.Feed.PLAN: "/calendar/plan.ics"}


class MeOut(Schema):
    id: int
    name: str
    email: str | None = Field(description="Programs have none.")
    role: Role
    zone: str = Field(description="Time zone in which the console shows times.")
    letter_keys: bool = Field(description="Whether single-key shortcuts act in the console.")
    is_program: bool
    operations: list[str] = Field(description="Operations this role can call, for example `vacancies.create_vacancy`.")

    @staticmethod
    def resolve_operations(user: Any) -> list[str]:
        return sorted(name for name in acts.ACTS if user.role in acts.allowed_roles(name))


class OwnFields(In):
    name: str = Field(..., min_length=1, max_length=200)
    zone: str = Field(..., max_length=60)
    letter_keys: bool
    email: str = Field(..., min_length=3, max_length=254)
    password: str = Field(..., max_length=1000, description="At least 12 characters. Ends my other sessions.")


class OwnPatch(patch_of(OwnFields)):  # type: ignore[misc]  # a class made when this is read
    model_config = ConfigDict(json_schema_extra={"examples": [{"zone": "Europe/London"}]})


class FeedOut(Schema):
    feed: FeedToken.Feed
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None = Field(description="A program's address ends with its key.")


class Feeds(Schema):
    items: list[FeedOut]


class FeedIn(In):
    feed: FeedToken.Feed

    model_config = ConfigDict(json_schema_extra={"examples": [{"feed": "bulletin"}]})


class FeedAddress(Schema):
    feed: FeedToken.Feed
    url: str = Field(description="Private, and only shown once. Anyone who has it can read the feed.")


@router.get("", response=MeOut, summary="Read who I am and what I can do")
def get_me(request: ApiRequest) -> Any:
    return request.principal


@router.patch("", response=MeOut, summary="Change the given fields")
@atomic
def change_me(request: ApiRequest, payload: OwnPatch) -> Any:
    """For e-mail and password a person confirms first, in the console, that it is them."""
    row = services.lock_person(request.principal.pk)
    preconditions.check(request, MeOut, row)
    return services.change_own(user=row, changes=payload.submitted_fields(), session=request.session)


@router.get("/feeds", response=Feeds, summary="List my private addresses")
def list_feeds(request: ApiRequest) -> Any:
    return {"items": request.principal.feed_tokens.live(timezone.now()).order_by("feed")}


@router.post("/feeds", response={201: FeedAddress}, summary="Create a private address for a feed")
def issue_feed(request: ApiRequest, payload: FeedIn) -> Any:
    """For any feed reader or calendar. The address that I had before ends."""
    secret = services.issue_feed_token(user=request.principal, feed=payload.feed)
    return Status(201, {"feed": payload.feed, "url": f"{settings.BASE_URL}{PATHS[payload.feed]}?token={secret}"})


@router.delete("/feeds/{feed}", response={204: None}, summary="Turn off a private address")
def revoke_feed(request: ApiRequest, feed: FeedToken.Feed) -> HttpResponse:
    """Twice is as good as once."""
    services.revoke_feed_token(user=request.principal, feed=feed)
    return HttpResponse(status=204)
