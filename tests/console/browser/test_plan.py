"""Plan in a browser: a drag with its undo, the keyboard alone, a phone, and the sheet of paper."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.planning.models import Publication
from campaigns.planning.services import publications
from tests import factories
from tests.browser import DESK, PHONE

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def month() -> date:
    """The month after next: all of its days are still to come."""
    return (timezone.localdate().replace(day=1) + timedelta(days=70)).replace(day=1)


def plan(month: date, **query: str) -> str:
    return f"/console/plan?view=month&month={month:%Y-%m}" + "".join(
        f"&{name}={value}" for name, value in query.items()
    )


def at(month: date, day: int, hour: int = 9) -> datetime:
    return datetime(month.year, month.month, day, hour, tzinfo=LONDON)


def post(month: date, day: int, title: str, hour: int = 9) -> Publication:
    return factories.publication(of=factories.blog_entry(title=title), publish_at=at(month, day, hour))


def test_drag_moves_and_undo_brings_back(visit, comms, month: date) -> None:
    row = post(month, 10, "Thank-you cards")
    page = visit(comms, plan(month))
    chip = page.locator(f'.chip[data-id="{row.pk}"]')
    chip.drag_to(page.locator(f'[data-day="{month:%Y-%m}-18"]'))
    expect(page.locator(f'[data-day="{month:%Y-%m}-18"] .chip')).to_contain_text("09:00")
    expect(page.locator("#plan-said[aria-live=polite]")).to_contain_text("“Thank-you cards” has been moved to")
    expect(chip).to_be_focused()
    row.refresh_from_db()
    assert row.publish_at == at(month, 18)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-day="{month:%Y-%m}-10"] .chip')).to_contain_text("Thank-you cards")
    row.refresh_from_db()
    assert row.publish_at == at(month, 10)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_undo_is_offered_for_ten_seconds(visit, comms, month: date) -> None:
    row = post(month, 10, "Thank-you cards")
    page = visit(comms, plan(month))
    page.clock.install()
    page.locator(f'.chip[data-id="{row.pk}"]').drag_to(page.locator(f'[data-day="{month:%Y-%m}-18"]'))
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.clock.fast_forward(9_000)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.locator(".date").nth(7).click()
    expect(page.locator("#plan-panel h2")).to_be_visible()
    page.clock.fast_forward(1_500)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(page.locator("#plan-said")).to_contain_text("has been moved to")


def test_drag_of_what_changed_meanwhile_is_refused_in_words(visit, comms, month: date) -> None:
    row = post(month, 10, "Thank-you cards")
    page = visit(comms, plan(month))
    publications.reschedule_publication(publication=row, publish_at=at(month, 12), zone="Europe/London", by=comms)
    page.locator(f'.chip[data-id="{row.pk}"]').drag_to(page.locator(f'[data-day="{month:%Y-%m}-18"]'))
    expect(page.locator("#plan-said")).to_contain_text("Nothing was moved.")
    row.refresh_from_db()
    assert row.publish_at == at(month, 12)
    visit.wrong[:] = [said for said in visit.wrong if "409" not in said]  # the browser's own line about the answer


def test_keyboard_alone_walks_opens_moves_and_adds(visit, comms, month: date) -> None:
    row = post(month, 10, "Thank-you cards")
    post(month, 10, "Meet the night team", 14)
    channel = factories.channel(name="Careers stall")
    page = visit(comms, plan(month))
    focused = page.locator(":focus")
    day = f"{month:%Y-%m}-09"
    page.locator(f'[data-day="{day}"]').focus()
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("data-day", f"{month:%Y-%m}-10")
    page.keyboard.press("ArrowDown")
    expect(focused).to_contain_text("Thank-you cards")
    page.keyboard.press("ArrowDown")
    expect(focused).to_contain_text("Meet the night team")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-day", f"{month:%Y-%m}-17")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(focused).to_contain_text("Thank-you cards")
    assert page.locator("#plan-board [role=grid] [tabindex='0']").count() == 1, "one stop of Tab for the whole grid"

    page.keyboard.press("Enter")
    expect(page.locator("#plan-panel h2")).to_have_text("Thank-you cards")
    assert f"open={row.pk}" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#plan-panel .panel")).to_have_count(0)
    expect(focused).to_contain_text("Thank-you cards")
    assert page.evaluate("history.state") == {"htmx": True}, "going back from here shows what the address says"

    page.keyboard.press("m")
    expect(page).to_have_url(re.compile(r"/move"))
    page.get_by_label("Day").fill(f"{month:%Y-%m}-20")
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-day="{month:%Y-%m}-20"] .chip')).to_contain_text("Thank-you cards")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()

    page.locator(f'[data-day="{month:%Y-%m}-23"]').focus()
    page.keyboard.press("n")
    expect(page.get_by_label("Title").first).to_be_focused()
    page.keyboard.type("A day with our OTs")
    page.get_by_label("Text").fill("It begins at seven.")
    page.get_by_label("Channel").last.select_option(str(channel.pk))
    page.get_by_role("button", name="Add the post").press("Enter")
    expect(page.locator(f'[data-day="{month:%Y-%m}-23"] .chip')).to_contain_text("A day with our OTs")


def test_what_came_of_a_drag_is_in_sight_far_down_the_page(visit, comms, month: date) -> None:
    row = post(month, 20, "Thank-you cards")
    page = visit(comms, plan(month), size={"width": 1280, "height": 500})
    chip = page.locator(f'.chip[data-id="{row.pk}"]')
    chip.scroll_into_view_if_needed()
    chip.drag_to(page.locator(f'[data-day="{month:%Y-%m}-21"]'))
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
    page.route("**/drop", lambda route: route.abort("connectionfailed"))
    chip.drag_to(page.locator(f'[data-day="{month:%Y-%m}-22"]'))
    expect(page.get_by_role("alert")).to_contain_text("this may not have been saved")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    visit.wrong.clear()


def a_monday(month: date) -> int:
    """Of its second week: the open panel stands over the other end of the week."""
    return 8 + -month.weekday() % 7


def test_title_goes_along_to_the_day_that_is_opened_next(visit, comms, month: date) -> None:
    monday = a_monday(month)
    row = post(month, monday, "Thank-you cards")
    page = visit(comms, plan(month, day=f"{month:%Y-%m}-11"))
    page.get_by_label("Title").first.fill("A day with our OTs")
    page.locator(f'.chip[data-id="{row.pk}"]').click()
    expect(page.locator("#plan-panel h2")).to_have_text("Thank-you cards")
    page.locator(f'[data-day="{month:%Y-%m}-{monday + 7}"] .date').click()
    expect(page.get_by_label("Title").first).to_have_value("A day with our OTs")
    expect(page.get_by_label("Day", exact=True).first).to_have_value(f"{month:%Y-%m}-{monday + 7}")


def test_keys_act_on_what_stands_open_and_on_the_day_that_is_pointed_at(visit, comms, month: date) -> None:
    row = post(month, a_monday(month), "Thank-you cards")
    page = visit(comms, plan(month))
    page.locator(f'[data-day="{month:%Y-%m}-{a_monday(month) + 7}"]').hover()
    page.keyboard.press("n")
    expect(page.get_by_label("Title").first).to_be_focused()
    expect(page.get_by_label("Title").first).to_have_value("")
    page.locator(f'.chip[data-id="{row.pk}"]').click()
    expect(page.locator("#plan-panel h2")).to_have_text("Thank-you cards")
    expect(page.locator("#plan-panel")).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_role("heading", level=1)).to_have_text("Move “Thank-you cards”")


def test_phone_shows_an_agenda_and_not_a_grid(visit, axe, comms, month: date) -> None:
    title = "Why I came back to nursing after eleven years at sea, and what I found on the ward"
    post(month, 10, title)
    post(month, 12, "Meet the night team")
    page = visit(comms, plan(month), size=PHONE)
    first, second = (page.locator(f'[data-day="{month:%Y-%m}-{day}"]') for day in (10, 12))
    upper, lower = first.bounding_box(), second.bounding_box()
    assert upper is not None
    assert lower is not None
    assert upper["width"] > 340
    assert lower["y"] > upper["y"]
    expect(page.locator(f'[data-day="{month:%Y-%m}-11"]')).to_be_hidden()
    expect(first).to_contain_text(f"{at(month, 10):%A} 10 {month:%B}")
    what = first.locator(".what")
    assert what.evaluate("node => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight + 1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    first.locator(".chip").click()
    expect(page.locator("#plan-panel h2")).to_have_text(title)
    axe(page)


def test_full_month_has_nothing_for_axe_at_desk_in_both_lights(visit, axe, comms, month: date) -> None:
    for hour in range(8, 14):
        post(month, 10, f"Post at {hour}", hour)
    factories.event(starts_at=at(month, 10, 15))
    factories.campaign(rhythm_days=2, ends_on=month + timedelta(days=20))
    for dark in (False, True):
        page = visit(comms, plan(month, day=f"{month:%Y-%m}-10", weekends="narrow"), size=DESK, dark=dark)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_everything_is_a_link_or_a_form(visit, comms, month: date) -> None:
    row = post(month, 10, "Thank-you cards")
    page = visit(comms, plan(month), javascript=False)
    page.locator(f'.chip[data-id="{row.pk}"]').click()
    page.get_by_role("link", name="Move to another time").click()
    page.get_by_label("Day").fill(f"{month:%Y-%m}-20")
    page.get_by_role("button", name="Move").click()
    expect(page.locator(f'[data-day="{month:%Y-%m}-20"] .chip')).to_contain_text("Thank-you cards")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-day="{month:%Y-%m}-10"] .chip')).to_contain_text("Thank-you cards")


def test_six_full_weeks_print_on_one_page(visit, comms) -> None:
    august = date(timezone.localdate().year + 1, 8, 1)
    month = next(first for first in (august.replace(month=each) for each in range(1, 13)) if first.weekday() == 6)
    for day in range(1, 29):
        for hour in range(8, 14):
            post(month, day, f"A post of some length at {hour}", hour)
    page = visit(comms, plan(month))
    assert page.locator("tr:has([data-day])").count() in (5, 6)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
