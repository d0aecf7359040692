"""Who signed in and out and who failed to: with the account and the reason, and never with what somebody typed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from backend.accounts import second_steps, services
from backend.accounts.models import User
from backend.audit.models import LogEntry

PASSWORD = "sixteen green herons"
pytestmark = pytest.mark.django_db


@pytest.fixture
def person(comms: User, clock: time_machine.Traveller) -> User:
    services.set_password(user=comms, password=PASSWORD)
    return comms


def sign_in(email: str, password: str = PASSWORD, *, client: Client | None = None, **headers: str) -> Client:
    client = client or Client()
    client.post("/console/sign-in", {"username": email, "password": password}, **headers)
    return client


def events() -> list[LogEntry]:
    """Oldest first."""
    return list(LogEntry.objects.filter(event__isnull=False).order_by("id"))


def told(entry: LogEntry) -> tuple[Any, ...]:
    values = {name: new for name, (_, new) in entry.changes.items()}
    return entry.event, entry.object_pk, entry.actor, values, entry.times


def test_signing_in_and_out_names_the_person_and_the_browser(person: User) -> None:
    client = sign_in(person.email)
    client.post("/console/sign-out")

    came, went = events()

    assert told(came) == ("signed_in", str(person.pk), person, {"with": "password", "browser": "A program"}, 1)
    assert told(went) == ("signed_out", str(person.pk), person, {}, 1)
    assert {came.through, went.through} == {"session"}
    assert came.cid


def test_wrong_passwords_are_one_entry_an_hour_for_each_reason(person: User, clock: Any) -> None:
    for _ in range(12):
        sign_in(person.email, "a wrong guess")
    clock.shift(timedelta(hours=1))
    sign_in(person.email, "a wrong guess")

    wrong, locked, later = events()

    assert told(wrong)[1:4] == (str(person.pk), None, {"reason": "wrong password"})
    assert told(locked)[1:4] == (str(person.pk), None, {"reason": "too many attempts"})
    assert wrong.times + locked.times == 12
    assert told(later)[3:] == ({"reason": "wrong password"}, 1)
    assert {wrong.through, locked.through} == {"visitor"}


def test_who_has_left_is_told_by_that(person: User) -> None:
    services.change_person(user=person, changes={"is_active": False})

    sign_in(person.email)

    assert told(events()[-1])[3] == {"reason": "deactivated account"}


def test_strangers_cannot_make_the_trail_grow(person: User) -> None:
    """Whatever they type and wherever they come from; people type their password where the address belongs."""
    for number in range(40):
        sign_in(f"{PASSWORD.replace(' ', '.')}.{number}@example.org", PASSWORD, REMOTE_ADDR=f"192.0.2.{number}")

    [entry] = events()

    assert told(entry) == ("sign_in_failed", "", None, {"reason": "unknown account"}, 40)
    whole = json.dumps(list(LogEntry.objects.values()), default=str)
    assert "herons" not in whole
    assert "192.0.2" not in whole


def test_second_step_that_fails_and_the_one_that_does_not(person: User, clock: Any) -> None:
    app = pyotp.TOTP(second_steps.start_authenticator(user=person).secret)
    recovery = second_steps.confirm_authenticator(user=person, code=app.now(), session={})  # type: ignore[arg-type]
    client = sign_in(person.email)
    for code in ("000000", "111111", recovery[0]):
        client.post("/console/sign-in/second-step", {"code": code})

    made, failed, used, came = events()

    assert told(made)[0] == "recovery_codes_created"
    assert told(failed) == ("second_step_failed", str(person.pk), None, {"reason": "wrong code"}, 2)
    assert told(used)[:3] == ("recovery_code_used", str(person.pk), person)
    assert told(came)[3] == {"with": "recovery", "browser": "A program"}
    for secret in ("000000", recovery[0], app.secret):
        assert secret not in json.dumps(list(LogEntry.objects.values()), default=str)


def test_other_sessions_that_end_are_counted(person: User) -> None:
    for _ in range(2):
        sign_in(person.email)
    client = sign_in(person.email)
    client.post("/console/account/sessions/end-others")
    client.post("/console/account/sessions/end-others")

    assert told(events()[-1]) == ("sessions_ended", str(person.pk), person, {"sessions": 2}, 1)
    assert [entry.event for entry in events()].count("sessions_ended") == 1


def test_keys_that_are_rotated_are_told(person: User) -> None:
    call_command("rotatekeys")

    assert events()[-1].event == "keys_rotated"
    assert events()[-1].content_type.model == "organisation"
