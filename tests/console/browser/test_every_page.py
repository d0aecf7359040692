"""Every page that can be opened without naming a row: nothing for axe to find, no sideways scrolling, no error."""

from __future__ import annotations

import pytest

from backend.console import urls
from tests.console.browser.conftest import DESK, PHONE

PAGES = sorted(
    str(pattern.pattern)
    for pattern in urls.urlpatterns
    if "<" not in str(pattern.pattern) and "GET" in getattr(pattern.callback, "methods", ())
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page or "today")
def test_page_is_sound_on_desk_and_phone_in_light_and_dark(visit, axe, admin, page: str) -> None:
    for size in (DESK, PHONE):
        opened = visit(admin, f"/console/{page}", size=size, dark=size is PHONE)
        axe(opened)
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page} scrolls sideways"
