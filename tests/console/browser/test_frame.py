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
    expect(page.locator("#palette-found")).to_contain_text("No results for")
    assert words.get_attribute("aria-activedescendant") is None


def test_letters_lead_where_the_person_may_go_and_can_be_switched_off(visit: Callable[..., Page], hr) -> None:
    page = visit(hr, "/console/account")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard")
    expect(help_).to_contain_text("Today")
    expect(help_).not_to_contain_text("Write")
    page.get_by_role("button", name="Close").click()
    page.keyboard.type("gw")
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    page.keyboard.type("gt")
    page.wait_for_url("**/console/")
    page.goto("/console/account")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Saved.")
    page.keyboard.type("/?gt")
    expect(page.locator("#search")).not_to_be_focused()
    expect(help_).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-words")).to_be_focused()


def test_a_request_that_failed_says_so_and_what_to_do(visit: Callable[..., Page], comms) -> None:
    page = visit(comms, "/console/plan")
    page.route("**/console/plan?*", lambda route: route.abort("connectionfailed"))
    page.locator(".date").first.click()
    expect(page.get_by_role("alert")).to_contain_text("You are offline, so we cannot show this.")
    page.unroute("**/console/plan?*")
    page.route("**/console/plan?*", lambda route: route.fulfill(status=500))
    page.locator(".date").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong. Nothing was changed.")
    visit.wrong.clear()
