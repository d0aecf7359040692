"""Chips, flags and icons of the plan. A month has hundreds of them: each icon is drawn once on a page and referred to,
and chips and flags are put together here, which takes a third of what a template takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from backend.console.plan.board import Chip, Flag
from backend.console.templatetags.console import KINDS

register = template.Library()


@register.simple_tag
def sprite(names: Iterable[str]) -> SafeString:
    """The drawings that `use` refers to."""
    symbols = "".join(_symbol(name) for name in sorted(names))
    return SafeString(f'<svg id="plan-icons" hidden aria-hidden="true">{symbols}</svg>')


@register.simple_tag
def use(name: str) -> SafeString:
    return _use(name)


@register.simple_tag
def chip(shown: Chip, address: str) -> SafeString:
    """One post on its day: time, where, state, kind, title. `address` is the page's own, with nothing open."""
    clash = _use("triangle-alert") if shown.clashes else ""
    movable = f' data-seen="{escape(shown.seen)}" draggable="true"' if shown.movable else ""
    word = f"{escape(shown.word)} " if shown.spoken else ""
    return SafeString(  # every word of a person is escaped
        f'<li><a class="chip {shown.kind} {shown.tone}" href="{escape(address)}&amp;open={shown.id}" data-panel'
        f' data-id="{shown.id}"{movable}><span class="when">{shown.time} {_use(shown.channel_icon)}'
        f'<span class="stand">{word}{_use(shown.state_icon)}</span></span>'
        f'<span class="what">{_use(shown.kind_icon)}{clash} {escape(shown.title)}</span>'
        f'<span class="hidden">, {escape(shown.said)}</span></a></li>'
    )


@register.simple_tag
def flag(shown: Flag) -> SafeString:
    """One event or closing date along the top edge of its day."""
    clash = _use("triangle-alert") if shown.clashes else ""
    words, title = escape(shown.words), escape(shown.title)
    off = " off" if shown.cancelled else ""
    return SafeString(  # every word of a person is escaped
        f'<li class="{shown.kind}{off}">{_use(shown.icon)}{clash}<a href="{escape(shown.address)}" title="{words}">'
        f'{title}</a><span class="hidden"> {words}</span></li>'
    )


@register.filter
def kind_word(kind: str) -> str:
    return KINDS[kind][1]


@lru_cache(256)
def _use(name: str) -> SafeString:
    return SafeString(f'<svg class="use" aria-hidden="true"><use href="#i-{name}"/></svg>')


@lru_cache(256)
def _symbol(name: str) -> str:
    drawn = re.sub(r"^<svg[^>]*>|</svg>$", "", str(lucide(name)).strip())
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{drawn}</symbol>'
