"""Where a person is signed in: known in words, without an address, and ended at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts import services, sessions, user_agents
from backend.accounts.models import Session, User
from tests import factories

MINUTE = timedelta(minutes=1)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSWORD = "sixteen green herons"


def signed_in(user: User, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(user)
    return client


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
GOOGLE = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {GOOGLE} Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {GOOGLE} Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/18.0 Safari/605.1.15", "Safari on Mac"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {APPLE} CriOS/140.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        (f"Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 {GOOGLE} Mobile", "Samsung Internet on Android"),
        ("curl/8.0", "A program"),
        ("", "A program"),
    ],
)
def test_browser_is_told_in_words(user_agent: str, words: str) -> None:
    assert user_agents.describe(user_agent) == words


def test_session_keeps_person_browser_and_times_and_no_address(client: Client, comms: User, clock: Any) -> None:
    services.set_password(user=comms, password=PASSWORD)
    client.post(
        "/console/sign-in",
        {"username": comms.email, "password": PASSWORD},
        headers={"user-agent": FIREFOX},
        REMOTE_ADDR="203.0.113.9",
    )

    [row] = sessions.open_sessions(comms)

    assert row.browser == "Firefox on Windows"
    assert row.started_at == row.last_seen_at
    assert "203.0.113.9" not in str(Session.objects.values()) + str(row.get_decoded())


def test_start_is_kept_when_the_session_changes(client: Client, comms: User, clock: Any) -> None:
    client.force_login(comms)
    began = Session.objects.get().started_at
    clock.shift(5 * MINUTE)

    session = client.session
    session["anything"] = 1
    session.save()

    row = Session.objects.get()
    assert (row.started_at, row.person) == (began, comms)


def test_last_visit_is_noted_at_most_once_a_minute(client: Client, comms: User, clock: Any) -> None:
    client.force_login(comms)
    began = Session.objects.get().last_seen_at

    clock.shift(timedelta(seconds=59))
    client.get("/api/v1/me")
    assert Session.objects.get().last_seen_at == began

    clock.shift(timedelta(seconds=2))
    client.get("/api/v1/me")
    assert Session.objects.get().last_seen_at == began + timedelta(seconds=61)


def test_public_pages_do_not_touch_the_session(
    client: Client, comms: User, clock: Any, django_assert_num_queries: Any
) -> None:
    client.force_login(comms)
    began = Session.objects.get().last_seen_at
    clock.shift(5 * MINUTE)
    for address in ("/", "/blog", "/vacancies", "/feeds/blog.rss"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200
        assert "accounts_session" not in str([query["sql"] for query in queries])
        assert "Cookie" not in answer.headers.get("Vary", "")
    assert Session.objects.get().last_seen_at == began


def test_page_is_shown_where_the_visit_cannot_be_noted(
    client: Client, comms: User, clock: Any, monkeypatch: Any
) -> None:
    client.force_login(comms)
    clock.shift(2 * MINUTE)

    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("attempt to write a readonly database")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", refuse)

    assert is_in(client)


def test_ending_one_works_at_once_and_leaves_the_others(comms: User, hr: User) -> None:
    first, second, theirs = signed_in(comms), signed_in(comms), signed_in(hr)
    handle = sessions.handle_of(first.session)

    sessions.end_session(user=hr, handle=handle)
    assert is_in(first)

    sessions.end_session(user=comms, handle=handle)
    sessions.end_session(user=comms, handle=handle)
    assert [is_in(each) for each in (first, second, theirs)] == [False, True, True]


def test_session_that_was_ended_does_not_come_back_when_it_is_saved(comms: User) -> None:
    client = signed_in(comms)
    session = client.session
    session["loaded"] = True
    sessions.end_sessions(user=comms)

    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()


def test_ending_all_others_keeps_this_one(comms: User, hr: User) -> None:
    this, other, theirs = signed_in(comms), signed_in(comms), signed_in(hr)

    assert sessions.end_sessions(user=comms, keep=this.session.session_key) == 1

    assert [is_in(each) for each in (this, other, theirs)] == [True, False, True]


@pytest.mark.parametrize("change", [{"password": PASSWORD}, {"is_active": False}])
def test_new_password_and_leaving_end_all_for_good(comms: User, admin: User, change: dict) -> None:
    client = signed_in(comms)

    services.change_person(user=comms, changes=change)

    assert not Session.objects.filter(person=comms).exists()
    services.change_person(user=comms, changes={"is_active": True})
    assert not is_in(client)


def test_session_over_its_time_is_not_listed(comms: User, clock: Any) -> None:
    signed_in(comms)
    assert len(sessions.open_sessions(comms)) == 1
    clock.shift(timedelta(days=15))
    assert sessions.open_sessions(comms) == []


@pytest.mark.parametrize(
    ("whom", "role", "let_in"),
    [
        ("nobody", "admin", True),
        ("administrators", "admin", False),
        ("administrators", "hr", True),
        ("everyone", "hr", False),
    ],
)
def test_sign_in_that_is_too_weak_for_today_counts_as_none(
    db: None, settings: Any, whom: str, role: str, let_in: bool
) -> None:
    client = signed_in(factories.person(role))
    settings.SECOND_STEP_FOR = whom

    assert is_in(client) is let_in
    assert (client.get("/console/").status_code == 200) is let_in

    session = client.session
    session["second_step"] = "code"
    session.save()
    assert is_in(client)
