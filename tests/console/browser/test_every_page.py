"""Every page of the console, those of rows too: nothing for axe to find by day and in the dark, on a desk and on a
phone, nothing that jumps, nothing cut off at twice the size, no error in the browser."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.urls import URLPattern
from playwright.sync_api import Page

from backend.console import urls
from tests.browser import DESK, PHONE
from tests.console import house

TWICE = {"width": DESK["width"] // 2, "height": DESK["height"] // 2}
"""What a page has of a desk's screen when it is shown at 200 %."""
SHIFT_AT_MOST = 0.1
SHIFTS = """new Promise(done => new PerformanceObserver(list => done(
    list.getEntries().filter(each => !each.hadRecentInput).reduce((sum, each) => sum + each.value, 0)
)).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 100))"""
FRAGMENTS = {"palette"}


def _families() -> dict[str, list[URLPattern]]:
    found: dict[str, list[URLPattern]] = defaultdict(list)
    for pattern in urls.urlpatterns:
        if "GET" in getattr(pattern.callback, "methods", ()) and pattern.name not in FRAGMENTS:
            found[pattern.callback.__module__.rpartition(".")[2]].append(pattern)
    return found


FAMILIES = _families()


@pytest.mark.parametrize("family", FAMILIES)
def test_pages_are_sound(visit, axe, admin, family: str) -> None:
    known = house.rows()
    page = visit(admin, "/console/account")
    for pattern in FAMILIES[family]:
        address = house.address_of(pattern, known)
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, f"{address} answered {answer.status}"
        if "text/html" not in answer.headers["content-type"]:
            continue
        assert page.evaluate(SHIFTS) <= SHIFT_AT_MOST, f"{address} jumps while it loads"
        axe(page)
        page.set_viewport_size(TWICE)
        _fits(page)
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        _fits(page)
        axe(page)


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        f"{page.url} scrolls sideways at {page.evaluate('innerWidth')} pixels"
    )
