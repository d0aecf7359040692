"""Without statistics SQLite chooses the same plan for few rows and for many: what reads a whole table here would do so
in a full house as well."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.site.feeds import plan_calendar
from backend.site.feeds import views as feeds
from campaigns.website.models import Surface
from tests import factories
from tests.conftest import Api
from tests.site.conftest import Publish

# One row each, or a handful.
SMALL = {"planning_organisation", "planning_channel", "django_content_type"}
GROWING = ("planning_", "bulletins_", "website_", "mailing_", "audit_")

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL decides by statistics")


def plans(read: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        read()
    with connection.cursor() as cursor:
        return [
            step[3]
            for query in queries.captured_queries
            if query["sql"].startswith("SELECT") and " IN (NULL)" not in query["sql"]
            for step in cursor.execute(f"EXPLAIN QUERY PLAN {query['sql'].replace('%', '%%')}").fetchall()
        ]


def whole_tables(steps: list[str]) -> set[str]:
    found = {step.removeprefix("SCAN ") for step in steps if step.startswith("SCAN ") and " USING " not in step}
    return {table for table in found - SMALL if table.startswith(GROWING)}


@pytest.fixture
def filled(publish: Publish) -> None:
    publish(factories.approved_blog_entry())
    publish(factories.approved_vacancy())
    publish(factories.approved_bulletin(), Surface.BULLETIN)
    factories.publication(of=factories.event())


@pytest.mark.parametrize("path", ["/feeds/blog.rss", "/feeds/vacancies.rss", "/blog", "/vacancies", "/events"])
def test_feeds_and_pages_find_their_items_by_an_index(client: Client, filled: None, path: str) -> None:
    feeds._kept.clear()
    steps = plans(lambda: client.get(path))

    assert any("INDEX website_item_newest" in step or "INDEX website_item_kind" in step for step in steps)
    assert not whole_tables(steps)


def test_calendar_finds_its_span_by_an_index(api: Api, filled: None) -> None:
    steps = plans(lambda: api.as_("comms").get("/calendar?from=2026-01-01T00:00:00&to=2026-02-01T00:00:00"))

    assert any("planning_publication_time" in step for step in steps)
    assert not whole_tables(steps)


def test_plan_finds_its_rows_by_an_index(client: Client, private_plan: str, filled: None) -> None:
    steps = plans(lambda: client.get(private_plan))

    assert any("planning_publication_time" in step for step in steps)
    # Its newest entries are the end of the table, which is read backwards and no further.
    assert whole_tables(steps) == {"audit_logentry"}
    assert steps.count("SCAN audit_logentry") == 1
    assert plan_calendar._kept is not None


@pytest.mark.parametrize("sort", ["publish_at", "-publish_at"])
def test_list_of_publications_is_read_in_the_order_of_an_index(api: Api, filled: None, sort: str) -> None:
    steps = plans(lambda: api.as_("comms").get(f"/publications?sort={sort}"))

    assert any("USING INDEX planning_publication" in step for step in steps)
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
    assert not whole_tables(steps)
