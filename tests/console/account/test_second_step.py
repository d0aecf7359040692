"""Signing in with a second step, and with a passkey alone."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from backend.accounts import passkeys, second_steps, services
from backend.accounts.models import User
from tests.accounts.test_passkeys import add
from tests.accounts.test_second_step import add_app
from tests.devices import Device

PASSWORD = "correct horse battery"
SIGN_IN, STEP, PASSKEY = "/console/sign-in", "/console/sign-in/second-step", "/console/sign-in/passkey"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(comms: User) -> User:
    services.set_password(user=comms, password=PASSWORD)
    return comms


@pytest.fixture
def app(person: User, clock: Any) -> pyotp.TOTP:
    totp = add_app(person)
    clock.shift(MINUTE)
    return totp


@pytest.fixture
def here(client: Client) -> Client:
    """A browser at http://localhost, where passkeys may be."""
    client.defaults["HTTP_HOST"] = "localhost"
    return client


def give_password(client: Client, user: User, **more: str) -> Any:
    return client.post(SIGN_IN, {"username": user.email, "password": PASSWORD, **more})


def give_passkey(client: Client, device: Device, **more: str) -> Any:
    asked = client.post(f"{PASSKEY}/ask").json()
    return client.post(PASSKEY, {"answer": json.dumps(device.use(asked)), **more})


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def test_password_alone_lets_nobody_in_who_has_a_second_step(client: Client, person: User, app: pyotp.TOTP) -> None:
    answer = give_password(client, person)

    assert answer.headers["Location"] == STEP
    assert not is_in(client)
    assert client.get("/console/").status_code == 302
    assert client.get("/api/v1/me").status_code == 401
    page = client.get(STEP)
    assert "The 6-digit code" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_code_finishes_it_in_a_new_session_and_leads_on(client: Client, person: User, app: pyotp.TOTP) -> None:
    step = give_password(client, person, next="/staff").headers["Location"]
    assert step == f"{STEP}?next=%2Fstaff"
    assert 'value="/staff"' in client.get(step).content.decode()
    before = client.session.session_key

    answer = client.post(STEP, {"code": app.now(), "next": "/staff"})

    assert answer.headers["Location"] == "/staff"
    assert is_in(client)
    assert client.session.session_key != before
    assert client.session["second_step"] == "code"
    assert client.session.get_expiry_age() > 86_400


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example"])
def test_next_leads_only_within_the_house(client: Client, person: User, app: pyotp.TOTP, wanted: str) -> None:
    assert give_password(client, person, next=wanted).headers["Location"] == STEP

    assert client.post(STEP, {"code": app.now(), "next": wanted}).headers["Location"] == "/console/"


def test_recovery_code_finishes_it_once_and_says_how_many_are_left(client: Client, person: User, app: Any) -> None:
    code = second_steps.make_recovery_codes(user=person)[0]
    give_password(client, person)
    page = client.post(STEP, {"code": code}, follow=True).content.decode()
    assert "You have 9 left" in page

    client.post("/console/sign-out")
    give_password(client, person)
    assert "is not correct" in client.post(STEP, {"code": code}).content.decode()
    assert not is_in(client)


def test_guessing_codes_is_stopped_wherever_it_comes_from(client: Client, person: User, app: Any, clock: Any) -> None:
    for number in range(8):
        other = Client(REMOTE_ADDR=f"203.0.113.{number}")
        give_password(other, person)
        answer = other.post(STEP, {"code": "000000"})

    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    give_password(client, person)
    answer = client.post(STEP, {"code": app.now()})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert not is_in(client)

    clock.shift(16 * MINUTE)
    give_password(client, person)
    client.post(STEP, {"code": app.now()})
    assert is_in(client)


def test_password_is_worth_ten_minutes_and_ends_when_it_changes(
    client: Client, person: User, app: Any, clock: Any
) -> None:
    give_password(client, person)
    clock.shift(11 * MINUTE)
    assert client.post(STEP, {"code": app.now()}).headers["Location"] == SIGN_IN

    give_password(client, person)
    services.set_password(user=person, password=PASSWORD + "!")
    assert client.post(STEP, {"code": app.now()}).headers["Location"] == SIGN_IN
    assert not is_in(client)


