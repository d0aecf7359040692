"""The organisation's colour as a style sheet. It follows from its address alone, so browsers keep it for ever."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from campaigns.planning.colours import DARK_PAPERS, LIGHT_PAPERS, Shades, shades


def colours(request: HttpRequest, accent: str) -> HttpResponse:  # noqa: ARG001 - a view's shape
    light, dark = (_rule(shades(f"#{accent}", papers=papers)) for papers in (LIGHT_PAPERS, DARK_PAPERS))
    answer = HttpResponse(f"{light}@media (prefers-color-scheme: dark) {{ {dark} }}", content_type="text/css")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _rule(mode: Shades) -> str:
    return (
        f":root {{ --accent: {mode.accent}; --focus: {mode.accent}; --on-accent: {mode.on_accent}; "
        f"--accent-paper: {mode.accent_paper}; }}\n"
    )
