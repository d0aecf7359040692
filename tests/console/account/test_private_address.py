from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from backend.accounts.models import FeedToken, User

ADDRESS = "/console/private-address"


def get_address(client: Client, feed: str) -> str:
    answer = client.post(ADDRESS, {"feed": feed})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    (found,) = re.findall(r'<code class="copy">([^<]+)</code>', answer.content.decode())
    return str(found).removeprefix(settings.BASE_URL)


@pytest.mark.parametrize(("feed", "path"), [("bulletin", "/feeds/bulletin.rss"), ("plan", "/calendar/plan.ics")])
def test_private_address_is_shown_once_and_works_without_signing_in(
    client: Client, manager: User, feed: str, path: str
) -> None:
    client.force_login(manager)

    address = get_address(client, feed)

    assert address.startswith(f"{path}?token=")
    assert address.partition("=")[2] not in client.get("/console/private-addresses").content.decode()
    assert Client().get(address).status_code == 200


def test_new_address_ends_the_one_before(client: Client, manager: User) -> None:
    client.force_login(manager)
    first, second = get_address(client, "bulletin"), get_address(client, "bulletin")

    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_address_is_ended_and_its_owner_told(client: Client, manager: User) -> None:
    client.force_login(manager)
    bulletin, plan = get_address(client, "bulletin"), get_address(client, "plan")
    assert client.get(f"{ADDRESS}es").content.decode().count("Yes, turn it off") == 2

    answer = client.post(f"{ADDRESS}/end", {"feed": "plan"}, follow=True).content.decode()

    assert "your private address no longer works" in answer
    assert answer.count("Yes, turn it off") == 1
    assert Client().get(plan).status_code == 404
    assert Client().get(bulletin).status_code == 200


@pytest.mark.parametrize("end", ["", "/end"])
def test_unknown_feed_is_refused(client: Client, manager: User, end: str) -> None:
    client.force_login(manager)

    assert client.post(f"{ADDRESS}{end}", {"feed": "all"}).status_code == 400
    assert not FeedToken.objects.exists()


def test_looking_alone_makes_no_address(client: Client, manager: User) -> None:
    client.force_login(manager)

    assert client.get(ADDRESS).status_code == 405
    assert not FeedToken.objects.exists()


def test_form_needs_its_token(manager: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)

    assert client.post(ADDRESS, {"feed": "plan"}).status_code == 403
    assert not FeedToken.objects.exists()