def test_who_leaves_meanwhile_is_not_let_in(client: Client, person: User, app: Any, admin: User) -> None:
    give_password(client, person)
    services.change_person(user=person, changes={"is_active": False})

    assert client.post(STEP, {"code": app.now()}).headers["Location"] == SIGN_IN
    assert not is_in(client)


def test_second_step_without_a_first_leads_back(client: Client, db: None) -> None:
    page = client.get(STEP, follow=True)

    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert "longer than 10 minutes" in page.content.decode()


def test_wrong_password_tells_nothing_of_a_second_step(client: Client, person: User, app: Any, hr: User) -> None:
    pages = [
        client.post(SIGN_IN, {"username": email, "password": "wrong"}).content.decode().replace(email, "")
        for email in (str(person.email), str(hr.email), "nobody@example.org")
    ]
    without_token = {re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", page) for page in pages}

    assert len(without_token) == 1
    assert "Email or password is incorrect" in without_token.pop()


# Where one is asked for


def test_administrator_who_needs_one_sets_it_up_before_coming_in(client: Client, admin: User, settings: Any) -> None:
    settings.SECOND_STEP_FOR = "administrators"
    services.set_password(user=admin, password=PASSWORD)

    assert give_password(client, admin, next="/staff").headers["Location"].startswith(STEP)
    page = client.get(STEP).content.decode()
    assert "data:image/svg+xml" in page
    assert not is_in(client)
    started = second_steps.pending_authenticator(user=admin)
    assert started is not None
    wrong = client.post(STEP, {"code": "000000"})
    assert "time on your phone" in wrong.content.decode()

    answer = client.post(STEP, {"code": pyotp.TOTP(started.secret).now(), "next": "/staff"}).content.decode()

    assert answer.count("<code>") == 10
    assert 'href="/staff"' in answer
    assert client.get("/console/").status_code == 200


# Passkeys


def test_passkey_lets_in_without_password_or_name(here: Client, person: User) -> None:
    device = Device()
    add(person, device)

    answer = give_passkey(here, device, next="/staff")

    assert answer.headers["Location"] == "/staff"
    assert here.session[SESSION_KEY] == str(person.pk)
    assert here.session["second_step"] == "passkey"


def test_passkey_is_a_second_step_too(here: Client, person: User) -> None:
    device = Device()
    add(person, device)

    assert give_password(here, person).headers["Location"] == STEP
    assert "Use a passkey" in here.get(STEP).content.decode()
    give_passkey(here, device)

    assert is_in(here)


@pytest.mark.parametrize("answer", ["", "{}", "[]", '{"id": "AAAA", "rawId": "AAAA", "response": {}}', "x" * 30_000])
def test_unknown_passkey_is_refused_in_words(here: Client, person: User, answer: str) -> None:
    here.post(f"{PASSKEY}/ask")

    page = here.post(PASSKEY, {"answer": answer, "next": "/staff"}, follow=True)

    assert page.redirect_chain == [(f"{SIGN_IN}?next=%2Fstaff", 302)]
    assert "not recognised" in page.content.decode()
    assert not is_in(here)


def test_question_names_nobodys_passkeys(here: Client, person: User) -> None:
    add(person, Device())

    asked = here.post(f"{PASSKEY}/ask").json()

    assert set(asked) == {"challenge", "rpId", "userVerification"}
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    assert here.session.get_expiry_age() <= 600


def test_question_takes_a_post_with_the_token_of_its_page(person: User) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.get(f"{PASSKEY}/ask").status_code == 405
    assert client.post(f"{PASSKEY}/ask").status_code == 403
    assert client.post(PASSKEY).status_code == 403


def test_button_is_offered_only_where_passkeys_can_be(client: Client, db: None) -> None:
    assert "passkey" not in client.get(SIGN_IN, headers={"host": "127.0.0.1"}).content.decode()
    assert "Sign in with a passkey" in client.get(SIGN_IN, headers={"host": "localhost"}).content.decode()


def test_passkey_of_a_stranger_to_this_host_is_no_use(here: Client, person: User) -> None:
    device = Device(host="localhost", origin="http://localhost:9999")
    row = Device()
    add(person, row)
    device.key, device.credential = row.key, row.credential

    give_passkey(here, device)

    assert not is_in(here)
    assert passkeys.RelyingParty.of(here.get(SIGN_IN).wsgi_request).origin == "http://localhost"
