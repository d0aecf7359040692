"""The pages of one candidate and of one hire: nothing for axe to find, no sideways scrolling, and the way to a hire."""

from __future__ import annotations

from tests import factories
from tests.console.recruiting.test_hires import whole_way


def test_pages_of_one_are_sound(visit, sound, hr) -> None:
    hire, _ = whole_way(hr)
    page = visit(hr, "/console/hires")
    for address in (f"candidates/{hire.candidate_id}", f"hires/{hire.pk}", f"hires/{hire.pk}/reverse"):
        sound(page, f"/console/{address}")


def test_hire_is_recorded_from_the_list_and_its_file_is_handed_over(visit, hr, tmp_path) -> None:
    post = factories.vacancy()
    page = visit(hr, f"/console/candidates/new?vacancy={post.pk}", javascript=False)
    page.get_by_label("Reference", exact=True).fill("AR-1")
    page.get_by_role("button", name="Add candidate").click()
    page.get_by_role("link", name="Record a hire").click()
    page.get_by_role("button", name="Record the hire").click()
    page.get_by_role("heading", name="Hire of AR-1").wait_for()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Hires").click()
    with page.expect_download() as handed:
        page.get_by_role("link", name="Download as CSV").click()
    handed.value.save_as(tmp_path / "hires.csv")
    assert "AR-1" in (tmp_path / "hires.csv").read_text()
