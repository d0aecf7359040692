"""Every page, fragment and button of the console, for every role, from the map of addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from backend.accounts import roles
from backend.accounts.models import Role
from backend.console import urls
from tests import factories

OPEN = {"sign_in", "second_step", "sign_in_passkey", "ask_passkey", "sign_out"}
"""Addresses for people who have not signed in, or who leave."""
GATED = [pattern for pattern in urls.urlpatterns if pattern.name not in OPEN]
ADDRESSES = pytest.mark.parametrize("pattern", GATED, ids=lambda pattern: pattern.name)


def _address(pattern: URLPattern) -> str:
    return "/console/" + re.sub(
        r"<int:\w+>", "999999", re.sub(r"<(?:str:|slug:)?\w+>", "nothing", str(pattern.pattern))
    )


def _ask(client: Client, pattern: URLPattern) -> Any:
    method = client.get if "GET" in pattern.callback.methods else client.post
    return method(_address(pattern))


@ADDRESSES
def test_address_is_behind_the_gate(pattern: URLPattern) -> None:
    assert pattern.callback.operation in roles.OPERATIONS


@ADDRESSES
def test_stranger_is_sent_to_sign_in(client: Client, db: None, pattern: URLPattern) -> None:
    answer = _ask(client, pattern)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/console/sign-in")


@ADDRESSES
@pytest.mark.parametrize("role", list(Role))
def test_role_decides(client: Client, db: None, pattern: URLPattern, role: str) -> None:
    client.force_login(factories.person(role))

    answer = _ask(client, pattern)

    allowed = role in roles.OPERATIONS[pattern.callback.operation]
    assert (answer.status_code != 403) is allowed
    assert answer.status_code < 500
    assert "no-store" in answer.headers["Cache-Control"]


@ADDRESSES
def test_other_methods_are_refused(client: Client, db: None, pattern: URLPattern) -> None:
    client.force_login(factories.person("admin"))

    assert client.delete(_address(pattern)).status_code in (403, 405)


def test_button_needs_the_token_of_its_page(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.person("admin"))
    button = next(pattern for pattern in GATED if pattern.callback.methods == ("POST",))

    assert client.post(_address(button)).status_code == 403
