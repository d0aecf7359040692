"""What a connection to LinkedIn is made of."""

from __future__ import annotations

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import BaseAddress, Fields


class LinkedInSettings(Fields):
    organization_id: str = Field(
        pattern=r"^[0-9]{1,20}$",
        title="Number of the organisation's page",
        description="The number in the address of the page's admin view: linkedin.com/company/NUMBER/admin.",
    )
    api_version: str = Field(
        default="202610",
        pattern=r"^20[0-9]{2}(0[1-9]|1[0-2])$",
        title="Version of LinkedIn's API",
        description="Year and month. LinkedIn retires each version after about a year.",
    )
    api_base: BaseAddress = Field(default="https://api.linkedin.com", title="Address of LinkedIn's API")
    oauth_base: BaseAddress = Field(default="https://www.linkedin.com", title="Address of LinkedIn's sign-in")


class LinkedInSecrets(Fields):
    access_token: SecretStr = Field(min_length=1, title="Access token", description="Expires after 60 days.")
    refresh_token: SecretStr = Field(
        default=SecretStr(""), title="Refresh token", description="LinkedIn gives one to approved apps only."
    )
    client_id: SecretStr = Field(
        default=SecretStr(""), title="Client id of your app", description="Needed to see when access expires."
    )
    client_secret: SecretStr = Field(default=SecretStr(""), title="Client secret of your app")
