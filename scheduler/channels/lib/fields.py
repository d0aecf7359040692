"""What settings of connections have in common: strictness, and addresses without their final slash."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Fields(BaseModel):
    """Settings or secrets: what is unknown is refused."""

    model_config = ConfigDict(extra="forbid")


def _without_final_slash(address: str) -> str:
    return address.rstrip("/")


BaseAddress = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"), AfterValidator(_without_final_slash)]
"""Paths are put behind it; it may have one of its own."""
ServerAddress = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+/?$"), AfterValidator(_without_final_slash)]
"""The same without a path of its own."""
Language = Annotated[
    str,
    Field(
        pattern="^[a-z]{2,3}$",
        title="Language of the posts",
        description="2 or 3 letters, for example en. Used for filtering and translation.",
    ),
]
