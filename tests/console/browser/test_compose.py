"""From a draft to an approved post, by mouse, by keyboard, on a phone, on a broken line, and with two people at it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from campaigns.planning.models import Content, Publication
from campaigns.planning.services import compositions, presence
from tests import factories
from tests.browser import PHONE
from tests.console.browser.signing_in import give_password, sign_in
from tests.console.compose.composing import website, x


def saved(page: Page) -> None:
    expect(page.locator("#status")).to_contain_text(re.compile(r"^Saved \d\d:\d\d"))


def wording(row: Content) -> list[str]:
    return [each.wording for each in compositions.channel_texts(compositions.composition_of(row))]


@pytest.fixture
def draft(transactional_db: None) -> Content:
    return factories.vacancy(title="Staff nurse", summary="A kind ward by the sea.")


def test_compose_and_review_are_sound(visit, sound, comms, approver, draft) -> None:
    row, channel, site = factories.in_review(draft), x(), website()
    factories.publication(of=row, on=channel, wording="Join us. #NursesInCrawley")
    chosen = [compositions.ChannelText(channel, "a" * 300), compositions.ChannelText(site)]
    compositions.save_composition(content=row, version=0, chosen=chosen, by=comms)
    for who, address in [(comms, f"/console/compose/{row.pk}"), (approver, f"/console/reviews/{row.pk}")]:
        sound(visit(who, "/console/account"), address)


def test_write_once_adapt_one_channel_schedule_and_approve_on_a_phone(visit, comms, approver, draft) -> None:
    channel, site = x(), website()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("Summary").fill("A kind ward by the sea, with parking.")
    page.get_by_role("checkbox", name=site.name).check()
    page.get_by_label(channel.name, exact=True).check()
    page.get_by_label("Text for X").fill("Nurses: a kind ward by the sea.")
    expect(page.locator("#previews")).to_contain_text("Nurses: a kind ward by the sea.")
    expect(page.locator("#tabs")).to_contain_text(re.compile(r"X\s+\d+/280\s+own text"))
    expect(page.frame_locator("iframe").get_by_text("with parking")).to_be_visible()
    page.get_by_label("Day and time").fill(f"{factories.in_days(2):%Y-%m-%d}T09:30")
    saved(page)
    page.get_by_role("button", name="Schedule and send for approval").click()
    expect(page.get_by_role("status").first).to_contain_text("Sent for approval.")
    phone: Page = visit(approver, "/console/reviews", size=PHONE)
    phone.get_by_role("link", name="Staff nurse").click()
    expect(phone.get_by_text("Nurses: a kind ward by the sea.").first).to_be_visible()
    approve = phone.get_by_role("button", name="Approve")
    expect(approve).to_be_in_viewport()
    approve.click()
    expect(phone.get_by_role("status").first).to_contain_text("Approved: Staff nurse. Nothing else is waiting.")
    assert Content.objects.get(pk=draft.pk).state == "approved"
    assert set(Publication.objects.values_list("wording", flat=True)) == {"", "Nurses: a kind ward by the sea."}


def test_the_keyboard_alone_is_enough(visit, comms, draft) -> None:
    channel = x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")

    def to(locate: Callable[[], Any]) -> None:
        for _ in range(60):
            if locate().evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press("Tab")
        pytest.fail("The keyboard does not get there.")

    to(lambda: page.get_by_label(channel.name, exact=True))
    page.keyboard.press("Space")
    to(lambda: page.get_by_label("Text for X"))
    page.keyboard.type("Typed without a mouse.")
    expect(page.locator("#previews")).to_contain_text("Typed without a mouse.")
    to(lambda: page.get_by_label("Day and time"))
    when = factories.in_days(2)
    page.keyboard.type(f"{when:%m%d%Y}")  # Chromium asks for a day as its own language has it
    page.keyboard.press("Tab")
    page.keyboard.type("0930AM")
    expect(page.get_by_label("Day and time")).to_have_value(f"{when:%Y-%m-%d}T09:30")
    saved(page)
    to(lambda: page.get_by_role("button", name="Schedule only"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Already scheduled")).to_be_visible()
    assert Publication.objects.get().wording == "Typed without a mouse."


def test_a_broken_line_keeps_the_text_and_saves_it_later(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    saved(page)
    lost: list[str] = []

    def breaks(route: Route) -> None:
        lost.append(route.request.url)
        route.abort("connectionfailed")

    page.route("**/save", breaks)
    page.get_by_label("Text for X").fill("Typed on a train.")
    expect(page.locator("#status")).to_have_text("Not saved: you are offline. Your text is kept here.")
    page.unroute("**/save")
    page.goto(f"/console/compose/{draft.pk}")
    expect(page.locator("#restore")).to_contain_text("was not saved. It is kept in this browser.")
    page.get_by_role("button", name="Restore").click()
    saved(page)
    assert lost
    assert wording(draft) == ["Typed on a train."]
    page.goto(f"/console/compose/{draft.pk}")
    expect(page.locator("#restore")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    expected = ("ERR_CONNECTION_FAILED", "htmx:sendError", "htmx:afterRequest")
    visit.wrong[:] = [said for said in visit.wrong if not any(word in said for word in expected)]


def test_two_people_see_each_other_and_lose_nothing(visit, comms, approver, draft) -> None:
    x()
    amara: Page = visit(comms, f"/console/compose/{draft.pk}")
    expect(amara.locator("#status")).to_have_text("")
    amara.get_by_label("X", exact=True).check()
    saved(amara)
    tom: Page = visit(approver, f"/console/compose/{draft.pk}")
    expect(tom.locator("#presence")).to_contain_text("Amara Osei is here too")
    amara.get_by_label("Text for X").fill("Amara's words.")
    expect(amara.locator("#previews")).to_contain_text("Amara's words.")
    saved(amara)
    tom.get_by_role("link", name=re.compile("^X")).click()
    tom.get_by_label("Text for X").fill("Tom's words.")
    expect(tom.locator("#conflict")).to_contain_text("The other version is by Amara Osei.")
    expect(tom.get_by_label("Text for X")).to_have_value("Tom's words.")
    assert wording(draft) == ["Amara's words."]
    tom.get_by_role("button", name="Keep my version").click()
    saved(tom)
    assert wording(draft) == ["Tom's words."]
    visit.wrong[:] = [said for said in visit.wrong if "409" not in said]


def test_a_refused_save_is_kept_and_offered_again(visit, comms, draft) -> None:
    channel = x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    saved(page)
    kept = compositions.composition_of(draft)
    theirs = [compositions.ChannelText(channel, "Tom's words.")]
    compositions.save_composition(content=draft, version=kept.version, chosen=theirs, by=None)
    page.get_by_label("Text for X").fill("Amara's words.")
    expect(page.locator("#status")).to_contain_text("Not saved: there are two versions.")
    page.reload()
    expect(page.get_by_label("Text for X")).to_have_value("Tom's words.")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Text for X")).to_have_value("Amara's words.")
    page.get_by_role("button", name="Keep my version").click()
    saved(page)
    expect(page.get_by_label("Title")).to_be_focused()
    page.reload()
    expect(page.locator("#restore")).to_be_hidden()
    assert wording(draft) == ["Amara's words."]
    visit.wrong[:] = [said for said in visit.wrong if "409" not in said]


def test_a_common_text_that_is_left_out_is_kept_and_offered_again(visit, comms, draft) -> None:
    page: Page = visit(comms, f"/console/compose/{factories.approved_vacancy().pk}")
    page.get_by_label("Summary").fill("Changed after the approval.")
    expect(page.locator("#status")).to_contain_text("without the common text")
    page.reload()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Summary")).to_have_value("Changed after the approval.")


def test_what_was_sent_and_did_not_arrive_is_offered_whatever_somebody_saved_since(visit, comms, draft) -> None:
    channel = x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    page.get_by_label("Text for X").fill("Sent into a tunnel.")
    page.get_by_label("Day and time").fill(f"{factories.in_days(2):%Y-%m-%d}T09:30")
    saved(page)
    page.route(f"**/compose/{draft.pk}", lambda route: route.abort("connectionfailed"))
    page.get_by_role("button", name="Schedule only").click()
    page.wait_for_url("chrome-error://**")
    page.unroute(f"**/compose/{draft.pk}")
    version = compositions.composition_of(draft).version
    theirs = [compositions.ChannelText(channel, "Tom's words.")]
    compositions.save_composition(content=draft, version=version, chosen=theirs, by=None)
    page.goto(f"/console/compose/{draft.pk}")
    expect(page.locator("#restore")).to_contain_text("may not have been saved. It is kept in this browser.")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Text for X")).to_have_value("Sent into a tunnel.")
    expect(page.locator("#conflict")).to_contain_text("Two versions")
    visit.wrong.clear()


def test_whoever_signed_in_anew_meanwhile_is_told_that_nothing_is_saved(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.route("**/save", lambda route: route.fulfill(status=403))
    page.get_by_label("Summary").fill("Typed with an old token.")
    expect(page.locator("#status")).to_contain_text("Not saved: you have signed in anew")
    expect(page.locator("#status")).to_contain_text("Your text is kept in this browser. Reload the page.")
    expect(page.locator("#messages")).to_have_text("")
    page.reload()
    expect(page.locator("#restore")).to_be_visible()
    visit.wrong[:] = [said for said in visit.wrong if "403" not in said]


def test_a_session_that_ended_leads_back_to_what_was_typed(visit, comms, draft) -> None:
    give_password(comms)
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Summary").fill("Typed after the session had ended.")
    expect(page.locator("#messages")).to_contain_text("nothing was saved")
    sign_in(page, comms)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Summary")).to_have_value("Typed after the session had ended.")
    saved(page)


def hold_save(page: Page, text: str) -> Route:
    """This text is typed, and its save is on the way until `continue_()`; another one waits behind it."""
    held: list[Route] = []
    page.route("**/save", lambda route: held.append(route), times=1)
    with page.expect_request("**/save"):
        page.get_by_label("Text for X").fill(text)
    page.evaluate("htmx.trigger('#compose', 'autosave')")
    return held[0]


def test_a_button_is_in_no_race_with_a_save_of_its_own_page(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    page.get_by_label("Day and time").fill(f"{factories.in_days(2):%Y-%m-%d}T09:30")
    saved(page)
    held = hold_save(page, "First.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Schedule only").click()
    held.continue_()
    expect(page.get_by_role("heading", name="Already scheduled")).to_be_visible()
    assert [url for url in asked if url.endswith("/save")] == []
    assert Publication.objects.get().wording == "First."


def test_asking_for_pictures_drops_no_save_that_waits(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    saved(page)
    held = hold_save(page, "First.")
    with page.expect_response("**/*pictures=*"):
        page.get_by_role("link", name="Choose from the newest pictures").click()
    with page.expect_request("**/save"):
        held.continue_()
    saved(page)


def test_half_a_day_does_not_stop_saving_and_is_not_left_out_unseen(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    page.get_by_label("Day and time").fill(f"{factories.in_days(2):%Y-%m-%d}T09:30")
    saved(page)
    page.get_by_role("button", name="Another time").click()
    page.keyboard.type("12")
    page.get_by_label("Text for X").fill("Saved all the same.")
    expect(page.locator("#status")).to_contain_text("without an incomplete date and time")
    assert wording(draft) == ["Saved all the same."]
    page.get_by_role("button", name="Schedule only").click()
    page.get_by_role("link", name="Enter a date and time, for example 3 November 2026, 09:30.").click()
    expect(page.get_by_label("Day and time", exact=True)).to_be_focused()
    assert not Publication.objects.exists()
    visit.wrong[:] = [said for said in visit.wrong if "422" not in said]


def test_the_keyboard_stays_where_it_was_while_the_page_follows(visit, comms, draft) -> None:
    channel, picture = x(), factories.picture(alt_text="The pier at noon.")
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    saved(page)
    page.get_by_label("Text for X").fill("Typed, and on to the tabs.")
    tab = page.locator(f"#tab-{channel.pk}")
    tab.focus()
    expect(tab).to_contain_text("own text")
    expect(tab).to_be_focused()
    page.get_by_role("link", name="Choose from the newest pictures").press("Enter")
    expect(page.get_by_role("checkbox", name=picture.alt_text)).to_be_focused()


HIDDEN = """selector => [...document.querySelectorAll("main :is(input, textarea, button, a, summary)")].filter(each => {
    const bar = document.querySelector(selector);
    if (bar.contains(each) || !each.checkVisibility()) return false;
    each.focus();
    const [its, own] = [bar.getBoundingClientRect(), each.getBoundingClientRect()];
    return own.top >= its.top && own.bottom <= its.bottom;
}).map(each => each.outerHTML.slice(0, 80))"""


def test_what_has_the_focus_is_never_behind_a_bar(visit, comms, approver, draft) -> None:
    for _ in range(8):
        x()
    low = {"width": 1280, "height": 620}
    page: Page = visit(comms, f"/console/compose/{draft.pk}", size=low)
    assert page.evaluate(HIDDEN, ".compose-bar") == []
    row = factories.in_review(draft)
    for _ in range(6):
        factories.publication(of=row, on=factories.channel(), wording="Join us. " * 40)
    for size in (low, PHONE):
        page = visit(approver, f"/console/reviews/{row.pk}", size=size)
        assert page.evaluate(HIDDEN, ".decide") == []
    page = visit(comms, "/console/vacancies/new", size=low)
    assert page.evaluate(HIDDEN, ".save-bar") == []


def test_who_is_here_is_told_once(visit, comms, approver, draft) -> None:
    presence.record_heartbeat(content=draft, by=approver)
    page: Page = visit(comms, "/console/account")
    page.clock.install()
    page.goto(f"/console/compose/{draft.pk}")
    expect(page.locator("#presence")).to_contain_text("is here too")
    page.evaluate("document.querySelector('#presence p').dataset.same = 'yes'")
    with page.expect_response("**/presence"):
        page.clock.fast_forward(20_000)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#presence [data-same]")).to_have_count(1)


def test_without_javascript_everything_is_there(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}", javascript=False)
    page.get_by_label("X", exact=True).check()
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_label("Text for X").fill("By hand.")
    page.get_by_label("Day and time").first.fill(f"{factories.in_days(2):%Y-%m-%d}T09:30")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator("#previews")).to_contain_text("By hand.")
    page.get_by_role("button", name="Schedule only").click()
    expect(page.get_by_role("heading", name="Already scheduled")).to_be_visible()


def test_a_button_pressed_while_it_saves_sends_what_was_typed(visit, comms, draft) -> None:
    x()
    page: Page = visit(comms, f"/console/compose/{draft.pk}")
    page.get_by_label("X", exact=True).check()
    saved(page)
    page.get_by_label("Day and time").fill(f"{factories.in_days(2):%Y-%m-%d}T09:30")
    with page.expect_request("**/save"):
        page.get_by_label("Text for X").fill("Typed and sent at once.")
    page.get_by_role("button", name="Schedule only").click()
    expect(page.get_by_role("heading", name="Already scheduled")).to_be_visible()
    expect(page.locator("#restore")).to_be_hidden()
    assert Publication.objects.get().wording == "Typed and sent at once."
