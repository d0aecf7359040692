"""What a connection to a WordPress blog is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from scheduler.channels.lib.fields import BaseAddress, Fields

Slug = Annotated[str, Field(pattern=r"^[^\s,]+$")]


class WordPressSettings(Fields):
    address: BaseAddress = Field(
        title="Address of the blog", description="As visitors see it, such as https://blog.example.org"
    )
    username: str = Field(
        pattern=r"^[^:]+$", title="User name", description="An account of its own on the blog, with the role Author."
    )
    categories: list[Slug] = Field(
        default=[], max_length=20, title="Categories", description="Their slugs, from Posts → Categories in WordPress."
    )
    tags: list[Slug] = Field(
        default=[], max_length=20, title="Tags", description="Their slugs, from Posts → Tags in WordPress."
    )


class WordPressSecrets(Fields):
    application_password: SecretStr = Field(
        min_length=1,
        title="Application password",
        description="Made in WordPress under Users → Profile → Application Passwords.",
    )
