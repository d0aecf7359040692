"""What every page of the console keeps to, asked of the map of addresses."""

from __future__ import annotations

import re

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
NO_PAGES = {"palette", "link_code", "components"}
"""A fragment, a picture, and what is not there in production."""
PAGES = [pattern for pattern in urls.urlpatterns if "GET" in getattr(pattern.callback, "methods", ())]


def test_pages_ask_the_database_a_dozen_times_at_most(client: Client, admin: User) -> None:
    known = house.rows()
    client.force_login(admin)
    asked = {pattern.name: _queries(client, house.address_of(pattern, known), pattern) for pattern in PAGES}

    too_many = {name: queries for name, queries in asked.items() if len(queries) > QUERIES_AT_MOST}
    assert too_many == {}


def _queries(client: Client, address: str, pattern: URLPattern) -> list[str]:
    client.get(address)  # what is kept for the process (content types, the organisation's row) is read once
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    wanted = 302 if pattern.name in ON_ITS_WAY else 200
    assert answer.status_code == wanted, (address, answer.content[:500])
    return [query["sql"][:200] for query in asked]


def test_every_page_has_help_in_two_sentences(client: Client, admin: User) -> None:
    known = house.rows()
    client.force_login(admin)
    without = {}
    for pattern in PAGES:
        answer = client.get(house.address_of(pattern, known), follow=True)
        if pattern.name in NO_PAGES:
            continue
        found = re.findall(r'<details class="help">.*?<p>(.*?)</p>', answer.content.decode(), re.DOTALL)
        if [len(re.findall(r"[.!?](?=\s|$)", re.sub(r"<[^>]+>", "", each))) for each in found] != [2]:
            without[pattern.name] = found

    assert without == {}, "\n".join(f"{name}: {found}" for name, found in without.items())
