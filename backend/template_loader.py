"""Templates without the white space that only their form needs: what is sent is as small as if nobody had indented it.

Done once, when a template is compiled. A line break with its indentation becomes nothing beside a block element, and
one space where it may be seen; `pre`, `textarea`, `script` and `style` keep what they hold."""

from __future__ import annotations

import re
from pathlib import Path

from django.template import Origin
from django.template.loaders import app_directories

BLOCKS = (
    "!DOCTYPE|address|article|aside|blockquote|body|caption|col|colgroup|dd|details|dialog|div|dl|dt|fieldset|figcaption"
    "|figure|footer|form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|ol|optgroup|option|p|script|section|style"
    "|summary|table|tbody|td|template|tfoot|th|thead|title|tr|ul"
)
BOXES = "button|rect|select|svg"
"""They stand in a line, but white space at their inner edges is not seen."""
ATTRIBUTES = r"""(?>\{%.*?%\}|\{\{.*?\}\}|"[^"]*"|'[^']*'|[^<>"'])*+"""
"""Atomic: what was read one way is not read in another, so that the time grows with the length and no faster."""
TAG = re.compile(rf"</?[a-z]{ATTRIBUTES}>", re.DOTALL)
VERBATIM = re.compile(rf"<(pre|textarea|script|style)\b{ATTRIBUTES}>(.*?)</\1>", re.DOTALL)
LINE_BREAK = re.compile(
    rf"(?P<before>(?:</?(?:{BLOCKS})|<(?:{BOXES}))\b{ATTRIBUTES}>)?\s*\n\s*"
    rf"(?=(?P<after></?(?:{BLOCKS})\b|</(?:{BOXES})\b)?)",
    re.DOTALL,
)


class CompactLoader(app_directories.Loader):
    """Looks in the settings' own folders first, then in those of the apps."""

    def get_dirs(self) -> list[str | Path]:
        return [*self.engine.dirs, *super().get_dirs()]

    def get_contents(self, origin: Origin) -> str:
        return compact(super().get_contents(origin))


def compact(source: str) -> str:
    pieces, end = [], 0
    for found in VERBATIM.finditer(source):
        pieces += [_without_line_breaks(source[end : found.start(2)]), found[2]]
        end = found.end(2)
    return "".join([*pieces, _without_line_breaks(source[end:])])


def _without_line_breaks(source: str) -> str:
    tags_on_one_line = TAG.sub(lambda tag: re.sub(r"\s*\n\s*(>?)", lambda space: space[1] or " ", tag[0]), source)
    return LINE_BREAK.sub(
        lambda found: (found["before"] or "") + ("" if found["before"] or found["after"] else " "), tags_on_one_line
    )
