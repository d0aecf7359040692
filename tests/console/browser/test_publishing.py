"""Channels and publishing with something in them: sound for axe in light and dark, and by keyboard alone."""

from __future__ import annotations

import pytest

from campaigns.planning.models import Pause
from campaigns.planning.services.timing import pauses
from scheduler.connections import services as connections
from tests import factories
from tests.factories import publishing


@pytest.fixture
def house(transactional_db: None, remote, admin) -> dict[str, str]:
    """A channel of each sort, and a publication in each state that needs a person."""
    board = factories.channel(name="Noticeboard of ward 4", category="staff_tool")
    connections.connect_channel(channel=board, kind="share-kit", settings={"place": "the board"}, secrets={})
    made = {
        "unknown": publishing.unknown(),
        "failed": publishing.failed(),
        "held": publishing.held_for_hand(publishing.post(on=board)),
        "sent": publishing.still_live(),
    }
    rows = {state: f"/console/publications/{row.pk}" for state, row in made.items()}
    pauses.start_pause(reason="Waiting for the ward.", channel=factories.channel(name="Stall"), by=admin)
    return rows | {"channel": f"/console/channels/{board.pk}"}


def test_pages_with_something_in_them_are_sound(visit, sound, admin, house: dict[str, str]) -> None:
    pages = [
        "/console/publishing",
        "/console/publishing?tab=held",
        house["held"],
        house["unknown"],
        f"{house['held']}/mark-published",
        f"{house['failed']}/change",
        house["channel"],
        f"{house['channel']}/connect?kind=share-kit",
        f"{house['channel']}/quiet",
    ]
    page = visit(admin, "/console/channels")
    for address in pages:
        sound(page, address)


def test_everything_is_held_by_keyboard_from_any_page(visit, admin, house: dict[str, str]) -> None:
    page = visit(admin, "/console/channels")
    page.get_by_role("link", name="Hold everything").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/publishing#hold")

    page.locator("textarea[name=reason]:focus").wait_for()
    page.keyboard.type("A colleague has died.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_text("On hold: everything. Posts being sent right now are not stopped.").wait_for()
    assert Pause.objects.active().filter(reason="A colleague has died.", channel=None).exists()


def test_text_is_copied_and_ticked_off(visit, admin, house: dict[str, str]) -> None:
    page = visit(admin, house["held"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").click()
    page.get_by_text("Copied.", exact=True).wait_for()
    assert page.locator("#post-text").inner_text().strip() == page.evaluate("navigator.clipboard.readText()").strip()

    page.get_by_role("link", name="Mark as published").click()
    page.get_by_role("button", name="Mark as published").click()

    page.get_by_text("Marked as published.").wait_for()


def test_hold_works_without_javascript(visit, admin, house: dict[str, str]) -> None:
    page = visit(admin, "/console/publishing", javascript=False)
    page.locator(".hold-form > summary").click()
    page.get_by_label("Reason").fill("The ward asked.")
    page.get_by_role("button", name="Hold everything now").click()

    page.get_by_text("The ward asked.").wait_for()
