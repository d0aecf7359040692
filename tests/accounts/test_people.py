"""People: added, changed, signed in, and gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client, RequestFactory

from backend.accounts import services
from backend.accounts.backends import PersonBackend
from backend.accounts.errors import AccountRefused, InvalidAccount
from backend.accounts.models import User
from tests import factories

PASSWORD = "sixteen green herons"


@pytest.fixture
def sam(db: None) -> User:
    return services.add_person(email="Sam.Okafor@Example.org ", name=" Sam Okafor ", role="comms", password=PASSWORD)


def test_a_person_is_kept_under_a_lower_case_address_with_argon2(sam: User) -> None:
    assert (sam.email, sam.name) == ("sam.okafor@example.org", "Sam Okafor")
    assert sam.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize(
    ("password", "why"),
    [("elevenchars", "too short"), ("password1234", "too common"), ("sam.okafor@example.org", "too similar")],
)
def test_weak_passwords_are_refused_everywhere(sam: User, password: str, why: str) -> None:
    kept = sam.password
    attempts: list[Callable[[], object]] = [
        lambda: services.add_person(email="sam.okafor@example.org", name="Sam Okafor", role="comms", password=password),
        lambda: services.change_person(user=sam, changes={"password": password}),
        lambda: services.set_password(user=sam, password=password),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidAccount, match=why) as refused:
            attempt()
        assert refused.value.field == "password"
    sam.refresh_from_db()
    assert sam.password == kept


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "SAM.okafor@example.org"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "boss"}, "role"),
    ],
)
def test_bad_values_name_their_field(sam: User, wrong: dict, field: str) -> None:
    values = {"email": "another@example.org", "name": "Another", "role": "comms"}
    with pytest.raises(InvalidAccount) as refused:
        services.add_person(**values | wrong)
    assert refused.value.field == field
    another = services.add_person(**values)
    with pytest.raises(InvalidAccount) as refused:
        services.change_person(user=another, changes=wrong)
    assert refused.value.field == field


def test_a_change_leaves_what_it_was_given_alone(sam: User) -> None:
    changes = {"name": "Samira", "password": PASSWORD + "!"}
    changed = services.change_person(user=sam, changes=changes)
    assert changes == {"name": "Samira", "password": PASSWORD + "!"}
    assert changed.check_password(PASSWORD + "!")


# Signing in


def sign_in(email: str, password: str) -> User | None:
    request = RequestFactory().post("/console/sign-in")
    found = PersonBackend().authenticate(request, username=email, password=password)
    assert found is None or isinstance(found, User)
    return found


def test_signing_in_with_address_and_password(sam: User) -> None:
    assert sign_in(" Sam.Okafor@example.ORG ", PASSWORD) == sam
    assert authenticate(RequestFactory().post("/"), username=sam.email, password=PASSWORD) == sam


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("sam.okafor@example.org", "sixteen green heron"),
        ("sam.okafor@example.org", ""),
        ("another@example.org", PASSWORD),
        ("", PASSWORD),
    ],
)
def test_who_is_not_let_in(sam: User, email: str, password: str) -> None:
    assert sign_in(email, password) is None


def test_an_unknown_address_costs_a_hash_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda _, password: hashed.append(password))
    assert sign_in("another@example.org", PASSWORD) is None
    assert hashed == [PASSWORD]


def test_nobody_signs_in_without_a_password_of_their_own(db: None) -> None:
    services.add_person(email="new@example.org", name="New", role="hr")
    for guess in ("!", "None", " "):
        assert sign_in("new@example.org", guess) is None


def test_programs_do_not_sign_in(db: None) -> None:
    key, secret = services.create_api_key(name="Website", role="admin")
    assert sign_in("", secret) is None
    assert sign_in("Website", secret) is None
    assert PersonBackend().get_user(key.user_id) is None


def test_who_has_left_is_out_at_once(sam: User, admin: User) -> None:
    page = Client()
    page.force_login(sam, backend="backend.accounts.backends.PersonBackend")
    assert page.get("/api/v1/me").status_code == 200
    services.change_person(user=sam, changes={"is_active": False})
    assert page.get("/api/v1/me").status_code == 401
    assert sign_in(sam.email or "", PASSWORD) is None


@pytest.mark.parametrize("by", ["change", "set"])
def test_a_new_password_ends_open_sessions(sam: User, by: str) -> None:
    page = Client()
    page.force_login(sam, backend="backend.accounts.backends.PersonBackend")
    if by == "change":
        services.change_person(user=sam, changes={"password": PASSWORD + "!"})
    else:
        services.set_password(user=sam, password=PASSWORD + "!")
    assert page.get("/api/v1/me").status_code == 401
    assert sign_in(sam.email or "", PASSWORD) is None
    assert sign_in(sam.email or "", PASSWORD + "!") == sam


# The last administrator


@pytest.mark.parametrize("change", [{"role": "reader"}, {"is_active": False}])
def test_the_last_administrator_stays(admin: User, change: dict) -> None:
    services.create_api_key(name="Not a person", role="admin")
    with pytest.raises(AccountRefused):
        services.change_person(user=admin, changes=change)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("admin", True)
    services.change_person(user=admin, changes={"name": "Inês"})
    services.add_person(email="second@example.org", name="Second", role="admin")
    services.change_person(user=admin, changes=change)


def test_where_there_is_no_administrator_others_can_still_be_changed(comms: User) -> None:
    assert services.change_person(user=comms, changes={"name": "Amara"}).name == "Amara"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_leave_at_one_moment_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first = factories.person("admin")
    second = services.add_person(email="second@example.org", name="Second", role="admin")
    together = Barrier(2)
    save = services._save_person

    def save_slowly(user: User) -> None:
        save(user)
        time.sleep(0.3)  # long enough for the other one to have saved too, were nothing in the way

    monkeypatch.setattr(services, "_save_person", save_slowly)

    def leave(user: User) -> bool:
        try:
            connection.ensure_connection()
            together.wait(5)
            services.change_person(user=user, changes={"role": "reader"})
        except AccountRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, [first, second])) == [False, True]
    assert User.objects.filter(role="admin").count() == 1
