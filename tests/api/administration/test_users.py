from __future__ import annotations

import pytest
from django.test import Client

from backend.accounts.models import User
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

SAM = {"email": "Sam.Okafor@Example.org", "name": "Sam Okafor", "role": "comms"}
PASSWORD = "sixteen green herons"


def test_add_read_and_change(api: Api) -> None:
    admin = api.as_("admin")
    made = ok(admin.post("/users", SAM | {"password": PASSWORD}), 201)
    assert made == {
        "id": made["id"],
        "email": "sam.okafor@example.org",
        "name": "Sam Okafor",
        "role": "comms",
        "is_active": True,
        "created_at": "2026-03-02T09:00:00Z",
    }
    assert ok(admin.get(f"/users/{made['id']}")) == made
    assert User.objects.get(pk=made["id"]).check_password(PASSWORD)
    changed = ok(admin.patch(f"/users/{made['id']}", {"role": "approver", "email": "sam@example.org"}))
    assert changed == made | {"role": "approver", "email": "sam@example.org"}
    assert User.objects.get(pk=made["id"]).check_password(PASSWORD)


def test_without_a_password_nobody_signs_in(api: Api) -> None:
    made = ok(api.as_("admin").post("/users", SAM), 201)
    assert not User.objects.get(pk=made["id"]).has_usable_password()


def test_no_answer_shows_a_password(api: Api) -> None:
    answer = api.as_("admin").post("/users", SAM | {"password": PASSWORD})
    listed = api.as_("admin").get("/users")
    for body in (answer.content, listed.content):
        assert b"password" not in body
        assert b"argon2" not in body


def test_list_people_without_programs(api: Api, comms: User, hr: User) -> None:
    admin = api.as_("admin")
    assert ids(admin.get("/users")) == [hr.pk, comms.pk]
    assert ids(admin.get("/users", sort="id")) == [comms.pk, hr.pk]
    assert ids(admin.get("/users", role="hr")) == [hr.pk]
    User.objects.filter(pk=hr.pk).update(is_active=False)
    assert ids(admin.get("/users", is_active="false")) == [hr.pk]
    program = User.objects.get(is_program=True)
    refused(admin.get(f"/users/{program.pk}"), 404)
    refused(admin.patch(f"/users/{program.pk}", {"role": "admin"}), 404)


def test_leaving_ends_all_access_at_once(api: Api, comms: User, admin: User) -> None:
    theirs, page = api.as_(comms), Client()
    page.force_login(comms, backend="backend.accounts.backends.PersonBackend")
    assert ok(theirs.get("/me")) == ok(page.get("/api/v1/me"))
    ok(api.as_("admin").patch(f"/users/{comms.pk}", {"is_active": False}))
    refused(theirs.get("/me"), 401)
    refused(page.get("/api/v1/me"), 401)


def test_a_new_role_counts_at_once(api: Api, manager: User, admin: User) -> None:
    refused(api.as_(manager).get("/users"), 403, "role")
    ok(api.as_(admin).patch(f"/users/{manager.pk}", {"role": "admin"}))
    ok(api.as_(manager).get("/users"))


def test_a_new_password_ends_sessions(api: Api, comms: User, admin: User) -> None:
    page = Client()
    page.force_login(comms, backend="backend.accounts.backends.PersonBackend")
    ok(api.as_(admin).patch(f"/users/{comms.pk}", {"password": PASSWORD}))
    refused(page.get("/api/v1/me"), 401)


@pytest.mark.parametrize("change", [{"role": "reader"}, {"is_active": False}])
def test_the_last_administrator_stays(api: Api, admin: User, change: dict) -> None:
    path = f"/users/{admin.pk}"
    refused(api.as_("admin").patch(path, change), 409, "refused")
    assert ok(api.as_("admin").get(path))["role"] == "admin"
    second = ok(api.as_("admin").post("/users", SAM | {"role": "admin"}), 201)
    ok(api.as_("admin").patch(path, change))
    refused(api.as_("admin").patch(f"/users/{second['id']}", change), 409, "refused")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "ruth.kaplan@example.org"}, "email"),
        ({"email": "RUTH.KAPLAN@example.org "}, "email"),
        ({"email": None}, "email"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "a" * 201}, "name"),
        ({"name": "null\x00"}, "name"),
        ({"role": "boss"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": "sam.okafor@example.org"}, "password"),
        ({"password": "a" * 100_000}, "password"),
        ({"is_program": True}, "is_program"),
        ({"id": 7}, "id"),
    ],
)
def test_bad_input(api: Api, hr: User, wrong: dict, field: str) -> None:
    admin = api.as_("admin")
    refused(admin.post("/users", SAM | wrong), 422, "invalid", field)
    made = ok(admin.post("/users", SAM), 201)
    refused(admin.patch(f"/users/{made['id']}", wrong), 422, "invalid", field)
    refused(admin.patch(f"/users/{made['id']}", {"is_active": None}), 422, "invalid", "is_active")
    assert ok(admin.get(f"/users/{made['id']}")) == made


def test_a_lost_race_is_refused(api: Api, comms: User, admin: User) -> None:
    path, mine = f"/users/{comms.pk}", api.as_(admin)
    seen = mine.get(path).headers["ETag"]
    ok(mine.patch(path, {"name": "Amara O."}, headers={"If-Match": seen}))
    refused(mine.patch(path, {"role": "admin"}, headers={"If-Match": seen}), 412)


def test_nobody_else(api: Api, outsider: Api, comms: User) -> None:
    for method, path in (("GET", "/users"), ("POST", "/users"), ("GET", "/users/1"), ("PATCH", f"/users/{comms.pk}")):
        refused(outsider.send(method, path, {}), 401)
        for role in ("comms", "approver", "hr", "reader"):
            refused(api.as_(role).send(method, path, {"role": "admin"}), 403, "role")
    refused(api.as_("admin").get("/users/999"), 404)


def test_a_person_is_signed_out_everywhere(api: Api, comms: User, admin: User) -> None:
    theirs, page = api.as_(comms), Client()
    page.force_login(comms, backend="backend.accounts.backends.PersonBackend")
    path = f"/users/{comms.pk}/end-sessions"
    for role in ("approver", "hr", "reader"):
        refused(api.as_(role).post(path), 403, "role")

    assert ok(api.as_(admin).post(path)) == {"ended": 1}

    refused(page.get("/api/v1/me"), 401)
    ok(theirs.get("/me"))
    assert ok(api.as_(admin).post(path)) == {"ended": 0}
    refused(api.as_(admin).post("/users/999/end-sessions"), 404)


def test_of_ones_own_sessions_the_one_that_asks_stays(admin: User) -> None:
    page, other = Client(), Client()
    for each in (page, other):
        each.force_login(admin, backend="backend.accounts.backends.PersonBackend")

    answer = page.post(f"/api/v1/users/{admin.pk}/end-sessions")

    assert answer.json() == {"ended": 1}
    assert page.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
