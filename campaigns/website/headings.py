"""The headings of a page: their levels, and the ids by which links on the page reach them. Rules for markdown-it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

import regex
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

PREFIX = "heading-"
"""Before each id, so that no heading has one that the page around the text uses."""
_MARK = "in-page."
"""Stands for PREFIX in an address until the others have become absolute."""
_MARKED = re.compile(rf'<a href="[^"#]*#{re.escape(_MARK)}([^"]*)"')
_DROPPED = regex.compile(r"[^\p{L}\p{M}\p{N}\s_-]+")
_GAPS = regex.compile(r"[\s_-]+")


class Headings:
    """Those of one page, on which several texts may stand: no two have the same id."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def add(self, words: str) -> str:
        """The name of a heading with these words, the same for the same words before it."""
        name = first = _name_of(words) or "section"
        number = 0
        while name in self._names:
            number += 1
            name = f"{first}-{number}"
        self._names.add(name)
        return name

    @staticmethod
    def link_in_page(html: str) -> str:
        """The HTML with its marked links leading to where they stand."""
        return _MARKED.sub(lambda found: f'<a href="#{PREFIX}{found[1]}"', html)


def with_page(html: str, page: str) -> str:
    """Sanitised HTML for where its page is not: links to a heading lead to that page."""
    return html.replace('<a href="#', f'<a href="{page}#')


def shift_headings(state: StateCore) -> None:
    """Gives each heading its level and its id. The first stands at `top`, one below another at the level after, and
    none leaves a level out, whatever the marks are."""
    above: list[int] = []
    own = state.env["own_names"] = {}
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            written = int(token.tag[1])
            while above and above[-1] >= written:
                above.pop()
            above.append(written)
            words = words_of(state.tokens[index + 1].children or [])
            name = state.env["headings"].add(words)
            own.setdefault(_name_of(words), name)
            token.attrSet("id", PREFIX + name)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, state.env['top'] + len(above) - 1)}"


def mark_in_page_links(state: StateCore) -> None:
    """A link to a heading means the one in its own text, or else the first on the page."""
    for token in state.tokens:
        for child in token.children or []:
            address = str(child.attrGet("href") or "") if child.type == "link_open" else ""
            if len(address) > 1 and address.startswith("#"):
                written = unquote(address[1:])
                name = _name_of(written.removeprefix(PREFIX))
                child.attrSet("href", f"#{_MARK}{state.env['own_names'].get(name, name)}")


def words_of(children: Sequence[Token]) -> str:
    """What a reader sees of inline tokens."""
    parts = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.children:
            parts.append(words_of(child.children))
    return "".join(parts)


def _name_of(words: str) -> str:
    """In small letters, with hyphens for spaces and without punctuation."""
    kept = _DROPPED.sub("", unicodedata.normalize("NFC", words).lower())
    return str(_GAPS.sub("-", kept)).strip("-")
