"""What a connection to a mail server is made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from scheduler.channels.email.smtp import Security
from scheduler.channels.lib.fields import Fields

ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"


class EmailSettings(Fields):
    host: str = Field(title="Mail server", description="For example smtp.example.org.", pattern=r"^[^\s/@:]+$")
    port: int = Field(587, ge=1, le=65535, title="Port", description="587 with STARTTLS, 465 with TLS.")
    security: Security = Field(
        "starttls", title="Encryption", description="Only use “None” for a server on your own network."
    )
    user_name: str = Field(
        "", max_length=320, title="User name", description="Leave empty to connect without signing in."
    )
    from_address: str = Field(pattern=ADDRESS, max_length=254, title="From address")
    reply_to: str = Field(
        "", max_length=254, title="Reply-to address", description="Leave empty to use the from address."
    )
    lists: Annotated[list[int], Field(min_length=1, max_length=20)] = Field(
        title="Mailing lists",
        description="The lists that this channel sends to.",
        json_schema_extra={"rows_of": "mailing-lists"},
    )
    per_minute: int | None = Field(
        None, ge=1, le=6000, title="Emails a minute", description="Leave empty for as fast as the server allows."
    )

    @field_validator("reply_to")
    @classmethod
    def _check_reply_to(cls, address: str) -> str:
        if address and not re.match(ADDRESS, address):
            raise ValueError("Enter an email address, like name@example.org.")
        return address


class EmailSecrets(Fields):
    password: SecretStr = Field(SecretStr(""), title="Password")
