"""What a connection to Facebook is made of."""

from __future__ import annotations

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import BaseAddress, Fields


class FacebookSettings(Fields):
    page_id: str = Field(
        pattern=r"^[0-9]{1,20}$",
        title="Number of the Page",
        description="On the Page, go to About, Page transparency, Page ID.",
    )
    api_version: str = Field(
        default="v24.0",
        pattern=r"^v[0-9]{1,3}\.[0-9]$",
        title="Version of the Graph API",
        description="Facebook retires each version after about 2 years.",
    )
    api_base: BaseAddress = Field(default="https://graph.facebook.com", title="Address of the Graph API")
    oauth_base: BaseAddress = Field(default="https://www.facebook.com", title="Address of Facebook's sign-in")


class FacebookSecrets(Fields):
    access_token: SecretStr = Field(
        min_length=1,
        title="Page access token",
        description="Use the Page's own token, not the one of the person who manages it.",
    )
    app_id: SecretStr = Field(
        default=SecretStr(""), title="Id of your app", description="Needed to see the permissions and when they expire."
    )
    app_secret: SecretStr = Field(default=SecretStr(""), title="Secret of your app")
