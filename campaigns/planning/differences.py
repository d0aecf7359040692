"""What differs between two versions of a text, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

WORD = re.compile(r"\w+(?:[’'\-]\w+)*|\s+|[^\w\s]")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
WORDS_AT_MOST = 3_000
"""Of both sides of one changed passage. Beyond that comparing word by word takes seconds, and helps nobody to read."""


class Part(NamedTuple):
    """One thing that a content says: a field of its own, or its text for one channel."""

    name: str
    label: str
    text: str


class Piece(NamedTuple):
    """A stretch of text that both have, or only the earlier, or only the later."""

    how: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True)
class Change:
    name: str
    label: str
    how: Literal["changed", "removed", "added"]
    pieces: list[Piece]


def compare_parts(before: Sequence[Part], after: Sequence[Part]) -> list[Change]:
    """What changed, in the order in which the later version tells it; what went away comes last."""
    known = {part.name: part for part in before}
    kept = {part.name for part in after}
    found = []
    for part in after:
        old = known.get(part.name)
        if old is None and part.text:
            found.append(Change(part.name, part.label, "added", [Piece("added", part.text)]))
        elif old is not None and old.text != part.text:
            found.append(Change(part.name, part.label, "changed", pieces(old.text, part.text)))
    gone = [part for part in before if part.name not in kept and part.text]
    return found + [Change(part.name, part.label, "removed", [Piece("removed", part.text)]) for part in gone]


def pieces(before: str, after: str) -> list[Piece]:
    """Line by line first, then word by word within the lines that differ."""
    found: list[Piece] = []
    for how, old, new in _compared(LINE.findall(before), LINE.findall(after)):
        if how == "equal":
            found.append(Piece("same", "".join(old)))
            continue
        olds, news = WORD.findall("".join(old)), WORD.findall("".join(new))
        if len(olds) + len(news) > WORDS_AT_MOST:
            found += _replaced(olds, news)
            continue
        for inner, left, right in _compared(olds, news):
            found += [Piece("same", "".join(left))] if inner == "equal" else _replaced(left, right)
    return _joined(found)


def _compared(before: list[str], after: list[str]) -> list[tuple[str, list[str], list[str]]]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [(how, before[a:b], after[c:d]) for how, a, b, c, d in matcher.get_opcodes()]


def _replaced(before: list[str], after: list[str]) -> list[Piece]:
    both = [Piece("removed", "".join(before)), Piece("added", "".join(after))]
    return [piece for piece in both if piece.text]


def _joined(found: list[Piece]) -> list[Piece]:
    """A single space between two changed words belongs to both, so that a phrase reads as one change."""
    joined: list[Piece] = []
    removed = added = ""
    for position, piece in enumerate(found):
        between_changes = piece.how == "same" and piece.text == " " and 0 < position < len(found) - 1
        if piece.how == "same" and not between_changes:
            joined += [*_replaced([removed], [added]), piece]
            removed = added = ""
        else:
            removed += piece.text if piece.how != "added" else ""
            added += piece.text if piece.how != "removed" else ""
    return [*joined, *_replaced([removed], [added])]
