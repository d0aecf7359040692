"""Debian's Chromium over a running house, signed in as somebody, and axe to ask each page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from backend.accounts.models import User
from tests.browser import CHROMIUM, DESK, MISSING, PHONE, QUIET


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not CHROMIUM:
        if os.environ.get("CI"):
            raise pytest.UsageError(MISSING)  # where all must hold, nothing is left out unseen
        for item in items:
            if "tests/console/browser" in str(item.path):
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in the thread that asks the database
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def visit(browser: Browser, live_server, transactional_db: None) -> Iterator[Callable[..., Page]]:
    """`visit(comms, "/console/")`: a page of its own browser context, signed in. What goes wrong in the page (an error
    in the console, a request to elsewhere) fails the test at its end."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_as(
        who: User | None, address: str, *, size: dict[str, int] = DESK, dark: bool = False, javascript: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=size,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        contexts.append(context)
        if who is not None:
            client = Client()
            client.force_login(who)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((live_server.url, "data:", "blob:")) else wrong.append(asked.url)
            ),
        )
        page.goto(address)
        return page

    open_as.wrong = wrong  # type: ignore[attr-defined]
    yield open_as
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """Fails with what axe finds, and where, by all of its rules or by those that are named. Nothing is loaded again for
    it: that is for sound and films, and for a rule that is off."""
    script = Axe().axe_script

    def ask(page: Page, *rules: str) -> None:
        if page.evaluate("typeof axe === 'undefined'"):
            page.evaluate(script)
        found = page.evaluate(
            "only => axe.run({resultTypes: ['violations'], preload: false, ...only}).then(found => found.violations)",
            {"runOnly": list(rules)} if rules else {},
        )
        told = [
            f"{each['id']}: {node['html'][:150]} {node['failureSummary']}" for each in found for node in each["nodes"]
        ]
        assert told == []

    return ask


TWICE = {"width": DESK["width"] // 2, "height": DESK["height"] // 2}
"""What a page has of a desk's screen when it is shown at 200 %."""
OF_SIZE_AND_COLOURS = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
"""Rules whose answer another screen or light can change: the rest is about the same elements."""
SHIFT_AT_MOST = 0.1
SHIFTS = """new Promise(done => new PerformanceObserver(list => done(
    list.getEntries().filter(each => !each.hadRecentInput).reduce((sum, each) => sum + each.value, 0)
)).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 50))"""


@pytest.fixture
def legible(axe: Callable[..., None]) -> Callable[[Page], None]:
    """Asks the page that stands open: nothing for axe to find by day on a desk and in the dark on a phone, nothing
    wider than the screen on either and at 200 %."""

    def fits(page: Page) -> None:
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{page.url} scrolls sideways at {width[1]} pixels"

    def ask(page: Page) -> None:
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        axe(page)
        fits(page)
        page.set_viewport_size(TWICE)
        fits(page)
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        fits(page)
        axe(page, *OF_SIZE_AND_COLOURS)

    return ask


@pytest.fixture
def sound(legible: Callable[[Page], None]) -> Callable[..., None]:
    """Opens an address once, sees that it is this page that answers and leads nowhere else, and asks that nothing jumps
    while it loads, and what `legible` asks."""

    def ask(page: Page, address: str, *, status: int = 200) -> None:
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == status, f"{address} answered {answer.status}"
        assert page.url.endswith(address), f"{address} led to {page.url}"
        if "text/html" not in answer.headers["content-type"]:
            return
        assert page.evaluate(SHIFTS) <= SHIFT_AT_MOST, f"{address} jumps while it loads"
        legible(page)

    return ask
