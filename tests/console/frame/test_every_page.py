"""What every page of the console keeps to, asked of the map of addresses."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.console import urls
from campaigns.planning.models import Channel, Content
from campaigns.planning.services import compositions
from scheduler.channels import registry
from tests.console import house

QUERIES_AT_MOST = 12
ON_ITS_WAY = {"add_authenticator", "sign_in_to_channel"}
"""Pages in the middle of something: without its beginning they lead back there."""
NO_PAGES = {"palette", "link_code", "components"}
"""A fragment, a picture, and what is not there in production."""
PAGES = [pattern for pattern in urls.urlpatterns if "GET" in getattr(pattern.callback, "methods", ())]


def test_pages_ask_the_database_a_dozen_times_at_most_and_have_short_help(client: Client, admin: User) -> None:
    known = house.rows()
    client.force_login(admin)
    too_many, without = {}, {}
    for pattern in PAGES:
        address = house.address_of(pattern, known)
        for _ in range(2):  # what is kept for the process (content types, the organisation's row) is read once
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            if len(asked) <= QUERIES_AT_MOST:
                break
        else:
            too_many[pattern.name] = [query["sql"][:200] for query in asked]
        wanted = 302 if pattern.name in ON_ITS_WAY else 200
        assert answer.status_code == wanted, (address, answer.content[:500])
        if pattern.name not in NO_PAGES | ON_ITS_WAY:
            found = re.findall(r'<details class="help">.*?<p>(.*?)</p>', answer.getvalue().decode(), re.DOTALL)
            sentences = [len(re.findall(r"[.!?](?=\s|$)", re.sub(r"<[^>]+>", "", each))) for each in found]
            if len(sentences) != 1 or not 1 <= sentences[0] <= 4:
                without[pattern.name] = found

    assert too_many == {}
    assert without == {}, "\n".join(f"{name}: {found}" for name, found in without.items())


def test_no_page_stumbles_over_a_channel_of_a_kind_that_is_gone(
    client: Client, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a downgrade: the channel has waiting posts, and is chosen for what is being composed."""
    known = house.rows()
    channel, content = Channel.objects.get(pk=known["channel_id"]), Content.objects.get(pk=known["content_id"])
    compositions.save_composition(
        content=content, version=0, chosen=[compositions.ChannelText(channel, "Join us.")], by=admin
    )
    monkeypatch.delitem(registry.ADAPTERS, channel.connection.kind)
    client.force_login(admin)

    answers = {pattern.name: client.get(house.address_of(pattern, known)).status_code for pattern in PAGES}

    assert {name for name, status in answers.items() if status != (302 if name in ON_ITS_WAY else 200)} == set()
