"""Addresses that stand in a Markdown text without marks become links: `https://…`, `www.…` and email addresses, as in
GitHub's Markdown (its specification, section 6.9). A rule for markdown-it, which has none without another library."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline.state_inline import StateInline

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MAILBOX = r"(?<![\w@/.+-])[a-z0-9][\w.+-]{0,63}@"
LONGEST_MAILBOX = 65
"""Characters, with its @."""
CHARACTER = r"[^\s<>\"\[\]\\^`{|}“”‘’«»…、。，；：）（]"
"""What an address goes on with; it ends in TRAILING less often than its sentence does."""
START = re.compile(rf"(?<![a-z0-9])(?:https?://|www\.)|{_MAILBOX}", re.IGNORECASE)
WEB = re.compile(
    rf"(?<![a-z0-9])(?:https?://(?=[^\W_])|www\.(?=[\w-]+\.[\w-])){CHARACTER}+",
    re.IGNORECASE,
)
EMAIL = re.compile(rf"{_MAILBOX}(?:{_LABEL}\.){{1,8}}[a-z]{{2,63}}(?![\w-])", re.IGNORECASE)
TRAILING = "?!.,:;*_~'"
"""Belongs to the sentence."""


def plug_into(parser: MarkdownIt) -> None:
    parser.inline.ruler.at("text", _read_text)
    parser.inline.ruler.before("text", "bare_address", _read_address)


def _read_text(state: StateInline, silent: bool) -> bool:
    """As the library's own rule, but it ends where an address may begin."""
    mark = state.md.inline.terminator_re.search(state.src, state.pos)
    end = mark.start() if mark else state.posMax
    if end == state.pos:
        return False
    address = START.search(state.src, state.pos + 1, min(end + LONGEST_MAILBOX, state.posMax))
    if address:
        end = min(end, address.start())
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _read_address(state: StateInline, silent: bool) -> bool:
    if state.linkLevel:
        return False
    email = EMAIL.match(state.src, state.pos, state.posMax)
    web = None if email else WEB.match(state.src, state.pos, state.posMax)
    if email is None and web is None:
        return False
    shown = email[0] if email else without_trailing(web[0] if web else "")
    if not silent:
        scheme = "mailto:" if email else "http://" if shown[:4].lower() == "www." else ""
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": state.md.normalizeLink(scheme + shown.replace("&amp;", "&"))}
        state.push("text", "", 0).content = shown.replace("&amp;", "&")
        state.push("link_close", "a", -1)
    state.pos += len(shown)
    return True


def without_trailing(address: str) -> str:
    """Without the end of the sentence, and without a bracket that was opened before the address."""
    while True:
        shorter = address.rstrip(TRAILING)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter
