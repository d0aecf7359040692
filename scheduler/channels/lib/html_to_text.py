"""Words of our own sanitised HTML as plain text that reads well: paragraphs, lists, and addresses after their words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table", "hr"})


def convert(html: str) -> str:
    """Lines are ended by a line feed, paragraphs parted by an empty line. A picture is told by its alternative text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts)
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def without_pictures(html: str) -> str:
    """The HTML with each picture told by its alternative text: mail programs do not load what stands elsewhere, and
    showing it would tell us who reads."""
    return re.sub(r"<img\b[^>]*>", _told, html)


def _told(tag: re.Match[str]) -> str:
    alt = re.search(r'\balt="([^"]*)"', tag[0])
    return f"<em>[Picture: {alt[1]}]</em>" if alt and alt[1].strip() else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[int | None] = []
        """For each list that is open, the number of its next entry; None where it has no numbers."""
        self.address, self.words_from = "", 0
        self.verbatim = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in BLOCKS:
            self.parts.append("\n" if self.lists else "\n\n")
        if tag in ("ul", "ol"):
            self.lists.append(int(given.get("start") or 1) if tag == "ol" else None)
        elif tag == "li":
            self._begin_entry()
        elif tag in ("br", "tr"):
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "hr":
            self.parts.append("* * *\n\n")
        elif tag == "img" and given.get("alt"):
            self.parts.append(f"[Picture: {given['alt']}]")
        elif tag == "a":
            self.address, self.words_from = given.get("href") or "", len(self.parts)
        elif tag == "pre":
            self.verbatim = True

    def _begin_entry(self) -> None:
        number = self.lists[-1] if self.lists else None
        mark = "- " if number is None else f"{number}. "
        if number is not None:
            self.lists[-1] = number + 1
        self.parts.append("\n" + "  " * (len(self.lists) - 1) + mark)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag in BLOCKS:
            self.parts.append("\n" if self.lists else "\n\n")
        if tag == "pre":
            self.verbatim = False
        if tag == "a" and self.address:
            words = "".join(self.parts[self.words_from :])
            address = re.sub(r"^(?:mailto|tel|sms):", "", self.address)
            if address not in words and address not in re.sub(r"\s", "", words):
                self.parts.append(f" <{address}>")
            self.address = ""

    def handle_data(self, data: str) -> None:
        if self.verbatim:
            self.parts.append(data)
            return
        words = re.sub(r"\s+", " ", data)
        before = self.parts[-1] if self.parts else "\n"
        self.parts.append(words.lstrip(" ") if before.endswith(("\n", " ")) else words)
