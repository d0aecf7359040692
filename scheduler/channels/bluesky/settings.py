"""What a connection to Bluesky is made of."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from scheduler.channels.lib.fields import Fields, Language, ServerAddress


class BlueskySettings(Fields):
    handle: str = Field(
        pattern=r"^@?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        title="Handle",
        description="The account's name, for example riverside.bsky.social",
    )
    pds: ServerAddress = Field(
        default="https://bsky.social",
        title="Address of the account's server",
        description="Do not change this unless your organisation runs its own server (PDS).",
    )
    language: Language = "en"

    @field_validator("handle")
    @classmethod
    def _normalise(cls, handle: str) -> str:
        return handle.removeprefix("@").lower()


class BlueskySecrets(Fields):
    app_password: SecretStr = Field(
        min_length=1,
        title="App password",
        description="Create one just for Promenade. Do not use the account's own password.",
    )
