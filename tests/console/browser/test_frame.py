"""What every page has, in a browser: the palette, keys, and a word where a request failed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_enter_in_the_palette_goes_to_what_was_typed_however_late_it_is_found(visit: Callable[..., Page], hr) -> None:
    page = visit(hr, "/console/account")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-found a").first).to_have_text("TodayPage")
    page.keyboard.type("hires")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/hires")


def test_the_palette_says_which_of_its_lines_is_chosen(visit: Callable[..., Page], hr) -> None:
    page = visit(hr, "/console/account")
    page.keyboard.press("Control+k")
    words = page.locator("#palette-words")
    expect(words).to_have_attribute("aria-activedescendant", "hit-1")
    page.keyboard.press("ArrowDown")
    expect(words).to_have_attribute("aria-activedescendant", "hit-2")
    page.keyboard.type("hires")
    expect(page.locator("#palette-found a").first).to_contain_text("Hires")
    expect(words).to_have_attribute("aria-activedescendant", "hit-1")
    page.keyboard.type(" of nobody")
    expect(page.locator("#palette-found")).to_contain_text("Nothing here has")
    assert words.get_attribute("aria-activedescendant") is None


def test_a_request_that_failed_says_so_and_what_to_do(visit: Callable[..., Page], comms) -> None:
    page = visit(comms, "/console/plan")
    page.route("**/console/plan?*", lambda route: route.abort("connectionfailed"))
    page.locator(".date").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The connection is gone, so this cannot be shown.")
    page.unroute("**/console/plan?*")
    page.route("**/console/plan?*", lambda route: route.fulfill(status=500))
    page.locator(".date").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong here, and nothing was changed.")
    visit.wrong.clear()
