"""What Promenade can publish to: one entry an adapter."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Router, Schema

from backend.api.schemas import ApiRequest
from scheduler.channels import registry

router = Router(tags=["channels"])


class TextLimitOut(Schema):
    maximum: int
    unit: str = Field(description="What is counted.")


class PictureLimitsOut(Schema):
    maximum: int = Field(description="Pictures with a post.")
    bytes: int = Field(description="Of each; larger ones are made smaller.")
    side: int = Field(description="Of the longer side, in pixels.")
    alt_text: int = Field(description="Characters of alt text.")


class AbilitiesOut(Schema):
    text: TextLimitOut | None = Field(description="Null: no limit.")
    pictures: PictureLimitsOut | None = Field(description="Null: no pictures.")
    reads_back: bool = Field(
        description=("If the channel does not reply, we check whether the post is live; without it, a person checks.")
    )
    deletes: bool = Field(description="Withdrawing content takes the post down; without it, a person takes it down.")
    idempotent: bool = Field(description="The channel accepts the same post only once.")
    refreshes: bool = Field(description="Access is renewed before it expires.")
    charges: bool = Field(description="Each post has a cost; a connection can have a monthly cap.")
    manual: bool = Field(description="A person posts there, with the text and pictures ready.")


class ChannelKindOut(Schema):
    kind: str
    label: str
    reaches: Literal["public", "staff", "either"]
    abilities: AbilitiesOut
    settings_schema: dict[str, Any] = Field(description="JSON Schema of a connection's settings.")
    secrets_schema: dict[str, Any] = Field(description="JSON Schema of its secrets, which are never shown again.")


class ChannelKinds(Schema):
    items: list[ChannelKindOut]


@router.get("", response=ChannelKinds, summary="List the kinds of channel")
def list_channel_kinds(request: ApiRequest) -> Any:
    """Limits that a server reports for itself win over those that stand here."""
    return {
        "items": [
            {
                "kind": kind,
                "label": adapter.label,
                "reaches": adapter.reaches,
                "abilities": adapter.abilities,
                "settings_schema": adapter.Settings.model_json_schema(),
                "secrets_schema": adapter.Secrets.model_json_schema(),
            }
            for kind, adapter in registry.adapter_classes().items()
        ]
    }
