"""Signing in through the page itself, where that is a part of what is tested."""

from __future__ import annotations

from playwright.sync_api import Page

from backend.accounts import services
from backend.accounts.models import User

PASSWORD = "correct horse battery"


def give_password(user: User) -> None:
    services.set_password(user=user, password=PASSWORD)


def sign_in(page: Page, user: User, password: str = PASSWORD) -> None:
    """On the page for it, which stands open."""
    page.get_by_label("Email address").fill(str(user.email))
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
