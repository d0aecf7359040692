"""Headers of a mail as bytes, encoded and folded so that every reader sees what was written.

The library's own policies lose spaces beside encoded words where they fold (python/cpython 92081), and take text that
looks like an encoded word for one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from email.charset import Charset
from email.utils import formataddr
from itertools import groupby

import regex

LINE = 76
"""Characters. RFC 5322 recommends lines of 78 at most; RFC 2047 allows 76 where one holds an encoded word."""
ENCODED_WORD = 75
"""Characters: RFC 2047, section 2."""
PLAIN_WORD = 60
"""Characters of a word that stays as it is: with a header's name before it, it still fits a line."""
ATOM = regex.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
"""What stands in a name without quotes: RFC 5322, section 3.2.3."""
BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that a header cannot hold: controls, lone surrogates, ends of lines and paragraphs."""
PIECES = (r"\S+ ?| ", r"\X", r".")
"""Where a text is parted that needs several encoded words: after a word if that can be, and never inside of what a
reader takes for one character, unless it is too long by itself. Some readers put a space there."""
_UTF8 = Charset("utf-8")


def text_header(name: str, text: str) -> bytes:
    """A header of free text, such as the subject. Encoded as a whole or not at all: of a mixture that is folded, old
    readers lose spaces too."""
    words = one_line(text)
    if all(_is_plain(word) for word in words.split()):
        return _fold(name, words.split())
    return _fold(name, list(_encoded_words(words, ENCODED_WORD - len(name) - 1)))


def address_header(name: str, address: str, display_name: str = "") -> bytes:
    """One mailbox, with a name where one is given."""
    words = one_line(display_name)
    if words.isascii() and "=?" not in words:
        whole = formataddr((words, address))
        if not words or len(f"{name}: {whole}") <= LINE:
            return word_header(name, whole)
    tokens = _phrase(words, ENCODED_WORD - len(name) - 1)
    return _fold(name, [*tokens, f"<{address}>"])


def word_header(name: str, word: str) -> bytes:
    """A header that means something to programs: as it is, in one line."""
    return f"{name}: {word}\r\n".encode("ascii")


def one_line(text: str) -> str:
    """Nothing in it can begin another header."""
    return " ".join("".join(" " if unicodedata.category(each) in BREAKS else each for each in text).split())


def _fold(name: str, tokens: list[str]) -> bytes:
    """The tokens, parted by spaces."""
    lines = [f"{name}: {''.join(tokens[:1])}"]
    for token in tokens[1:]:
        if len(lines[-1]) + 1 + len(token) <= LINE:
            lines[-1] += f" {token}"
        else:
            lines.append(f" {token}")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _is_plain(word: str) -> bool:
    """ASCII that no reader decodes, and short enough for a line."""
    return word.isascii() and "=?" not in word and len(word) <= PLAIN_WORD


def _phrase(words: str, room: int) -> Iterator[str]:
    """Plain words as they are, and the others in encoded words, the first of which has this much room. A space between
    two encoded words is not shown, so neighbours that are encoded are encoded together."""
    for is_plain, group in groupby(words.split(), lambda word: bool(ATOM.fullmatch(word)) and _is_plain(word)):
        neighbours = list(group)
        yield from neighbours if is_plain else _encoded_words(" ".join(neighbours), room)
        room = ENCODED_WORD


def _encoded_words(text: str, room: int) -> Iterator[str]:
    return (_UTF8.header_encode(chunk) for chunk in _chunks(text, room, PIECES))


def _chunks(text: str, room: int, pieces: tuple[str, ...]) -> Iterator[str]:
    """The text in parts that fit an encoded word each, the first one into `room`."""
    chunk = ""
    for piece in regex.findall(pieces[0], text):
        if len(_UTF8.header_encode(chunk + piece)) <= room:
            chunk += piece
            continue
        if chunk:
            yield chunk
            chunk, room = "", ENCODED_WORD
        if len(_UTF8.header_encode(piece)) <= room:
            chunk = piece
        else:
            yield from _chunks(piece, room, pieces[1:])
            room = ENCODED_WORD
    if chunk:
        yield chunk
