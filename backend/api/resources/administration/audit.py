"""The audit trail: who did what to which row, when, through what, with what changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.contrib.contenttypes.models import ContentType
from ninja import Field, Query, Router, Schema

from backend.api.paging import Page, PageQuery, page
from backend.api.schemas import ApiRequest, Id, Moment, Ref
from backend.audit.kinds import TYPES, content_types
from backend.audit.models import LogEntry

router = Router(tags=["audit"])
ACTIONS = dict(LogEntry.Action.choices)


RowType = Literal[
    "api_key",
    "authenticator",
    "blog_entry",
    "bulletin",
    "campaign",
    "candidate",
    "channel",
    "connection",
    "content",
    "event",
    "feed_token",
    "hire",
    "mailing_list",
    "organisation",
    "passkey",
    "pause",
    "picture",
    "publication",
    "quiet_period",
    "recurrence",
    "section",
    "slot",
    "subscriber",
    "team",
    "touch",
    "tracked_link",
    "user",
    "vacancy",
    "webhook_endpoint",
]


class AuditEntryOut(Schema):
    id: int
    at: datetime
    action: Literal["create", "update", "delete"] | LogEntry.Event = Field(
        description="What was done to the row; from `signed_in` on, what no change of a row says."
    )
    times: int = Field(description="How often, where the same came again within an hour: see `until`.")
    until: datetime | None = Field(description="When it last happened, of what is gathered in one entry an hour.")
    row_type: str
    row_id: int | None = Field(description="Null where someone tried to sign in to an account that does not exist.")
    row: str = Field(description="The row as it was called then.")
    changes: dict[str, Any] = Field(
        description="Each field with its old and new value; secrets and personal data are masked."
    )
    actor: Ref | None = Field(description="Null: the worker, a command, or someone who has not signed in.")
    through: LogEntry.Through
    api_key_id: int | None
    request_id: str | None

    @staticmethod
    def resolve_at(entry: Any) -> datetime:
        at: datetime = entry.timestamp
        return at

    @staticmethod
    def resolve_action(entry: Any) -> str:
        return str(entry.event or ACTIONS[entry.action])

    @staticmethod
    def resolve_row_type(entry: Any) -> str:
        kind = ContentType.objects.get_for_id(entry.content_type_id)  # kept in memory
        model = kind.model_class()
        return TYPES.get(model, kind.model) if model else kind.model

    @staticmethod
    def resolve_row_id(entry: Any) -> int | None:
        return int(entry.object_pk) if entry.object_pk else None

    @staticmethod
    def resolve_row(entry: Any) -> str:
        return str(entry.object_repr)

    @staticmethod
    def resolve_request_id(entry: Any) -> str | None:
        return entry.cid or None


class AuditQuery(PageQuery):
    row_type: RowType | None = Field(None, description="`content` finds content of all kinds.")
    row_id: Id | None = None
    actor_id: Id | None = None
    through: LogEntry.Through | None = None
    event: LogEntry.Event | None = Field(None, description="What was done, where no change of a row says it.")
    from_: Moment | None = Field(None, alias="from", description="At or after this.")
    to: Moment | None = Field(None, description="Before this.")
    request_id: str | None = Field(None, max_length=255, description="The X-Request-ID of an answer.")


@router.get("", response=Page[AuditEntryOut], summary="List who did what, latest first")
def list_audit(request: ApiRequest, query: Query[AuditQuery]) -> Any:
    wanted = {
        "object_pk": None if query.row_id is None else str(query.row_id),
        "actor_id": query.actor_id,
        "through": query.through,
        "event": query.event,
        "timestamp__gte": query.from_,
        "timestamp__lt": query.to,
        "cid": query.request_id,
    }
    rows = LogEntry.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if query.row_type is not None:
        rows = rows.filter(content_type__in=content_types(query.row_type))
    return page(rows.select_related("actor"), query, sort="-id")
