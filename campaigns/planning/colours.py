"""The organisation's own colour, made readable where it fails: as text on our papers, and as paper under text.

Contrast is that of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio), from 1 to 21; text needs 4.5.
Colours are written #rrggbb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

TEXT = 4.5
"""WCAG 2.2, success criterion 1.4.3: the least contrast of text."""
LIGHT_PAPERS = ("#fbfaf7", "#e9e6dc")
DARK_PAPERS = ("#17191b", "#2a2e31")
"""The lightest and the darkest paper of each mode, as the style sheets have them."""
WRITTEN = re.compile(r"#[0-9a-f]{6}")
STEPS = 50

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Shades:
    """What one mode takes from the organisation's colour."""

    accent: str
    on_accent: str
    accent_paper: str


def shades(colour: str, *, papers: tuple[str, ...]) -> Shades:
    """The colour as text on these papers and on a tint of itself, moved towards black or white as far as it must be.
    Raises ValueError for what is no #rrggbb."""
    paper = _parse(papers[0])
    towards = (0, 0, 0) if _luminance(paper) > 0.5 else (255, 255, 255)
    tint = _mix(paper, _parse(colour), 0.12)
    grounds = [*map(_parse, papers), tint]
    accent = next(
        shade for step in range(STEPS + 1) if _readable(shade := _mix(_parse(colour), towards, step / STEPS), grounds)
    )
    on_accent = max(((255, 255, 255), (16, 20, 22)), key=lambda ink: _contrast(ink, accent))
    return Shades(accent=_write(accent), on_accent=_write(on_accent), accent_paper=_write(tint))


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    return _contrast(_parse(one), _parse(other))


def _readable(ink: RGB, grounds: Iterable[RGB]) -> bool:
    return all(_contrast(ink, ground) >= TEXT for ground in grounds)


def _contrast(one: RGB, other: RGB) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: RGB) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (each / 255 for each in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: RGB, other: RGB, share: float) -> RGB:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _parse(colour: str) -> RGB:
    if not WRITTEN.fullmatch(colour):
        raise ValueError(f"{colour} is not a colour in the form #rrggbb.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _write(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
