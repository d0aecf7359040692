"""Every page of the console, those of rows too, as the fixture `sound` asks it."""

from __future__ import annotations

import pytest
from django.urls import URLPattern

from backend.console import urls
from tests.console import house

FRAGMENTS = {"palette"}
TOGETHER = 12
"""Pages that share a house, which takes longer to make than a page to ask."""


def _parts() -> list[list[URLPattern]]:
    pages = [
        pattern
        for pattern in urls.urlpatterns
        if "GET" in getattr(pattern.callback, "methods", ()) and pattern.name not in FRAGMENTS
    ]
    return [pages[start : start + TOGETHER] for start in range(0, len(pages), TOGETHER)]


@pytest.mark.parametrize("part", _parts(), ids=lambda part: f"from {part[0].name}")
def test_pages_are_sound(visit, sound, admin, part: list[URLPattern]) -> None:
    known = house.rows()
    page = visit(admin, "/console/account")
    for pattern in part:
        sound(page, house.address_of(pattern, known))
