from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults

from backend.site.feeds import views as feeds


def test_crash_shows_a_page_that_needs_no_database(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: HttpRequest) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(feeds, "_document", crash)
    client.raise_request_exception = False

    answer = client.get("/feeds/blog.rss")

    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "secret detail" not in answer.content.decode()


@pytest.mark.django_db
def test_refusal_is_a_page_in_words() -> None:
    answer = defaults.permission_denied(RequestFactory().get("/"), PermissionDenied())

    assert answer.status_code == 403
    assert "You do not have access" in answer.content.decode()


@pytest.mark.django_db
def test_form_without_its_token_is_a_page_that_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/console/sign-in", {"username": "a@example.org", "password": "x"})

    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_page_of_a_crash_stands_alone() -> None:
    assert "Something went wrong" in render_to_string("500.html")
