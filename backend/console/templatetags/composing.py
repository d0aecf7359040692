"""How texts for channels and changes of texts are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from campaigns.planning.differences import Piece

register = template.Library()
MARKED = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)]|(?<![\w&/])#\w+)")
SPOKEN = {
    "removed": '<del><span class="hidden">Removed: </span>{}<span class="hidden"> (end) </span></del>',
    "added": '<ins><span class="hidden">Added: </span>{}<span class="hidden"> (end) </span></ins>',
}


@register.filter
def highlight_links(text: str) -> SafeString:
    """Plain text as a channel shows it, its addresses and hashtags marked."""
    parts = enumerate(MARKED.split(text))
    return format_html_join("", "{}", ((_linked(part) if at % 2 else part,) for at, part in parts))


def _linked(part: str) -> SafeString:
    return format_html('<span class="linked">{}</span>', part)


@register.filter
def render_changes(pieces: Iterable[Piece]) -> SafeString:
    """A change word by word; what a colour says is said in words as well."""
    return format_html_join("", "{}", ((_told(piece),) for piece in pieces))


def _told(piece: Piece) -> SafeString | str:
    if piece.how == "same":
        return piece.text
    return format_html(SPOKEN[piece.how], piece.text)
