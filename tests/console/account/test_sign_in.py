from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from backend.accounts import services
from backend.accounts.models import User

PASSWORD = "correct horse battery"
SIGN_IN = "/console/sign-in"


@pytest.fixture
def person(comms: User) -> User:
    services.set_password(user=comms, password=PASSWORD)
    return comms


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(SIGN_IN, {"username": email, "password": password, **more})


def test_person_signs_in_and_comes_to_today(client: Client, person: User) -> None:
    answer = sign_in(client, f" {person.email.upper()} ")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/")
    assert client.session[SESSION_KEY] == str(person.pk)
    assert client.get("/console/").status_code == 200


@pytest.mark.parametrize("case", ["wrong password", "unknown", "left", "no password"])
def test_who_may_not_in_hears_the_same_sentence(client: Client, person: User, admin: User, case: str) -> None:
    email, password = person.email, PASSWORD
    if case == "wrong password":
        password = "something else"
    elif case == "unknown":
        email = "nobody@example.org"
    elif case == "left":
        services.change_person(user=person, changes={"is_active": False})
    else:
        email = admin.email

    answer = sign_in(client, email, password)

    assert answer.status_code == 200
    assert "Email or password is incorrect" in answer.content.decode()
    assert SESSION_KEY not in client.session
    assert password not in answer.content.decode()


def test_session_is_a_new_one_after_signing_in(client: Client, person: User) -> None:
    session = client.session
    session["before"] = "1"
    session.save()
    old = session.session_key

    sign_in(client, person.email)

    assert client.session.session_key != old


def test_session_ends_the_moment_a_person_leaves(client: Client, person: User, admin: User) -> None:
    sign_in(client, person.email)

    services.change_person(user=person, changes={"is_active": False})

    assert client.get("/console/").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/staff/bulletins/october", "/staff/bulletins/october"),
        ("https://evil.example/", "/console/"),
        ("//evil.example", "/console/"),
        ("/\\evil.example", "/console/"),
        ("javascript:alert(1)", "/console/"),
    ],
)
def test_next_leads_only_within_the_house(client: Client, person: User, wanted: str, leads_to: str) -> None:
    answer = sign_in(client, person.email, next=wanted)

    assert answer.headers["Location"] == leads_to


def test_guessing_is_stopped_in_words(client: Client, person: User) -> None:
    spellings = [person.email, person.email.upper(), person.email.title()]
    for number in range(8):
        answer = sign_in(client, spellings[number % 3], "wrong guess")

    assert answer.status_code == 429
    assert "cannot sign in for 15 minutes" in answer.content.decode()
    assert answer.headers["Retry-After"] == "900"
    assert sign_in(client, person.email).status_code == 429
    assert SESSION_KEY not in client.session


def test_guessing_from_elsewhere_does_not_lock_the_person_out(client: Client, person: User) -> None:
    for _ in range(9):
        client.post(SIGN_IN, {"username": person.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.9")

    assert sign_in(client, person.email).status_code == 302


def test_signing_out_takes_a_post(client: Client, person: User) -> None:
    client.force_login(person)

    assert client.get("/console/sign-out").status_code == 405
    assert client.post("/console/sign-out").headers["Location"] == SIGN_IN
    assert SESSION_KEY not in client.session


def test_mistakes_are_named_beside_their_field(client: Client, db: None) -> None:
    page = client.post(SIGN_IN, {"username": "no address", "password": ""}).content.decode()

    assert "There is a problem" in page
    assert 'href="#id_username"' in page
    assert 'href="#id_password"' in page
    assert 'value="no address"' in page


def test_null_byte_is_no_crash(client: Client, db: None) -> None:
    assert sign_in(client, "a\x00@example.org", "b\x00").status_code == 200
