from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from campaigns.bulletins import services as bulletins
from campaigns.bulletins.models import Bulletin
from campaigns.planning.models import (
    Audience,
    BlogEntry,
    Content,
    Event,
    EventKind,
    StaffGroup,
    Vacancy,
)
from campaigns.planning.services import blog_entries, events, vacancies
from campaigns.website.feeds import Entry, Feed
from campaigns.website.items import put_item
from campaigns.website.models import Item
from campaigns.website.page_document import build_page_document
from tests import factories

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def make(db: None) -> Callable[..., Any]:
    """Makes approved content of a kind, with what the test does not care about filled in."""

    def make(kind: type[Content], **given: Any) -> Any:
        own: dict[type[Content], tuple[Callable[..., Content], dict[str, Any]]] = {
            BlogEntry: (blog_entries.plan_blog_entry, {"body": "Hello."}),
            Vacancy: (
                vacancies.plan_vacancy,
                {
                    "reference": uuid.uuid4().hex[:10],
                    "staff_group": StaffGroup.NURSING,
                    "location": "Crawley",
                    "opens_at": NINE,
                    "closes_at": datetime(2026, 4, 1, 22, 59, tzinfo=UTC),
                    "apply_url": "https://jobs.example/1",
                    "allow_past": True,
                },
            ),
            Event: (
                events.plan_event,
                {
                    "event_kind": EventKind.POP_UP,
                    "place": "The seafront",
                    "starts_at": NINE,
                    "ends_at": datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
                    "allow_past": True,
                },
            ),
            Bulletin: (
                bulletins.plan_bulletin,
                {
                    "audience": Audience.STAFF,
                    "period_start": date(2026, 3, 1),
                    "period_end": date(2026, 3, 31),
                },
            ),
        }
        plan, values = own[kind]
        return factories.approved(plan(by=factories.person("comms"), **{"title": "A title"} | values | given))

    return make


@pytest.fixture
def put(db: None) -> Callable[..., Item]:
    """Puts a content on a surface as an adapter does."""

    def put(content: Content, **given: Any) -> Item:
        values = {
            "surface": "blog",
            "key": "k1",
            "document": build_page_document(content),
            "apply_link": "",
            "at": NINE,
        }
        return put_item(**values | given)

    return put


def entry(**given: Any) -> Entry:
    values: dict[str, Any] = {
        "guid": uuid.UUID("5b0c0f7e-7d51-4c8e-9a52-6a5c5f2f9a11"),
        "title": "News",
        "link": "https://promenade.example/blog/news",
        "summary": "What happened.",
        "html": "<p>What happened.</p>",
        "author": "Wren Writer",
        "tags": ("wellbeing",),
        "published": NINE,
        "updated": NINE,
        "picture": None,
    }
    return Entry(**values | given)


def feed(*entries: Entry, **given: Any) -> Feed:
    values: dict[str, Any] = {
        "title": "Staff bulletin",
        "description": "News for everyone who works here.",
        "language": "en-gb",
        "self_url": "https://promenade.example/feeds/bulletin.rss",
        "site_url": "https://promenade.example/",
        "ttl": 15,
        "updated": NINE,
        "entries": entries,
    }
    return Feed(**values | given)
