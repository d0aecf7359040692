"""Blog entries, bulletins and pictures: the page beside the text, sections that move, and text that is never lost."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from campaigns.bulletins.models import Bulletin
from campaigns.planning.models import BlogEntry
from campaigns.planning.services import compositions
from media.models import Picture
from tests import factories
from tests.console.browser.signing_in import give_password, sign_in
from tests.console.compose.composing import website


@pytest.fixture(autouse=True)
def _files(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def shown(page: Page) -> Any:
    return page.frame_locator("#page-shown")


def test_pages_with_something_in_them_are_sound(visit, sound, comms) -> None:
    picture = factories.picture(credit="Ola Berg")
    entry = factories.in_review(factories.blog_entry(picture=picture))
    spotlight = {"kind": "spotlight", "heading": "Meet them", "body": "Here.", "team": factories.team()}
    bulletin = factories.bulletin(sections=[spotlight, {"heading": "News", "body": "It *met*."}])
    page = visit(comms, "/console/write")
    for path in (f"blog-entries/{entry.pk}/change?picture={picture.pk}", f"bulletins/{bulletin.pk}/change"):
        sound(page, f"/console/{path}")
    sound(page, "/console/pictures?next=/console/write")


def test_page_follows_what_is_typed_and_keeps_its_place(visit, comms) -> None:
    entry = factories.blog_entry(body="A long story.\n\n" * 80)
    page = visit(comms, f"/console/blog-entries/{entry.pk}/change")
    expect(shown(page).locator("h1")).to_have_text(entry.title)
    page.evaluate("document.getElementById('page-shown').contentWindow.scrollTo(0, 900)")
    page.get_by_label("Title").fill("A night on the ward")
    expect(shown(page).locator("h1")).to_have_text("A night on the ward")
    assert page.evaluate("document.getElementById('page-shown').contentWindow.scrollY") == 900
    expect(page.locator("#status")).to_have_text("Not saved yet. Your text is kept here.")
    page.locator(".save-bar").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Saved ")
    expect(page.locator("#restore")).to_be_hidden()
    assert BlogEntry.objects.get().title == "A night on the ward"


def test_page_is_shown_without_javascript_and_what_is_typed_stays(visit, comms) -> None:
    factories.team(name="Coral ward")
    page = visit(comms, "/console/bulletins/new", javascript=False)
    page.get_by_label("Title").fill("News in October")
    page.get_by_role("button", name="Add a team spotlight").click()
    second = page.get_by_role("group", name="2. Team spotlight")
    second.get_by_label("Team", exact=True).select_option("Coral ward")
    second.get_by_label("Heading").fill("Meet them")
    second.get_by_role("button", name="Move up").click()
    page.get_by_role("button", name="Show preview").click()
    expect(shown(page).locator("h2").first).to_have_text("Meet them")
    expect(shown(page).get_by_text("Coral ward, Crawley")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("News in October")


def test_sections_are_added_moved_and_removed_in_place(visit, axe, comms) -> None:
    row = factories.bulletin()
    page = visit(comms, f"/console/bulletins/{row.pk}/change")
    page.get_by_role("button", name="Add a text").click()
    second = page.get_by_role("group", name="2. Section")
    second.get_by_label("Heading").fill("Learning forum")
    second.get_by_label("Text").fill("It meets on Thursday.")
    expect(shown(page).locator("h2").nth(1)).to_have_text("Learning forum")
    second.get_by_role("button", name="Move up").click()
    expect(page.locator("#section-0").get_by_label("Heading")).to_have_value("Learning forum")
    expect(page.locator("#section-0 legend")).to_be_focused()
    expect(shown(page).locator("h2").first).to_have_text("Learning forum")
    page.locator("#section-1").get_by_role("button", name="Remove").click()
    expect(page.locator(".section")).to_have_count(1)
    axe(page)
    page.get_by_label("Title").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved ")
    assert [each.heading for each in Bulletin.objects.get().sections.all()] == ["Learning forum"]


def test_what_was_not_saved_is_offered_again_and_put_back(visit, comms) -> None:
    entry = factories.blog_entry()
    page = visit(comms, f"/console/blog-entries/{entry.pk}/change")
    page.get_by_label("Text", exact=True).fill("Typed and left.\nIn two lines.")
    expect(page.locator("#status")).to_contain_text("kept here")
    page.goto("/console/blog-entries")
    page.goto(f"/console/blog-entries/{entry.pk}/change")
    expect(page.locator("#restore")).to_contain_text("was not saved")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Typed and left.\nIn two lines.")
    expect(page.locator("#status")).to_contain_text("Not saved yet")
    page.locator(".save-bar").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Saved ")
    page.reload()
    expect(page.locator("#restore")).to_be_hidden()
    assert BlogEntry.objects.get().body == "Typed and left.\nIn two lines."


def test_broken_line_is_said_and_a_new_entry_that_was_saved_is_not_offered_again(visit, comms) -> None:
    page = visit(comms, "/console/blog-entries/new")

    def break_off(route: Route) -> None:
        route.abort("connectionfailed")

    page.route("**/drafts/written/*", break_off)
    page.get_by_label("Title").fill("Why I came back")
    expect(page.locator("#status")).to_have_text("You are offline. Your text is kept here.")
    page.unroute("**/drafts/written/*")
    visit.wrong.clear()
    page.get_by_label("Text", exact=True).fill("It begins with handover.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#messages")).to_contain_text("Saved as a draft")
    page.goto("/console/blog-entries/new")
    expect(page.locator("#restore")).to_be_hidden()


def test_a_session_that_ended_is_said_and_what_was_typed_is_offered_again(visit, comms) -> None:
    give_password(comms)
    entry = factories.blog_entry()
    page = visit(comms, f"/console/blog-entries/{entry.pk}/change")
    expect(shown(page).locator("h1")).to_have_text(entry.title)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title").fill("Typed too late")
    expect(page.locator("#status")).to_contain_text("You have been signed out. Your text is kept here")
    expect(shown(page).locator("h1")).to_have_text(entry.title)
    page.locator(".save-bar").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("nothing was saved")
    sign_in(page, comms)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Title")).to_have_value("Typed too late")
    visit.wrong[:] = [said for said in visit.wrong if "401" not in said]


@pytest.mark.parametrize("kind", ["vacancies", "events"])
def test_every_kind_of_content_is_kept_until_it_is_saved(visit, comms, kind: str) -> None:
    page = visit(comms, f"/console/{kind}/new")
    page.get_by_label("Title").fill("Typed and left")
    expect(page.locator("#status")).to_have_text("Not saved yet. Your text is kept here.")
    page.goto("/console/write")
    page.goto(f"/console/{kind}/new")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Title")).to_have_value("Typed and left")


def test_picture_is_added_from_compose_without_losing_what_is_typed(visit, comms) -> None:
    entry, site = factories.blog_entry(), website()
    page = visit(comms, f"/console/compose/{entry.pk}")
    page.get_by_role("checkbox", name=site.name).check()
    page.get_by_label(f"Text for {site.name}").fill("Typed just now.")
    page.get_by_role("button", name="Add a picture").click()
    out = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "PNG")
    page.get_by_label("File").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": out.getvalue()})
    page.get_by_label("Alt text").fill("The pier at dusk")
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Add picture").click()
    expect(page.get_by_label(f"Text for {site.name}")).to_have_value("Typed just now.")
    page.get_by_role("checkbox", name="The pier at dusk").check()
    expect(page.locator("#status")).to_contain_text("Saved")
    expect(page.locator("#restore")).to_be_hidden()
    chosen = compositions.channel_texts(compositions.composition_of(entry))[0]
    assert (chosen.wording, list(chosen.pictures)) == ("Typed just now.", [Picture.objects.get()])
