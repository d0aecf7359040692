"""What a connection to a mail server is made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from scheduler.channels.email.smtp import Security
from scheduler.channels.lib.fields import Fields

ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"


class EmailSettings(Fields):
    host: str = Field(title="Mail server", description="Its name, such as smtp.example.org.", pattern=r"^[^\s/@:]+$")
    port: int = Field(587, ge=1, le=65535, title="Port", description="587 with STARTTLS, 465 with TLS.")
    security: Security = Field(
        "starttls", title="Encryption", description="“none” only for servers in the installation's own network."
    )
    user_name: str = Field("", max_length=320, title="User name", description="Empty: without signing in.")
    from_address: str = Field(pattern=ADDRESS, max_length=254, title="Address that mails come from")
    reply_to: str = Field("", max_length=254, title="Address for answers", description="Empty: the one above.")
    lists: Annotated[list[int], Field(min_length=1, max_length=20)] = Field(
        title="Mailing lists",
        description="The numbers of the lists that this channel sends to.",
        json_schema_extra={"rows_of": "mailing-lists"},
    )
    per_minute: int | None = Field(
        None, ge=1, le=6000, title="Mails a minute", description="Empty: as fast as the server takes them."
    )

    @field_validator("reply_to")
    @classmethod
    def _check_reply_to(cls, address: str) -> str:
        if address and not re.match(ADDRESS, address):
            raise ValueError("This is not an e-mail address.")
        return address


class EmailSecrets(Fields):
    password: SecretStr = Field(SecretStr(""), title="Password")
