"""Which way plain words run once they stand in HTML, by their first letter (Unicode Bidirectional Algorithm, rule P2).
Adapters know none of our rooms, so that they cannot ask the website's."""

from __future__ import annotations

import unicodedata


def attribute(text: str) -> str:
    """To be put into the tag of an element that holds this text, among others from left to right."""
    kinds = (unicodedata.bidirectional(each) for each in text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return "" if first == "L" else ' dir="rtl"'
