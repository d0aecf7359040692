"""Which way a text runs, by its first letter (Unicode Bidirectional Algorithm, rule P2): as an attribute that pages,
feed readers and mail programs all know, and only where it differs from what is around."""

from __future__ import annotations

import unicodedata
from typing import Literal

from markdown_it.rules_core import StateCore

from campaigns.website.headings import words_of

Direction = Literal["ltr", "rtl"]
_BLOCKS = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "table", "th", "td"})


def direction_of(text: str) -> Direction | None:
    """None for a text without letters."""
    for each in text:
        kind = unicodedata.bidirectional(each)
        if kind == "L":
            return "ltr"
        if kind in ("R", "AL"):
            return "rtl"
    return None


def attribute(text: str) -> str:
    """To be put into the tag of an element that holds this text, among others from left to right."""
    return ' dir="rtl"' if direction_of(text) == "rtl" else ""


def set_direction(state: StateCore) -> None:
    """A rule for markdown-it: each block runs as its first letter does."""
    known = _directions(state)
    around: list[Direction] = ["ltr"]
    for index, token in enumerate(state.tokens):
        if token.nesting < 0:
            around.pop()
        elif token.nesting > 0:
            found = known.get(index) if token.tag in _BLOCKS and not token.hidden else None
            if found and found != around[-1]:
                token.attrSet("dir", found)
            around.append(found or around[-1])


def _directions(state: StateCore) -> dict[int, Direction]:
    """That of each opening token, by its place."""
    found: dict[int, Direction] = {}
    opened: list[int] = []
    for index, token in enumerate(state.tokens):
        if token.nesting > 0:
            opened.append(index)
        elif token.nesting < 0:
            opened.pop()
        elif token.type == "inline":
            direction = direction_of(words_of(token.children or []))
            if direction:
                for each in opened:
                    found.setdefault(each, direction)
    return found
