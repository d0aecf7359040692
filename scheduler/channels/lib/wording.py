"""Puts a draft's words together for channels that carry plain text, and says in words what could be better.

Limits, and how a channel counts, are each adapter's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import regex

from scheduler.channels.contract import DoesNotFit, Draft, Payload, Picture, PictureLimits

HASHTAG = re.compile(r"(?<![\w&/?=])#(\w+)")
GOES_ON = re.compile(r"[.?]?[\w/%&=#~+-]")
"""What an address goes on with. Found by itself: a pattern with the link in it would be compiled for each post."""
LONGEST_WORD = 6
"""Letters, beyond which a hashtag is taken for several words that a screen reader would run together."""


def build_text(draft: Draft, label: str) -> str:
    """The text in NFC with the hashtags that it does not have yet, then the link unless it stands in the text. Raises
    DoesNotFit where there is no text, or a hashtag with a space in it."""
    text = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", draft.text)).strip()
    if not text:
        raise DoesNotFit(f"There is no text for {label}. Enter some text.")
    for hashtag in draft.hashtags:
        tag = unicodedata.normalize("NFC", hashtag).strip().lstrip("#")
        if re.search(r"\s", tag):
            raise DoesNotFit(f"A hashtag on {label} ends at the first space. Write “#{tag}” as one word.")
        if tag and not re.search(rf"(?<!\w)#{re.escape(tag)}(?!\w)", text, re.IGNORECASE):
            text += f" #{tag}"
    if draft.link and not contains_link(text, draft.link):
        text += f"\n\n{draft.link}"
    return text


def build_payload(
    draft: Draft,
    text: str,
    *,
    body: dict[str, Any],
    length: int | None = None,
    limit: int | None = None,
    warnings: Iterable[str] = (),
    price: int = 0,
) -> Payload:
    """With the draft's pictures, and with what any channel's readers would thank us for."""
    return Payload(
        text=text,
        length=len(text) if length is None else length,
        limit=limit,
        body=body,
        warnings=(*warnings, *reading_hints(text, draft.pictures)),
        pictures=draft.pictures,
        price=price,
    )


def without_title(draft: Draft) -> str:
    """The text for where the title stands by itself: wording that nobody changed begins with it."""
    text = re.sub(r"\r\n?", "\n", draft.text).strip()
    first, _, rest = text.partition("\n")
    return rest.strip() if first.strip() == draft.title.strip() else text


def contains_link(text: str, link: str) -> bool:
    """The link itself and not a longer one that begins like it."""
    return bool(link_spans(text, link))


def link_spans(text: str, link: str) -> list[tuple[int, int]]:
    """Where the link itself stands: first character, and the one after the last."""
    found, start = [], text.find(link)
    while start >= 0:
        end = start + len(link)
        if not GOES_ON.match(text, end):
            found.append((start, end))
        start = text.find(link, end)
    return found


def graphemes(text: str) -> int:
    """What a reader takes for one character."""
    return len(regex.findall(r"\X", text))


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def reading_hints(text: str, pictures: Iterable[Picture] = ()) -> list[str]:
    """What any channel's readers would thank us for, each with a remedy."""
    found = [
        f"Screen readers read “#{tag}” as one word. If it is several words, start each with a capital letter."
        for tag in dict.fromkeys(HASHTAG.findall(text))
        if tag.islower() and len(tag) > LONGEST_WORD
    ]
    if any(not picture.alt_text.strip() for picture in pictures):
        found.append("A picture has no alt text. Describe it for people who cannot see it.")
    return found


def check_length(label: str, length: int, limit: int, counting: str = "") -> None:
    """`length` and `limit` as the channel counts; `counting` adds how it counts. Raises DoesNotFit."""
    if length > limit:
        how = f": {counting}" if counting else ""
        raise DoesNotFit(
            f"This is {length - limit} over the limit for {label}, which is {limit}{how}. Shorten the text."
        )


def check_pictures(draft: Draft, label: str, limits: PictureLimits) -> None:
    """Raises DoesNotFit for too many pictures, or alternative text that the channel would cut."""
    if len(draft.pictures) > limits.maximum:
        raise DoesNotFit(f"{label} allows {limits.maximum} pictures with a post, and this has {len(draft.pictures)}.")
    for picture in draft.pictures:
        if len(picture.alt_text) > limits.alt_text:
            raise DoesNotFit(f"{label} allows {limits.alt_text} characters of alt text. Shorten it.")
