"""What a connection to Mastodon is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import Fields, Language, ServerAddress

# docs.joinmastodon.org: user/posting, entities/Instance; a server's own numbers come in by its check.
CHARACTERS = 500
CHARACTERS_RESERVED_PER_URL = 23


class MastodonSettings(Fields):
    instance: ServerAddress = Field(
        title="Address of the server", description="The account's server, for example https://mastodon.social"
    )
    visibility: Literal["public", "unlisted", "private"] = Field(
        default="public",
        title="Who sees the posts",
        description="public: everyone. unlisted: everyone, but not in the server's timelines. private: followers.",
    )
    language: Language = "en"
    characters: int = Field(
        default=CHARACTERS,
        ge=1,
        le=100_000,
        title="Maximum characters in a post",
        description="Most servers allow 500. We update this when we check the connection.",
    )
    characters_reserved_per_url: int = Field(
        default=CHARACTERS_RESERVED_PER_URL,
        ge=1,
        le=1_000,
        title="Characters a link counts as",
        description="23 on most servers. We update this when we check the connection.",
    )


class MastodonSecrets(Fields):
    access_token: SecretStr = Field(min_length=1, title="Access token")
