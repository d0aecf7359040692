"""The pages of one candidate and of one hire: nothing for axe to find, no sideways scrolling, and the way to a hire."""

from __future__ import annotations

import pytest

from tests import factories
from tests.browser import DESK, PHONE
from tests.console.test_hires import whole_way


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_of_one_are_sound(visit, axe, hr, size: dict[str, int]) -> None:
    hire, _ = whole_way(hr)
    candidate = f"candidates/{hire.candidate_id}"
    pages = [candidate, *(f"{candidate}/{end}" for end in ("change", "move", "touches/add", "hire"))]
    pages += [f"hires/{hire.pk}", f"hires/{hire.pk}/start", f"hires/{hire.pk}/reverse", "candidates", "hires"]
    for dark in (False, True):
        for page in pages:
            opened = visit(hr, f"/console/{page}", size=size, dark=dark)
            axe(opened)
            assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page} scrolls sideways"
            opened.context.close()


def test_hire_is_recorded_from_the_list_and_its_file_is_handed_over(visit, hr, tmp_path) -> None:
    post = factories.vacancy()
    page = visit(hr, f"/console/candidates/new?vacancy={post.pk}", javascript=False)
    page.get_by_label("Reference", exact=True).fill("AR-1")
    page.get_by_role("button", name="Add the candidate").click()
    page.get_by_role("link", name="Record a hire").click()
    page.get_by_role("button", name="Record the hire").click()
    page.get_by_role("heading", name="Hire of AR-1").wait_for()
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Hires").click()
    with page.expect_download() as handed:
        page.get_by_role("link", name="Download as CSV").click()
    handed.value.save_as(tmp_path / "hires.csv")
    assert "AR-1" in (tmp_path / "hires.csv").read_text()
