"""Where I am signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from backend.accounts import sessions
from backend.accounts.models import Session
from backend.api.schemas import ApiRequest

router = Router(tags=["me"])
Handle = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{20}$")]


class SessionOut(Schema):
    handle: str = Field(description="Names the session here. It lets nobody in.")
    browser: str = Field(examples=["Firefox on Windows"])
    started_at: datetime
    last_seen_at: datetime = Field(description="To the minute.")
    is_this: bool = Field(description="Whether this request came through it.")


class SessionsOut(Schema):
    items: list[SessionOut]


class SessionsEndedOut(Schema):
    ended: int


@router.get("", response=SessionsOut, summary="List where I am signed in")
def list_sessions(request: ApiRequest) -> Any:
    """Without addresses: none are kept."""
    mine = sessions.open_sessions(request.principal)
    return {"items": [_shown(row, request.session.session_key) for row in mine]}


@router.post("/end-others", response=SessionsEndedOut, summary="Sign out everywhere else")
def end_other_sessions(request: ApiRequest) -> Any:
    """A program, which has no session, ends none of its own."""
    return {"ended": sessions.end_sessions(user=request.principal, keep=request.session.session_key)}


@router.delete("/{handle}", response={204: None}, summary="Sign out one browser")
def end_session(request: ApiRequest, handle: Handle) -> HttpResponse:
    """At once. Twice is as good as once."""
    sessions.end_session(user=request.principal, handle=handle)
    return HttpResponse(status=204)


def _shown(row: Session, this: str | None) -> dict[str, Any]:
    return {
        "handle": row.handle,
        "browser": row.browser,
        "started_at": row.started_at,
        "last_seen_at": row.last_seen_at,
        "is_this": row.session_key == this,
    }
