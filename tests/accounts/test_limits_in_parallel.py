"""Many tries at one moment: no more get through than may, whatever their threads do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.test import Client

from backend.accounts import backends, second_steps, services
from backend.accounts.limits import rules
from backend.accounts.models import AttemptCount, User
from tests import factories
from tests.accounts.test_second_step import add_app

PASSWORD = "correct horse battery"
THREADS = 24

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one connection write at a time"),
]


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What each thread got, or the error that it ran into; all begin together."""
    found: list[Any] = [None] * THREADS
    barrier = threading.Barrier(THREADS)

    def work(number: int) -> None:
        try:
            barrier.wait()
            found[number] = act(number)
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passwords that were looked at. No hash is made, so that all get as far as they can at one moment."""
    found: list[str] = []

    def check(self: User, password: str) -> bool:
        found.append(password)
        return password == PASSWORD

    monkeypatch.setattr(User, "check_password", check)
    monkeypatch.setattr(backends.User, "set_password", lambda _, password: found.append(password))
    return found


def guess(email: str, given: str = "wrong", *, at: str = "198.51.100.7") -> int:
    fields = {"username": email, "password": given}
    return Client().post("/console/sign-in", fields, REMOTE_ADDR=at).status_code


def test_one_account_from_one_address(checks: list[str]) -> None:
    person = factories.person("comms")
    checks.clear()

    found = at_once(lambda _: guess(str(person.email)))

    assert sorted(found) == [200] * 7 + [429] * (THREADS - 7)  # the eighth is looked at, and told that it was the last
    assert len(checks) == 8


def test_many_accounts_from_one_address(checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SIGN_IN", rules.Limit(10, rules.QUARTER))

    found = at_once(lambda number: guess(f"person-{number}@example.org"))

    assert sorted(found) == [200] * 9 + [429] * (THREADS - 9)
    assert len(checks) == 10


def test_one_account_from_many_lines(checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ACCOUNT", rules.Limit(10, rules.HOUR))

    found = at_once(lambda number: guess("nobody@example.org", at=f"2001:db8:{number % 3}:{number:x}::1"))

    assert sorted(found) == [200] * 9 + [429] * (THREADS - 9)
    assert len(checks) == 10


def test_right_and_wrong_ones_end_without_a_deadlock_and_leave_the_wrong_ones_counted(checks: list[str]) -> None:
    people = [
        services.add_person(email=f"person-{number}@example.org", name="Person", role="reader") for number in range(4)
    ]

    found = at_once(lambda number: guess(str(people[number % 4].email), PASSWORD if number % 2 else "wrong"))

    assert set(found) <= {200, 302}
    assert AttemptCount.objects.order_by("-tries").first().tries == THREADS // 2  # type: ignore[union-attr]


def test_codes_of_one_person() -> None:
    person = factories.person("comms")
    app: pyotp.TOTP = add_app(person)
    looked_at: list[int] = []

    def use(number: int) -> object:
        attempt = rules.take_code(account=str(person.email), origin=rules.Origin(f"203.0.113.{number}"))
        looked_at.append(number)
        return second_steps.use_code(user=person, code="000000" if app.now() != "000000" else "000001", attempt=attempt)

    found = at_once(use)

    assert len(looked_at) == 8
    assert found.count(None) == 7


def test_subscribing_one_recipient(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(number: int) -> object:
        return rules.take_subscription(recipient="amy@example.org", origin=rules.Origin(f"203.0.113.{number}"))

    assert sum(not isinstance(each, Exception) for each in at_once(take)) == 10
