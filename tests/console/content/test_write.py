from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from tests import factories
from tests.console.compose.composing import words

pytestmark = pytest.mark.django_db


def test_what_is_there_can_be_found_and_composed(client: Client, comms: User) -> None:
    vacancy = factories.vacancy(title="Staff nurse, Coral ward")
    factories.blog_entry(title="A day on Coral ward")
    client.force_login(comms)
    page = words(client.get("/console/write", {"q": "coral", "kind": "vacancy"}))
    assert f'href="/console/compose/{vacancy.pk}"' in page
    assert "A day on Coral ward" not in page
    assert "No results." in words(client.get("/console/write", {"q": "jade"}))


def test_something_of_each_kind_is_begun_here(client: Client, comms: User) -> None:
    client.force_login(comms)
    page = words(client.get("/console/write"))
    for kind in ("vacancies", "events", "blog-entries", "bulletins"):
        assert f'<a href="/console/{kind}/new">' in page


def test_what_was_withdrawn_is_left_out(client: Client, comms: User) -> None:
    factories.withdrawn(factories.blog_entry(title="Gone by now"))
    client.force_login(comms)
    assert "Gone by now" not in words(client.get("/console/write"))


def test_the_page_stays_within_its_queries(client: Client, comms: User) -> None:
    for _ in range(40):
        factories.blog_entry()
    client.force_login(comms)
    with CaptureQueriesContext(connection) as queries:
        page = words(client.get("/console/write"))
    assert len(queries) <= 12
    assert "Next page" in page
