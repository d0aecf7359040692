from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client, RequestFactory

from backend.accounts.limits.client_address import client_address
from campaigns.hiring import links, visits
from campaigns.hiring.models import TrackedLink, Visit
from tests import factories

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def link(db: None) -> TrackedLink:
    return links.make_link(
        channel=factories.channel(),
        content=factories.approved_vacancy(apply_url="https://jobs.example.org/1?a=b"),
        page_url="https://promenade.example/vacancies/x",
    )


def kept() -> list[str]:
    return list(Visit.objects.order_by("pk").values_list("not_counted", flat=True))


def test_link_leads_to_its_target_and_the_visit_is_counted(client: Client, link: TrackedLink) -> None:
    answer = client.get(f"/r/{link.code}", headers=BROWSER)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://jobs.example.org/1?a=b"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert kept() == [""]


def test_second_opening_within_the_hour_is_kept_apart(client: Client, link: TrackedLink) -> None:
    for _ in range(2):
        client.get(f"/r/{link.code}", headers=BROWSER)

    assert kept() == ["", "repeat"]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({**BROWSER, "Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}, "crawler"),
        ({"User-Agent": ""}, "crawler"),
    ],
)
def test_machines_are_led_on_and_kept_apart(
    client: Client, link: TrackedLink, headers: dict[str, str], reason: str
) -> None:
    assert client.get(f"/r/{link.code}", headers=headers).status_code == 302
    assert kept() == [reason]


def test_head_is_led_on_and_kept_apart(client: Client, link: TrackedLink) -> None:
    answer = client.head(f"/r/{link.code}", headers=BROWSER)

    assert (answer.status_code, answer.content) == (302, b"")
    assert kept() == ["head"]


def test_post_is_405_and_counts_nothing(link: TrackedLink) -> None:
    assert Client(enforce_csrf_checks=True).post(f"/r/{link.code}").status_code == 405
    assert kept() == []


@pytest.mark.parametrize("code", ["bcdfghjk", "https:%2F%2Fevil.example", "%2F%2Fevil.example", "x" * 500, "a%00b"])
def test_code_that_nobody_made_is_404(client: Client, db: None, code: str) -> None:
    assert client.get(f"/r/{code}").status_code == 404


def test_nothing_in_the_request_says_where_to(client: Client, link: TrackedLink) -> None:
    answer = client.get(
        f"/r/{link.code}?next=https://evil.example&url=//evil.example",
        headers={**BROWSER, "X-Forwarded-Host": "evil.example", "Referer": "https://evil.example"},
    )

    assert answer.headers["Location"] == link.target


def test_failing_to_count_does_not_stop_anybody(
    client: Client, link: TrackedLink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: Any) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(visits, "record_visit", fail)

    with caplog.at_level(logging.INFO):
        answer = client.get(f"/r/{link.code}", headers=BROWSER, REMOTE_ADDR="203.0.113.9")

    assert answer.headers["Location"] == link.target
    assert "visit not counted" in caplog.text
    assert "203.0.113.9" not in caplog.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.7", "203.0.113.9"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "10.9.9.9, 198.51.100.7", "198.51.100.7"),
        (2, "10.9.9.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", ""),
        (1, "", ""),
        (1, "not an address", ""),
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_address_is_what_the_outermost_trusted_proxy_saw(
    monkeypatch: pytest.MonkeyPatch, proxies: int, forwarded: str, expected: str
) -> None:
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"trusted_proxies": proxies}))

    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": forwarded})

    assert client_address(request) == expected
