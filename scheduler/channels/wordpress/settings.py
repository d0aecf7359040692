"""What a connection to a WordPress blog is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import BaseAddress, Fields

Slug = Annotated[str, Field(pattern=r"^[^\s,]+$")]


class WordPressSettings(Fields):
    address: BaseAddress = Field(
        title="Address of the blog", description="As visitors see it, for example https://blog.example.org"
    )
    username: str = Field(
        pattern=r"^[^:]+$", title="User name", description="A separate account on the blog, with the Author role."
    )
    categories: list[Slug] = Field(
        default=[], max_length=20, title="Categories", description="Slugs, from Posts → Categories in WordPress."
    )
    tags: list[Slug] = Field(
        default=[], max_length=20, title="Tags", description="Slugs, from Posts → Tags in WordPress."
    )


class WordPressSecrets(Fields):
    application_password: SecretStr = Field(
        min_length=1,
        title="Application password",
        description="Create one in WordPress under Users → Profile → Application Passwords.",
    )
