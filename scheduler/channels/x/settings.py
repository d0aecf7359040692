"""What a connection to X is made of."""

from __future__ import annotations

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import BaseAddress, Fields


class XSettings(Fields):
    api_base: BaseAddress = Field(default="https://api.x.com", title="Address of X's API")


class XSecrets(Fields):
    consumer_key: SecretStr = Field(min_length=1, title="Consumer key of your app")
    consumer_secret: SecretStr = Field(min_length=1, title="Consumer secret of your app")
    access_token: SecretStr = Field(min_length=1, title="Access token of the account")
    access_token_secret: SecretStr = Field(min_length=1, title="Access token secret of the account")
