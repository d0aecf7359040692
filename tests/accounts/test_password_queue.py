"""Passwords are looked at two at a time in a process, whoever asks; whoever would wait too long is told when to come
again, and nothing is counted against them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts import password_hashing, services
from backend.accounts.errors import PasswordsBusy
from backend.accounts.models import AttemptCount, User
from tests.conftest import Api
from tests.sql import shape

PASSWORD = "correct horse battery"
SIGN_IN = "/console/sign-in"


@pytest.fixture
def person(comms: User) -> User:
    services.set_password(user=comms, password=PASSWORD)
    return comms


@contextmanager
def busy() -> Iterator[None]:
    """As many are at it as may, and as many wait."""
    taken = password_hashing.AT_ONCE + password_hashing.WAITING
    for _ in range(taken):
        assert password_hashing._places.acquire(blocking=False)
    try:
        yield
    finally:
        for _ in range(taken):
            password_hashing._places.release()


def test_never_more_than_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks and new passwords together, also for an account that is not there."""
    at_once, most, lock = 0, 0, threading.Lock()
    own = Argon2PasswordHasher.encode
    hashed = make_password(PASSWORD)
    both = threading.Barrier(2, timeout=0.3)

    def encode(self: Any, *arguments: Any) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            both.wait()
        except threading.BrokenBarrierError:
            both.reset()
        with lock:
            at_once -= 1
        return own(self, *arguments)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    monkeypatch.setattr(
        Argon2PasswordHasher, "verify", lambda self, password, _: bool(encode(self, password, "a" * 12))
    )
    threads = [
        threading.Thread(target=act)
        for act in [lambda: check_password(PASSWORD, hashed), lambda: make_password(PASSWORD)] * 3
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert most == 2


def test_more_than_may_wait_are_refused_and_places_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with busy(), pytest.raises(PasswordsBusy):
        make_password(PASSWORD)
    monkeypatch.setattr(password_hashing, "WAIT", 0.01)
    over = threading.Event()
    begun = threading.Barrier(password_hashing.AT_ONCE + 1)

    def hold() -> None:
        begun.wait()
        over.wait()

    holding = [threading.Thread(target=password_hashing.run, args=(hold,)) for _ in range(password_hashing.AT_ONCE)]
    for each in holding:
        each.start()
    begun.wait()
    with pytest.raises(PasswordsBusy):
        make_password(PASSWORD)
    over.set()
    for each in holding:
        each.join()  # whose work had begun, and is waited for

    for _ in range(10):
        assert check_password(PASSWORD, make_password(PASSWORD))


def test_who_signs_in_meanwhile_is_told_when_to_try_again_and_loses_nothing(person: User) -> None:
    with busy():
        answers = [Client().post(SIGN_IN, {"username": person.email, "password": PASSWORD}) for _ in range(9)]

    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Try again in a few seconds" in answer.content.decode()
    assert sum(AttemptCount.objects.values_list("tries", flat=True)) == 0
    assert Client().post(SIGN_IN, {"username": person.email, "password": PASSWORD}).status_code == 302


def test_an_account_that_is_not_there_waits_as_well(person: User) -> None:
    with busy():
        answer = Client().post(SIGN_IN, {"username": "nobody@example.org", "password": PASSWORD})

    assert answer.status_code == 503


def test_confirmation_and_new_password_say_so_too(person: User, clock: Any, admin: User) -> None:
    client = Client()
    client.force_login(person)
    with busy():
        answer = client.post("/console/account/password", {"password": PASSWORD + "!"})
        assert "Try again in a few seconds" in answer.content.decode()
        clock.shift(660)
        answer = client.post("/console/account/confirm", {"password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Try again in a few seconds" in answer.content.decode()
    assert client.post("/console/account/confirm", {"password": PASSWORD}).status_code == 302


def test_api_says_so_too(api: Api) -> None:
    new = {"email": "sam@example.org", "name": "Sam", "role": "comms", "password": PASSWORD}
    with busy():
        answer = api.as_("admin").post("/users", new)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "busy"


def test_an_account_that_is_not_there_costs_the_same_statements_and_the_same_hash(
    person: User, admin: User, hr: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`admin` has no password, and `hr` has left."""
    services.set_password(user=hr, password=PASSWORD)
    services.change_person(user=hr, changes={"is_active": False})
    Client().get(SIGN_IN)
    work: dict[str | None, list[str]] = {}
    for email in (person.email, "nobody@example.org", admin.email, hr.email):
        hashes: list[str] = []
        with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
            patch.setattr(password_hashing, "run", counting(hashes))
            answer = Client().post(SIGN_IN, {"username": email, "password": "wrong"})
        assert answer.status_code == 200
        work[email] = [shape(each["sql"]) for each in queries] + hashes

    for email, found in work.items():
        assert found == work[person.email], email
    assert work[person.email].count("hash") == 1
    assert len(work[person.email]) > 4


def counting(hashes: list[str]) -> Any:
    own = password_hashing.run

    def run(*given: Any) -> Any:
        hashes.append("hash")
        return own(*given)

    return run
