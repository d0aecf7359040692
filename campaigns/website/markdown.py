"""Text as people write it, made safe to show: Markdown to sanitised HTML, and plain words for descriptions."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from campaigns.website import bare_addresses, text_direction
from campaigns.website.headings import Headings, mark_in_page_links, shift_headings

# XML 1.0 forbids most control characters, lone surrogates, U+FFFE and U+FFFF. The C1 controls and U+FFFD are
# allowed, but stand only for a broken encoding, and the W3C feed validator warns of them.
_FORBIDDEN = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]")
_SPACES = re.compile(r"[\t\n ]+")

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_BLOCKS = (*_HEADINGS, "p", "ul", "ol", "li", "blockquote", "table", "th", "td")
_TAGS = {*_BLOCKS, "br", "hr", "em", "strong", "code", "pre", "thead", "tbody", "tr", "a", "img"}
_ATTRIBUTES: dict[str, set[str]] = {
    **{tag: {"dir"} for tag in _BLOCKS},
    **{tag: {"dir", "id"} for tag in _HEADINGS},
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start", "dir"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "sms"}


def clean(text: str) -> str:
    """The text without the characters that XML 1.0 forbids (null bytes among them), lines ended by a line feed."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def html(markdown: str, *, base: str, top: int = 2, headings: Headings | None = None) -> str:
    """Sanitised HTML of CommonMark with tables, in which bare addresses are links; HTML in it is shown as text.

    Addresses become absolute against `base`, but for those of a heading on the same page (`#pay`), which stay as they
    are; only http, https, mailto, tel and sms are kept. The first heading becomes level `top` and none leaves a level
    out, so that the page's h1 stays the page's. `headings` are those of the page so far, where several texts stand on
    one. Pictures of our own are shown; a picture from elsewhere becomes a link, since showing it would tell that place
    who reads. A block that begins in a script from right to left says so.
    """
    environment = {"base": base, "top": top, "headings": Headings() if headings is None else headings}
    safe = nh3.clean(
        _MARKDOWN.render(clean(markdown), environment),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative=("rewrite_with_base", base),
        link_rel="noopener",
    )
    return clean(Headings.link_in_page(safe)).strip()  # once more: references such as &#11; have become characters


def to_plain_text(markdown: str) -> str:
    """The words of a Markdown text in one line, without marks or addresses."""
    return words(_MARKDOWN.render(clean(markdown), {"base": "", "top": 2, "headings": Headings()}))


def words(markup: str) -> str:
    """The words of HTML in one line."""
    return one_line(entities.unescape(nh3.clean(clean(markup), tags=set())))


def one_line(text: str) -> str:
    """The cleaned text with each run of spaces, tabs and line feeds made one space."""
    return _SPACES.sub(" ", clean(text)).strip()


def excerpt(text: str, length: int = 300) -> str:
    """At most `length` characters of one line of text, cut after a whole word and then ended by an ellipsis."""
    if len(text) <= length:
        return text
    start = text[:length].rpartition(" ")[0] or text[: length - 1]
    return start.rstrip(" ,;:.") + "…"


def _close_gaps_in_numbers(state: StateCore) -> None:
    """Telephones dial the digits as they stand."""
    for token in state.tokens:
        for child in token.children or []:
            address = str(child.attrGet("href") or "") if child.type == "link_open" else ""
            if address.lower().startswith(("tel:", "sms:")):
                child.attrSet("href", re.sub(r"(?:%20|%C2%A0|\s)+", "", address))


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    if _is_ours(address, env["base"]):
        return renderer.image(tokens, index, options, env)
    alt_text = renderer.renderInlineAsText(token.children or [], options, env)
    return f'<a href="{entities.escape(address)}">{entities.escape(alt_text or address)}</a>'


def _is_ours(address: str, base: str) -> bool:
    try:
        found, ours = urlsplit(urljoin(base, address)), urlsplit(base)
    except ValueError:  # such as "http://[", which is no address at all
        return False
    return (found.scheme, found.netloc) == (ours.scheme, ours.netloc)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    # Left alone, a link that may not be kept stays as raw Markdown for all to read; nh3 takes its address away.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    bare_addresses.plug_into(parser)
    parser.core.ruler.push("shift_headings", shift_headings)
    parser.core.ruler.push("mark_in_page_links", mark_in_page_links)
    parser.core.ruler.push("close_gaps_in_numbers", _close_gaps_in_numbers)
    parser.core.ruler.push("set_direction", text_direction.set_direction)
    parser.add_render_rule("image", _image)
    return parser


_MARKDOWN = _parser()
