"""What an administrator creates at each channel, step by step, from docs/channels.md."""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.utils.safestring import SafeString

from campaigns.website import markdown as text

_SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_TO_A_FILE = re.compile(r"\[([^\]]+)\]\([\w-]+\.md[^)]*\)")
"""A link to another of those pages, which no browser finds here."""


@lru_cache(maxsize=32)
def guide_to(label: str) -> SafeString:
    """The section whose title begins with the kind's label; empty where there is none."""
    page = (settings.ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
    for found in _SECTION.finditer(page):
        if found["title"] == label or found["title"].startswith(f"{label} "):
            words = _TO_A_FILE.sub(r"\1", found["body"])
            return SafeString(text.html(words, base=settings.BASE_URL, top=3))
    return SafeString("")
