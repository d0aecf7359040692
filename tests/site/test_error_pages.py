from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults

from backend.accounts.models import User
from backend.site.feeds import views as feeds
from campaigns.hiring import links
from tests import factories
from tests.console.speaking import Console


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/vacancies/", "/vacancies"),
        ("/Vacancies", "/vacancies"),
        ("/VACANCIES/?team=3", "/vacancies?team=3"),
        ("/blog.", "/blog"),
        ("/events).", "/events"),
        ("/feeds/blog.rss,", "/feeds/blog.rss"),
    ],
)
@pytest.mark.django_db
def test_an_address_as_it_was_printed_or_typed_leads_on(client: Client, typed: str, meant: str) -> None:
    answer = client.get(typed)
    assert (answer.status_code, answer.headers["Location"]) == (301, meant)
    assert client.get(meant).status_code == 200


@pytest.mark.parametrize("written", ["/r/{code}/", "/r/{code}.", "/R/{upper}", "/R/{upper}/", "/R/{code}"])
@pytest.mark.django_db
def test_a_tracked_link_counts_once_however_it_is_written(client: Client, written: str) -> None:
    entry = factories.approved_blog_entry().base
    link = links.make_link(channel=factories.channel(), content=entry, page_url="https://example.org/jobs")
    address = written.format(code=link.code, upper=link.code.upper())
    answer = client.get(address, follow=False)
    assert answer.status_code == 301
    assert client.get(answer.headers["Location"]).status_code == 302
    assert link.visits.count() == 1


@pytest.mark.parametrize(
    "path", ["/nothing", "/nothing/", "//evil.example/vacancies/", "/r/zzzzzz", "/api/v1/nothing/"]
)
@pytest.mark.django_db
def test_what_stands_for_nothing_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 or not answer.headers["Location"].startswith("//")


def test_what_is_not_in_the_console_is_said_by_the_console(comms: User) -> None:
    for path in ("/nothing", "/campaigns/999999", "/publications/0"):
        page = Console(comms).see(path, status=404)
        assert "Page not found" in page
        assert 'class="side"' in page
