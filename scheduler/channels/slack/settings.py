"""What a connection to Slack is made of."""

from __future__ import annotations

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import BaseAddress, Fields


class SlackSettings(Fields):
    channel_id: str = Field(
        pattern=r"^[CG][A-Z0-9]{6,20}$",
        title="Id of the channel",
        description="Starts with C or G. In Slack, open the channel's details; the ID is at the very bottom.",
    )
    api_base: BaseAddress = Field(
        default="https://slack.com/api", title="Address of Slack's API", description="Do not change this."
    )


class SlackSecrets(Fields):
    bot_token: SecretStr = Field(
        min_length=1, title="Bot token", description="Starts with xoxb-. Find it under “OAuth & Permissions”."
    )
