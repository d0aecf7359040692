"""LinkedIn's “little” text format, in which its posts are written and read back.

Source: learn.microsoft.com, “little Text Format”. A reserved character without its backslash is taken for the begin
of a mention or a template, and LinkedIn silently drops the rest of the text.
"""

from __future__ import annotations

import re

from scheduler.channels.lib.wording import HASHTAG

RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")
TEMPLATE = re.compile(r"\{hashtag\|\\?[#＃]\|((?:\\.|[^\\}])*)\}")


def encode(text: str) -> str:
    """Plain text in the format; what reads as a hashtag becomes one."""
    found, at = "", 0
    for match in HASHTAG.finditer(text):
        if not match[1].isdecimal():  # “#1” is a rank, and no hashtag there
            found += f"{_escape(text[at : match.start()])}{{hashtag|\\#|{_escape(match[1])}}}"
            at = match.end()
    return found + _escape(text[at:])


def decode(text: str) -> str:
    """The plain text of what was written in the format."""
    return re.sub(r"\\(.)", r"\1", TEMPLATE.sub(r"\#\1", text), flags=re.DOTALL)


def _escape(text: str) -> str:
    return RESERVED.sub(r"\\\g<0>", text)
