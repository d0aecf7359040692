"""What every page of the console keeps to, asked of the map of addresses."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from backend.accounts.models import User
from backend.console import urls
from tests.console import house

QUERIES_AT_MOST = 12
ON_ITS_WAY = {"add_authenticator", "sign_in_to_channel"}
"""Pages in the middle of something: without its beginning they lead back there."""
PAGES = [pattern for pattern in urls.urlpatterns if "GET" in getattr(pattern.callback, "methods", ())]


@pytest.mark.parametrize("pattern", PAGES, ids=lambda pattern: pattern.name)
def test_page_asks_the_database_a_dozen_times_at_most(client: Client, admin: User, pattern: URLPattern) -> None:
    address = house.address_of(pattern, house.rows())
    client.force_login(admin)
    client.get(address)  # what is kept for the process (content types, the organisation's row) is read once

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)

    wanted = 302 if pattern.name in ON_ITS_WAY else 200
    assert answer.status_code == wanted, answer.content[:500]
    assert len(asked) <= QUERIES_AT_MOST, "\n".join(query["sql"][:200] for query in asked)
