"""API keys in the console: made with a secret that is shown once, listed, and revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts import services
from backend.accounts.models import ApiKey, User
from campaigns.planning.models import Organisation
from tests import factories
from tests.conftest import Api
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db


def secret_in(page: str) -> str:
    return "prom_" + page.split('<code class="copy">prom_')[1].split("<")[0]


def test_key_is_made_works_and_is_shown_once(admin: User, clock: time_machine.Traveller) -> None:
    speaks = Console(admin)

    answer = speaks.client.post("/console/keys/new", {"name": "Careers website", "role": "reader", "days": "30"})

    row = ApiKey.objects.get()
    secret = secret_in(answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]
    assert (row.user.role, row.created_by, row.expires_at) == ("reader", admin, timezone.now() + timedelta(days=30))
    for path in ("/keys", f"/keys/{row.pk}", f"/keys/{row.pk}/revoke", "/audit"):
        page = speaks.see(path)
        assert secret not in page
        assert row.hashed not in page
    assert Api(secret).get("/me").status_code == 200
    assert f'by <a href="/console/people/{admin.pk}">' in speaks.see(f"/keys/{row.pk}")


def test_key_without_days_does_not_end(admin: User) -> None:
    Console(admin).send("/keys/new", name="Careers website", role="reader", days="")

    assert ApiKey.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "This field is required."),
        ({"role": "boss"}, "Select a valid choice."),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "99999999999"}, "less than or equal to 3650"),
        ({"days": "soon"}, "Enter a whole number."),
    ],
)
def test_what_is_wrong_is_said_and_no_key_is_made(admin: User, wrong: dict, why: str) -> None:
    status, page = Console(admin).send("/keys/new", **{"name": "Website", "role": "hr", "days": "7"} | wrong)

    assert status == 200
    assert why in page
    assert not ApiKey.objects.exists()


def test_keys_in_use_and_ended_stand_apart(admin: User, clock: time_machine.Traveller) -> None:
    services.create_api_key(name="Lasting", role="reader")
    services.create_api_key(name="Short", role="reader", expires_at=timezone.now() + timedelta(hours=1))
    revoked, _ = services.create_api_key(name="Revoked", role="comms")
    services.revoke_api_key(api_key=revoked)
    clock.shift(timedelta(hours=2))
    speaks = Console(admin)

    live, ended = speaks.see("/keys"), speaks.see("/keys?tab=ended")

    assert [name in live for name in ("Lasting", "Short", "Revoked")] == [True, False, False]
    assert [name in ended for name in ("Lasting", "Short", "Revoked")] == [False, True, True]
    assert "1 program can use the API." in live
    assert "/revoke" not in ended


def test_key_is_revoked_after_a_question_and_gets_nobody_in(admin: User) -> None:
    row, secret = services.create_api_key(name="Careers website", role="reader")
    speaks = Console(admin)

    assert "Revoke API key: Careers website" in speaks.see(f"/keys/{row.pk}/revoke")
    assert Api(secret).get("/me").status_code == 200
    speaks.send(f"/keys/{row.pk}/revoke")
    first = ApiKey.objects.get().revoked_at
    speaks.send(f"/keys/{row.pk}/revoke")

    assert Api(secret).get("/me").status_code == 401
    assert first is not None
    assert ApiKey.objects.get().revoked_at == first
    assert "This key was already revoked" in speaks.see(f"/keys/{row.pk}/revoke")
    assert "/revoke" not in speaks.see(f"/keys/{row.pk}")


def test_empty_list_says_what_a_key_is_for(admin: User) -> None:
    assert "An API key lets another program" in Console(admin).see("/keys")


@pytest.mark.parametrize("role", ["comms", "approver", "hr", "reader"])
def test_nobody_else_sees_or_ends_keys(role: str) -> None:
    row, _ = services.create_api_key(name="Careers website", role="reader")
    speaks = Console(factories.person(role))

    for path in ("/keys", "/keys/new", f"/keys/{row.pk}", f"/keys/{row.pk}/revoke"):
        speaks.see(path, status=403)
    assert speaks.send(f"/keys/{row.pk}/revoke")[0] == 403


def test_list_costs_few_queries(admin: User, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(35):
        services.create_api_key(name=f"Program {number}", role="reader")
    Organisation.current()
    speaks = Console(admin)

    with django_assert_max_num_queries(12):
        page = speaks.see("/keys")

    assert "Next page" in page
