"""Signing in as a person meets it: an app's code, a passkey of the device; and the first post after a fresh start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.accounts import second_steps
from backend.accounts.models import Passkey, User
from backend.accounts.session_store import SessionStore
from scheduler.engine import publication_claims, sending
from tests.browser import PHONE
from tests.console.browser.signing_in import give_password, sign_in

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def person(transactional_db: None, comms: User) -> User:
    give_password(comms)
    return comms


def sign_out(page: Page) -> None:
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def next_code(secret: str) -> str:
    """Of the coming half minute: that of this one has just been used."""
    return pyotp.TOTP(secret).at(timezone.now() + timedelta(seconds=30))


def test_passkey_on_a_broken_line_is_told_in_words(visit: Any, transactional_db: None) -> None:
    page = visit(None, "/console/sign-in")
    page.route("**/passkey/ask", lambda route: route.abort("connectionfailed"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("You are offline. Try again when you are connected.")).to_be_visible()
    visit.wrong.clear()


def test_app_is_added_on_a_phone_and_asked_for_from_then_on(visit: Any, axe: Any, person: User) -> None:
    page = visit(person, "/console/account", size=PHONE, dark=True)
    page.get_by_role("button", name="Add an authenticator app").click()
    axe(page)
    page.get_by_text("Enter a key instead").click()
    secret = page.locator(".steps code").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Add app").click()
    expect(page.locator(".codes code")).to_have_count(10)
    axe(page)
    page.get_by_role("link", name="I have saved these codes").click()
    expect(page.get_by_role("button", name="Remove the authenticator app")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    sign_out(page)
    sign_in(page, person)
    expect(page.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    axe(page)
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Code").fill(next_code(secret))
    page.keyboard.press("Enter")
    expect(page.locator("details.person")).to_be_visible()


def test_passkey_is_added_and_lets_in_alone_and_after_a_password(visit: Any, axe: Any, person: User) -> None:
    page = visit(person, "/console/account")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill("My laptop")
    page.get_by_role("button", name="Add passkey").click()
    page.get_by_role("link", name="I have saved these codes").click()
    expect(page.get_by_text("My laptop", exact=True)).to_be_visible()
    axe(page)

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("details.person")).to_be_visible()

    sign_out(page)
    sign_in(page, person)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("details.person")).to_be_visible()
    assert Passkey.objects.get().uses > 1


def test_device_that_does_not_confirm_the_person_is_told_in_words(visit: Any, person: User) -> None:
    page = visit(None, "/console/sign-in")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "isUserVerified": False}})

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("status").filter(has_text="was not used")).to_be_visible(timeout=10_000)


def test_after_ten_minutes_a_passkey_is_asked_for_before_one_is_added(visit: Any, person: User) -> None:
    page = visit(person, "/console/account/passkeys/new")
    [key] = [each["value"] for each in page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME]
    store = SessionStore(key)
    store["confirmed_at"] = (timezone.now() - timedelta(minutes=11)).isoformat()
    store.save()
    page.get_by_label("Name", exact=True).fill("My laptop")

    page.get_by_role("button", name="Add passkey").click()

    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    assert not second_steps.second_step_of(person)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_first_post_is_out_after_a_fresh_start(visit: Any, admin: User, javascript: bool) -> None:
    page = visit(admin, "/console/first-run", javascript=javascript)
    page.get_by_label("Name of your organisation").fill("Harbour Trust")
    page.get_by_label("I work alone for now").check()
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("button", name="Connect the website").click()
    page.get_by_role("button", name="Connect the staff bulletin").click()
    page.get_by_label("Title", exact=True).fill("Hello from the harbour")
    page.get_by_label("Text", exact=True).fill("We open today.")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#going-out")).to_contain_text("today")

    (claim,) = publication_claims.claim_due(limit=10)
    assert sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="test") == "sent"

    if not javascript:
        page.get_by_role("link", name="Refresh").click()
    link = page.get_by_role("link", name="Read it on your website")
    expect(link).to_be_visible()
    assert "/blog/hello-from-the-harbour" in str(link.get_attribute("href"))
    expect(page.locator("li.done")).to_have_count(
        5 if not javascript else 4
    )  # the list follows when it is loaded again
