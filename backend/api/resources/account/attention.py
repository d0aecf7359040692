"""What waits for whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from ninja import Field, Router, Schema

from backend.api.schemas import ApiRequest
from backend.notifications import attention
from backend.notifications.causes import Cause
from scheduler.engine.health import health

router = Router(tags=["notifications"])


class AttentionOut(Schema):
    cause: Cause
    title: str
    where: str
    reason: str = Field(description="Why it waits, in a sentence.")
    since: datetime
    urgent: bool
    number: int = Field(description="Posts with the same problem on one channel count as one thing.")
    url: str = Field(description="The page on which to act.")

    @staticmethod
    def resolve_url(item: Any) -> str:
        return f"{settings.BASE_URL}{item.address}"


class AttentionList(Schema):
    items: list[AttentionOut]


@router.get("", response=AttentionList, summary="List what needs my attention")
def list_attention(request: ApiRequest) -> Any:
    """Urgent things first. At most 200 things of each cause."""
    now = timezone.now()
    return {"items": attention.items_for(request.principal, now, health(now))}
