"""Every page, fragment and button of the console, for every role, from the map of addresses."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

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


def _address(pattern: URLPattern) -> str:
    return "/console/" + re.sub(
        r"<int:\w+>", "999999", re.sub(r"<(?:str:|slug:)?\w+>", "nothing", str(pattern.pattern))
    )


def _ask(client: Client, pattern: URLPattern) -> Any:
    method = client.get if "GET" in pattern.callback.methods else client.post
    return method(_address(pattern))


def test_every_address_is_behind_the_gate() -> None:
    assert [pattern.name for pattern in GATED if pattern.callback.act not in roles.ACTS] == []


def test_stranger_is_sent_to_sign_in(client: Client, db: None) -> None:
    answers = {pattern.name: _ask(client, pattern) for pattern in GATED}

    let_in = [
        name
        for name, answer in answers.items()
        if answer.status_code != 302 or not answer.headers["Location"].startswith("/console/sign-in")
    ]
    assert let_in == []


def test_whoever_sent_something_signed_out_is_told_and_led_back(client: Client, db: None) -> None:
    form, button = "/console/vacancies/new", "/console/plan/publications/1/drop"
    asked = [
        (client.get(form + "?title=Nurse"), form + "?title=Nurse"),
        (client.post(form, {"title": "Nurse"}), form),
        (client.post(button, {"next": "/console/plan"}), "/console/plan"),
        (client.post(button, {"next": "https://evil.example/"}), "/console/"),
    ]
    by_script = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/plan?view=week"}
    leads = [(answer.headers["Location"], page) for answer, page in asked]
    leads.append((client.post(button, headers=by_script).headers["HX-Redirect"], "/console/plan?view=week"))
    assert [parse_qs(urlsplit(to).query)["next"] for to, _ in leads] == [[page] for _, page in leads]
    assert "so nothing was saved. Sign in to return" in client.get(leads[0][0]).content.decode()
    assert "nothing was saved" not in client.get(leads[0][0]).content.decode(), "it is said once"


@pytest.mark.parametrize("role", list(Role))
def test_role_decides(db: None, role: str) -> None:
    person, wrong = factories.person(role), []
    client = Client()
    client.force_login(person)
    for pattern in GATED:
        answer = _ask(client, pattern)
        allowed = role in roles.ACTS[pattern.callback.act]
        sound = answer.status_code < 500 and "no-store" in answer.headers["Cache-Control"]
        if (answer.status_code != 403) is not allowed or not sound:
            wrong.append((pattern.name, answer.status_code))
    assert wrong == []


def test_other_methods_are_refused(client: Client, db: None) -> None:
    client.force_login(factories.person("admin"))

    answers = {pattern.name: client.delete(_address(pattern)).status_code for pattern in GATED}

    assert {name: status for name, status in answers.items() if status not in (403, 405)} == {}


def test_button_needs_the_token_of_its_page(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.person("admin"))
    button = next(pattern for pattern in GATED if pattern.callback.methods == ("POST",))

    assert client.post(_address(button)).status_code == 403
