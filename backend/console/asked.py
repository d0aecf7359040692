"""What an address or a form says, read so that nothing in it breaks a page."""

from __future__ import annotations

from django.http import HttpRequest

WORDS_AT_MOST = 100  # characters
DIGITS_AT_MOST = 18
"""So that it fits the database's numbers."""


def number(text: str) -> int | None:
    """A row's number; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST else None


def words(request: HttpRequest, name: str = "q") -> str:
    """Words to search by. No text of ours holds a null character, and the database refuses one."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:WORDS_AT_MOST]
