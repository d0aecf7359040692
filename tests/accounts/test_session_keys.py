"""Whoever reads the database, a backup of it or a log finds no key with which to act as somebody."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client

from backend.accounts import services, sessions
from backend.accounts.models import Session, User, digest
from backend.accounts.session_store import SessionStore
from backend.audit.models import LogEntry

PASSWORD = "correct horse battery"


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def whole_database() -> str:
    """Every value of every row."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name from the database
            found += [f"{table}: {bytes(v) if isinstance(v, memoryview) else v!r}" for row in cursor for v in row]
    return "\n".join(found)


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def test_no_usable_key_stands_in_the_database_or_the_log(
    comms: User, hr: User, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    services.set_password(user=comms, password=PASSWORD)
    client, other = Client(), Client()
    with caplog.at_level(logging.DEBUG):
        for each in (client, other):
            each.post("/console/sign-in", {"username": comms.email, "password": PASSWORD})
            assert is_in(each)
        kept = [key_of(client), key_of(other)]
        client.post("/console/account", {"name": "Amara", "zone": "Europe/London", "seen": ""})
        client.post("/console/account/password", {"password": PASSWORD + "!"})  # gives this session a new key
        kept.append(key_of(client))
        feed = services.issue_feed_token(user=comms, feed="bulletin")
        _, api_key = services.create_api_key(name="Website", role="reader", by=comms)
        client.get("/console/account")
        client.get("/console/nothing-here")

    assert kept[2] != kept[0]
    assert is_in(client)
    assert LogEntry.objects.exists()
    assert Session.objects.exists()
    found = whole_database() + caplog.text + "".join(capfd.readouterr())
    assert digest(kept[2]) in found  # so the row is among what was looked through
    for secret in (*kept, feed, api_key, PASSWORD):
        assert secret not in found


def test_what_the_database_holds_opens_nothing(comms: User) -> None:
    client = Client()
    client.force_login(comms)
    row = Session.objects.get()

    for stolen in (row.hashed, row.hashed[:32], row.handle):
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
        assert not is_in(thief)
    assert is_in(client)


def test_list_and_ending_work_with_the_handle_alone(comms: User) -> None:
    client, phone = Client(), Client()
    client.force_login(comms)
    phone.force_login(comms)
    page = client.get("/console/account").content.decode()
    handle = sessions.handle_of(phone.session)
    assert f"/console/account/sessions/{handle}/end" in page
    assert sessions.handle_of(client.session) not in page  # one's own is ended by signing out
    assert key_of(phone) not in page

    client.post(f"/console/account/sessions/{handle}/end")

    assert [is_in(client), is_in(phone)] == [True, False]


def test_store_creates_saves_and_deletes_under_the_hash(db: None) -> None:
    store = SessionStore()
    store["seen"] = 1
    store.save()
    key = str(store.session_key)
    assert [row.hashed for row in Session.objects.all()] == [digest(key)]
    assert store.exists(key)
    assert not store.exists(digest(key))

    again = SessionStore(key)
    assert again["seen"] == 1
    again.cycle_key()
    assert not store.exists(key)
    assert SessionStore(again.session_key)["seen"] == 1

    SessionStore(again.session_key).delete()
    assert not Session.objects.exists()
    again.delete()  # twice is as good as once


@pytest.mark.parametrize("key", ["", "short", "unknown-key-of-nobody", "é" * 32, "a" * 10_000])
def test_a_key_of_nobody_is_no_session_and_is_not_taken_over(db: None, key: str) -> None:
    store = SessionStore(key)
    store["seen"] = 1
    store.save()

    assert store.session_key != key
    assert Session.objects.count() == 1


def test_signing_out_deletes_the_row(comms: User) -> None:
    client = Client()
    client.force_login(comms)

    client.post("/console/sign-out")

    assert not Session.objects.exists()
    assert SESSION_KEY not in client.session


def test_session_that_has_ended_is_none(comms: User, clock: Any) -> None:
    client = Client()
    client.force_login(comms)
    clock.shift(15 * 86_400)

    assert not is_in(client)
