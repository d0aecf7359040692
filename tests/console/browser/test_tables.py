"""A long table keeps its head in sight below the top bar, and on a phone it scrolls by itself."""

from __future__ import annotations

from tests import factories
from tests.browser import PHONE

BOX = "element => element.getBoundingClientRect()"


def test_head_of_a_long_table_stays_and_hides_nothing_that_has_the_focus(visit, comms) -> None:
    for number in range(40):
        factories.vacancy(title=f"Nurse {number}")
    page = visit(comms, "/console/vacancies")
    rows = page.locator("tbody tr")

    rows.last.scroll_into_view_if_needed()
    head, bar = page.locator("thead th").first, page.locator("header.top")
    assert abs(head.evaluate(BOX)["top"] - bar.evaluate(BOX)["bottom"]) <= 1
    rows.nth(3).locator("a").first.focus()
    assert page.locator(":focus").evaluate(BOX)["top"] >= head.evaluate(BOX)["bottom"]

    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
