"""What a post on WordPress says, from a draft. WordPress takes title, excerpt and content as HTML."""

from __future__ import annotations

import html
import re

from scheduler.channels.contract import Draft
from scheduler.channels.lib import text_direction
from scheduler.channels.lib.wording import build_text, contains_link


def build_fields(draft: Draft, label: str) -> tuple[str, dict[str, str]]:
    """What it comes to in plain words, and the fields title, excerpt and content. The whole content where the draft has
    it, and then the channel's wording is the excerpt; else the wording is the content. Raises DoesNotFit."""
    title = " ".join(draft.title.split())
    words = "" if draft.text.strip() == title else draft.text.strip().removeprefix(f"{title}\n\n")
    summary = draft.document.summary.strip() if draft.document else ""
    whole = draft.document.html.strip() if draft.document else ""
    if whole:
        excerpt = words or summary
        shown = "\n\n".join(part for part in (title, excerpt, draft.link) if part)
        content = _append_link(whole, draft.link)
    else:
        excerpt = summary
        text = build_text(draft, label)
        shown = text if text.startswith(f"{title}\n\n") else f"{title}\n\n{text}"
        content = _paragraphs(shown.removeprefix(f"{title}\n\n"), draft.link)
    return shown, {"title": _escape(title), "excerpt": _escape(excerpt), "content": _escape_shortcodes(content)}


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _anchor(link: str) -> str:
    """WordPress fetches an address that stands alone in a paragraph and shows something else in its place, so a link
    is always an element."""
    return f'<a href="{html.escape(link)}">{_escape(link)}</a>'


def _append_link(whole: str, link: str) -> str:
    if not link or contains_link(whole, html.escape(link)):
        return whole
    return f"{whole}\n<p>{_anchor(link)}</p>"


def _paragraphs(text: str, link: str) -> str:
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "\n".join(f"<p{text_direction.attribute(part)}>{_written(part, link)}</p>" for part in parts if part)


def _written(part: str, link: str) -> str:
    written = _escape(part).replace("\n", "<br>")
    if not link:
        return written
    return re.sub(rf"{re.escape(_escape(link))}(?![.?]?[\w/%&=#~+-])", lambda _: _anchor(link), written)


def _escape_shortcodes(content: str) -> str:
    """WordPress takes words in square brackets, such as [video], for instructions."""
    return content.replace("[", "&#91;")
