"""Every page of the console, those of rows too, as the fixture `sound` asks it."""

from __future__ import annotations

import pyotp
import pytest
from django.urls import URLPattern
from playwright.sync_api import Page, expect

from backend.accounts import second_steps
from backend.accounts.models import Authenticator, User
from backend.console import urls
from tests import factories
from tests.console import house
from tests.console.browser.signing_in import PASSWORD, give_password, sign_in
from tests.console.frame.test_every_page import ON_ITS_WAY

FRAGMENTS = {"palette"}
SIGNING_IN = {"sign_in", "second_step"}
BUTTONS = {"sign_in_passkey", "ask_passkey", "sign_out"}
"""Addresses without the gate that show no page of their own."""
TOGETHER = 20
"""Pages that share a house, which takes longer to make than a page to ask."""
WRONG_AT_MOST = 8
"""Passwords before signing in is closed; the setting AXES_FAILURE_LIMIT."""


def _parts() -> list[list[URLPattern]]:
    elsewhere = FRAGMENTS | ON_ITS_WAY
    pages = [
        pattern
        for pattern in urls.urlpatterns
        if "GET" in getattr(pattern.callback, "methods", ()) and pattern.name not in elsewhere
    ]
    return [pages[start : start + TOGETHER] for start in range(0, len(pages), TOGETHER)]


@pytest.mark.parametrize("part", _parts(), ids=lambda part: f"from {part[0].name}")
def test_pages_are_sound(visit, sound, admin, part: list[URLPattern]) -> None:
    known = house.rows()
    page = visit(admin, "/console/account")
    for pattern in part:
        sound(page, house.address_of(pattern, known))


def test_pages_in_the_middle_of_something_are_sound(visit, sound, admin, settings) -> None:
    page = visit(admin, "/console/account")
    page.get_by_role("button", name="Add an authenticator app").click()
    sound(page, "/console/account/authenticator")

    settings.SIGN_IN_APPS = {"x": ("key", "secret")}
    channel = factories.channel(category="social")
    sound(page, f"/console/channels/{channel.pk}/sign-in?kind=x")


def test_no_page_stands_without_the_gate_but_those_of_signing_in() -> None:
    without = {pattern.name for pattern in urls.urlpatterns if not hasattr(pattern.callback, "methods")}

    assert without == SIGNING_IN | BUTTONS


def test_pages_of_signing_in_are_sound(visit, sound, comms: User) -> None:
    give_password(comms)
    Authenticator.objects.create(user=comms, secret=pyotp.random_base32(), confirmed_at=comms.created_at)
    assert second_steps.second_step_of(comms)
    page = visit(None, "/console/sign-in")
    sound(page, "/console/sign-in")

    _try(page, comms, PASSWORD)
    expect(page.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    sound(page, "/console/sign-in/second-step")


def test_refusals_are_sound(visit, sound, legible, manager: User, comms: User) -> None:
    sound(visit(manager, "/console/account"), "/console/people", status=403)

    page = visit(None, "/console/sign-in")
    for _ in range(WRONG_AT_MOST):
        _try(page, comms, "wrong horse battery")
    expect(page.get_by_role("heading", name="Too many attempts")).to_be_visible()
    legible(page)
    visit.wrong[:] = [said for said in visit.wrong if "403" not in said and "429" not in said]  # the browser's own line


def _try(page: Page, who: User, password: str) -> None:
    with page.expect_navigation():
        sign_in(page, who, password)
