from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backend.accounts import second_steps, services
from backend.accounts.models import User
from tests.accounts.test_second_step import add_app
from tests.api.asserting import ok, refused
from tests.conftest import Api


@pytest.fixture
def page(comms: User) -> Client:
    """The browser of somebody who signed in just now."""
    client = Client(headers={"host": "localhost"})
    client.force_login(comms)
    return client


def test_administrator_removes_a_lost_one(api: Api, comms: User, page: Client, admin: User) -> None:
    add_app(comms)
    path = f"/users/{comms.pk}/remove-second-step"
    for role in ("comms", "approver", "hr", "reader"):
        refused(api.as_(role).post(path), 403, "role")

    for _ in range(2):
        assert ok(api.as_("admin").post(path))["id"] == comms.pk

    assert not second_steps.second_step_of(comms)
    refused(page.get("/api/v1/me"), 401)
    refused(api.as_("admin").post("/users/999/remove-second-step"), 404)
    refused(api.as_(admin).post(f"/users/{admin.pk}/remove-second-step"), 409, "refused")
    stale = {"If-Match": '"other"'}
    refused(api.as_("admin").post(path, headers=stale), 412)


# The password and the address that it goes with


@pytest.mark.parametrize("change", [{"password": "sixteen green herons"}, {"email": "new@example.org"}])
def test_own_password_and_email_ask_for_the_person(page: Client, comms: User, clock: Any, change: dict) -> None:
    clock.shift(timedelta(minutes=11))
    refused(page.patch("/api/v1/me", change, content_type="application/json"), 409, "confirm")
    comms.refresh_from_db()
    assert comms.email == "amara.osei@example.org"
    assert not comms.has_usable_password()


def test_administrator_cannot_go_round_that_for_themselves(admin: User, comms: User, clock: Any) -> None:
    client = Client()
    client.force_login(admin)
    clock.shift(timedelta(minutes=11))
    own = client.patch(f"/api/v1/users/{admin.pk}", {"email": "x@example.org"}, content_type="application/json")
    refused(own, 409, "confirm")
    other = client.patch(f"/api/v1/users/{comms.pk}", {"email": "x@example.org"}, content_type="application/json")
    assert ok(other)["email"] == "x@example.org"


def test_own_password_changes_and_ends_other_sessions(page: Client, comms: User) -> None:
    other = Client()
    other.force_login(comms)
    ok(page.patch("/api/v1/me", {"password": "sixteen green herons"}, content_type="application/json"))
    ok(page.get("/api/v1/me"))
    refused(other.get("/api/v1/me"), 401)


def test_name_and_zone_are_changed_without(page: Client, comms: User, clock: Any) -> None:
    clock.shift(timedelta(minutes=11))
    changed = ok(
        page.patch("/api/v1/me", {"name": "Amara O.", "zone": "Europe/Paris"}, content_type="application/json")
    )
    assert (changed["name"], changed["zone"]) == ("Amara O.", "Europe/Paris")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"name": ""}, "name"),
        ({"email": "x"}, "email"),
        ({"role": "admin"}, "role"),
    ],
)
def test_bad_input(page: Client, wrong: dict, field: str) -> None:
    refused(page.patch("/api/v1/me", wrong, content_type="application/json"), 422, "invalid", field)


def test_program_has_no_password(api: Api) -> None:
    refused(api.as_("hr").patch("/me", {"password": "sixteen green herons"}), 409, "refused")
    assert ok(api.as_("hr").patch("/me", {"zone": "Europe/Paris"}))["zone"] == "Europe/Paris"


def test_lost_race_is_refused(page: Client, comms: User) -> None:
    seen = page.get("/api/v1/me").headers["ETag"]
    services.change_person(user=comms, changes={"name": "Other"})
    answer = page.patch("/api/v1/me", {"name": "Mine"}, content_type="application/json", headers={"If-Match": seen})
    refused(answer, 412)
