from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from backend.accounts.models import ApiKey, User
from backend.accounts.services import revoke_api_key
from backend.api import idempotency
from backend.api.models import IdempotentResponse
from campaigns.planning.models import Team
from campaigns.planning.services import organisation as organisation_services
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api

KEY = {"Idempotency-Key": "6f1c2a"}
JADE = {"name": "Jade ward"}


def test_the_same_request_again_answers_the_first_result(api: Api) -> None:
    first = api.as_("comms").post("/teams", JADE, headers=KEY)
    again = api.as_("comms").post("/teams", JADE, headers=KEY)
    assert ok(first, 201) == ok(again, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert Team.objects.count() == 1


def test_without_a_key_each_request_counts(api: Api) -> None:
    ok(api.as_("comms").post("/teams", JADE), 201)
    refused(api.as_("comms").post("/teams", JADE), 422, "invalid", "name")


def test_a_refusal_is_kept_too(api: Api) -> None:
    factories.team(name="Jade ward")
    refused(api.as_("comms").post("/teams", JADE, headers=KEY), 422, "invalid", "name")
    Team.objects.all().delete()
    again = api.as_("comms").post("/teams", JADE, headers=KEY)
    refused(again, 422, "invalid", "name")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_another_body_or_address_under_the_same_key_is_refused(api: Api) -> None:
    comms = api.as_("comms")
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    refused(comms.post("/teams", {"name": "Opal ward"}, headers=KEY), 422, "idempotency_key_reused")
    refused(comms.post("/campaigns", JADE, headers=KEY), 422, "idempotency_key_reused")
    assert Team.objects.count() == 1


def test_a_second_request_while_the_first_runs_is_told_to_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    comms, add = api.as_("comms"), organisation_services.add_team
    meanwhile = []

    def slow(**fields: Any) -> Team:
        meanwhile.append(comms.post("/teams", JADE, headers=KEY))
        return add(**fields)

    monkeypatch.setattr(organisation_services, "add_team", slow)
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    refused(meanwhile[0], 409, "still_running")
    assert Team.objects.count() == 1


def test_a_first_request_that_died_is_replaced_after_two_minutes(api: Api, clock: time_machine.Traveller) -> None:
    comms = api.as_("comms")
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    Team.objects.all().delete()
    IdempotentResponse.objects.update(status=None, body=None)
    clock.shift(timedelta(minutes=1))
    refused(comms.post("/teams", JADE, headers=KEY), 409, "still_running")
    clock.shift(timedelta(minutes=2))
    ok(comms.post("/teams", JADE, headers=KEY), 201)


def test_an_answer_is_kept_for_a_day(api: Api, clock: time_machine.Traveller) -> None:
    comms = api.as_("comms")
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    clock.shift(timedelta(hours=23))
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    clock.shift(timedelta(hours=2))
    refused(comms.post("/teams", JADE, headers=KEY), 422, "invalid", "name")


def test_our_own_failures_are_not_kept(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**fields: Any) -> Team:
        raise RuntimeError("out of order")

    with monkeypatch.context() as patch:
        patch.setattr(organisation_services, "add_team", broken)
        body = refused(api.as_("comms").post("/teams", JADE, headers=KEY), 500, "server_error")
    assert "out of order" not in str(body)
    assert not IdempotentResponse.objects.exists()
    ok(api.as_("comms").post("/teams", JADE, headers=KEY), 201)


def test_the_same_key_of_somebody_else_is_another_key(api: Api) -> None:
    ok(api.as_("comms").post("/teams", JADE, headers=KEY), 201)
    theirs = api.as_("approver").post("/teams", {"name": "Opal ward"}, headers=KEY)
    assert ok(theirs, 201)["name"] == "Opal ward"
    assert "Idempotency-Replayed" not in theirs.headers


def test_a_revoked_key_gets_no_replay(api: Api) -> None:
    comms = api.as_("comms")
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    revoke_api_key(api_key=ApiKey.objects.get())
    refused(comms.post("/teams", JADE, headers=KEY), 401, "not_signed_in")


def test_a_role_that_was_taken_away_gets_no_replay(api: Api) -> None:
    comms = api.as_("comms")
    ok(comms.post("/teams", JADE, headers=KEY), 201)
    User.objects.update(role="reader")
    refused(comms.post("/teams", JADE, headers=KEY), 403, "role")


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "tab\there"])
def test_keys_that_cannot_be_used(api: Api, key: str) -> None:
    answer = api.as_("comms").post("/teams", JADE, headers={"Idempotency-Key": key})
    refused(answer, 422, "bad_idempotency_key", "Idempotency-Key")
    assert not Team.objects.exists()


def test_what_is_kept_is_encrypted(api: Api) -> None:
    ok(api.as_("comms").post("/teams", JADE, headers=KEY), 201)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_idempotentresponse")
        (stored,) = cursor.fetchone()
    assert "Jade" not in stored
    assert "Jade" in IdempotentResponse.objects.get().body


def test_answers_are_deleted_after_a_day(api: Api, clock: time_machine.Traveller) -> None:
    ok(api.as_("comms").post("/teams", JADE, headers=KEY), 201)
    clock.shift(timedelta(hours=12))
    ok(api.as_("comms").post("/teams", {"name": "Opal ward"}, headers={"Idempotency-Key": "another"}), 201)
    clock.shift(timedelta(hours=13))

    idempotency.clear_old_answers(now=timezone.now())

    assert [row.key for row in IdempotentResponse.objects.all()] == ["another"]
