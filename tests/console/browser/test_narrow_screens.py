"""At 320 pixels (WCAG 2.2, 1.4.10) nothing scrolls sideways, however long a word somebody wrote: on our own pages, in
the console, and in mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import models
from playwright.sync_api import Page

from backend.accounts.models import User
from campaigns.bulletins.models import Bulletin, Section
from campaigns.hiring.models import Candidate
from campaigns.mailing.models import MailingList, Subscriber
from campaigns.planning.models import (
    BlogEntry,
    Campaign,
    Channel,
    Content,
    Event,
    Organisation,
    Publication,
    Team,
    Vacancy,
)
from campaigns.website.items import put_item
from campaigns.website.page_document import build_page_document
from media.models import Picture
from scheduler.channels.contract import Letter, MailText
from scheduler.channels.email import mime
from scheduler.connections.models import Connection
from scheduler.webhooks.models import WebhookEndpoint
from tests import factories
from tests.console import house
from tests.console.browser.test_every_page import _parts

NARROW = {"width": 320, "height": 700}
PLACE = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
ADDRESS = f"{'rekrutierung.pflegekraefte.kueste' * 2}@{'krankenhaus' * 5}.example.org"
WEB = f"https://riverside.example.org/{'a1b2c3d4e5' * 6}"
BODY = f"""\
# {PLACE}

{PLACE} {ADDRESS} {WEB}

- {PLACE}

> {PLACE}

| Place | Address |
|---|---|
| {PLACE} | {ADDRESS} |

`{PLACE}{PLACE}`

    {PLACE}{PLACE}
"""
FIELDS: dict[type[models.Model], dict[str, Any]] = {
    Content: {"title": PLACE, "slug": PLACE.lower(), "summary": f"{PLACE} {ADDRESS}", "tags": [PLACE]},
    BlogEntry: {"body": BODY, "author_line": PLACE},
    Event: {"body": BODY, "place": PLACE, "online_url": WEB},
    Vacancy: {"body": BODY, "location": PLACE, "apply_url": WEB, "values_statement": PLACE, "reference": "R" * 50},
    Section: {"heading": PLACE, "body": BODY},
    Campaign: {"name": PLACE, "summary": PLACE},
    Channel: {"name": PLACE},
    Team: {"name": PLACE, "location": PLACE},
    Organisation: {"name": PLACE},
    Publication: {"wording": f"{PLACE} {WEB}", "reason": PLACE},
    Picture: {"alt_text": PLACE, "credit": PLACE},
    MailingList: {"name": PLACE, "from_name": PLACE, "description": PLACE},
    Subscriber: {"address": ADDRESS},
    Candidate: {"reference": "C" * 50, "name": PLACE, "email": ADDRESS},
    User: {"name": PLACE},
    Connection: {"account": PLACE, "message": PLACE},
    WebhookEndpoint: {"address": WEB, "description": PLACE},
}


NUMBERED = ("slug", "reference", "name")
"""What no two rows may share."""


def lengthen() -> None:
    """As if every field held a word as long as it may be."""
    for model, fields in FIELDS.items():
        for row in model._default_manager.all():
            numbered = {name: f"{word}{row.pk}" for name, word in fields.items() if name in NUMBERED}
            model._default_manager.filter(pk=row.pk).update(**fields | numbered)
    Campaign.objects.update(hashtags=[PLACE])


def fits(page: Page) -> None:
    wide = page.evaluate(
        """[...document.querySelectorAll('body *')]
            .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map(each => each.outerHTML.slice(0, 120))"""
    )
    found = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert found[0] <= found[1], f"{page.url} is {found[0]} wide: {wide}"


@pytest.mark.parametrize("part", _parts(), ids=lambda part: f"from {part[0].name}")
def test_no_page_of_the_console_scrolls_sideways(visit: Callable[..., Page], admin: User, part: list[Any]) -> None:
    known = house.rows()
    lengthen()
    page = visit(admin, "/console/account", size=NARROW)
    for pattern in part:
        answer = page.goto(house.address_of(pattern, known))
        assert answer is not None
        if answer.ok and "text/html" in answer.headers["content-type"]:
            fits(page)


def test_no_page_of_ours_scrolls_sideways(visit: Callable[..., Page], admin: User) -> None:
    made = [factories.approved_blog_entry(), factories.approved_vacancy(), factories.approved_event()]
    bulletin = factories.approved_bulletin()
    house.rows()
    lengthen()
    addresses = ["/", "/blog", "/vacancies", "/events", "/events?when=past", "/subscribe", "/staff"]
    for number, row in enumerate([*made, bulletin]):
        found = Content.objects.get(pk=row.pk).specific
        surface = "bulletin" if isinstance(found, Bulletin) else "blog"
        item = put_item(
            surface=surface,
            key=f"k{number}",
            document=build_page_document(found),
            apply_link=WEB,
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        )
        folder = {"blog_entry": "blog", "vacancy": "vacancies", "event": "events", "bulletin": "bulletins"}[item.kind]
        addresses.append(f"{'/staff' if surface == 'bulletin' else ''}/{folder}/{item.slug}")
    page = visit(admin, "/", size=NARROW)
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        fits(page)


def test_no_mail_scrolls_sideways(visit: Callable[..., Page], db: None) -> None:
    entry = BlogEntry(title=PLACE, body=BODY, audience="public", slug="x", kind="blog_entry")
    told = MailText(subject=PLACE, title=PLACE, text=PLACE, html=build_page_document(entry).html)
    letter = Letter(
        delivery_id=1,
        fence=1,
        message_id="<a@riverside.example.org>",
        address=ADDRESS,
        list_id=1,
        list_name=PLACE,
        from_name=PLACE,
        link=WEB,
        mail=told,
    )
    raw = mime.build_message(letter, from_address="a@example.org", reply_to="", at=datetime(2026, 3, 2, tzinfo=UTC))
    body = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    page = visit(None, "about:blank", size=NARROW)
    page.set_content(body.get_content())  # type: ignore[union-attr]
    fits(page)


def test_a_text_from_right_to_left_runs_so_on_our_pages(visit: Callable[..., Page], axe: Callable[..., None]) -> None:
    body = "### مرحبا بكم\n\nHello.\n\n##### Pay\n\n[Below](#pay)\n\n- انضموا إلينا"
    entry = factories.approved_blog_entry(title="مرحبا بكم في الفريق", summary="انضموا إلينا.\n\nJoin us.", body=body)
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    item = put_item(surface="blog", key="k", document=build_page_document(entry), apply_link="", at=at)
    page = visit(None, f"/blog/{item.slug}", size=NARROW)

    shown = page.evaluate(
        """[...document.querySelectorAll('h1, article h2, article h3, .reading p, .reading li')]
            .map(each => `${each.tagName} ${getComputedStyle(each).direction}`)"""
    )
    assert shown == ["H1 rtl", "H2 rtl", "P ltr", "H3 ltr", "P ltr", "LI rtl"]
    axe(page)  # among the rest, that no level of heading is left out
    page.get_by_role("link", name="Below").click()
    assert page.evaluate("document.querySelector(':target').textContent") == "Pay"
