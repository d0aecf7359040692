from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database

from backend.audit.models import LogEntry
from scheduler.models import WebhookDelivery, WebhookEndpoint
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

INTRANET = {
    "address": "https://intranet.example.org/hooks",
    "description": "Intranet",
    "event_types": ["publication.sent"],
}


@pytest.fixture
def admin(api: Api) -> Api:
    return api.as_("admin")


def added(admin: Api, **more: Any) -> dict[str, Any]:
    return ok(admin.post("/webhook-endpoints", INTRANET | more), 201)


def finish(delivery_id: int, outcome: str = "delivered") -> None:
    WebhookDelivery.objects.filter(pk=delivery_id).update(finished_at="2026-03-02T09:00:00Z", outcome=outcome)


def test_the_secret_is_shown_once_and_kept_encrypted(admin: Api) -> None:
    made = added(admin)
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    read = admin.get(f"/webhook-endpoints/{made['id']}")
    assert ok(read) == made
    assert (made["active"], made["disabled_at"], made["failures"]) == (True, None, 0)
    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM scheduler_webhookendpoint")
        assert secret not in str(cursor.fetchone())


def test_no_secret_reaches_the_audit_trail(admin: Api) -> None:
    made = added(admin)
    rotated = ok(admin.post(f"/webhook-endpoints/{made['id']}/rotate-secret"))
    trail = list(LogEntry.objects.filter(content_type__model="webhookendpoint").values_list("changes", flat=True))
    assert len(trail) == 2
    assert made["secret"] not in str(trail)
    assert rotated["secret"] not in str(trail)
    found = ok(admin.get("/audit", row_type="webhook_endpoint"))["items"]
    assert [entry["action"] for entry in found] == ["update", "create"]


def test_a_new_secret_is_shown_and_the_former_one_stays_for_a_day(admin: Api) -> None:
    made = added(admin)
    rotated = ok(admin.post(f"/webhook-endpoints/{made['id']}/rotate-secret"))
    assert rotated["secret"] != made["secret"]
    assert rotated["former_secret_ends_at"] == "2026-03-03T09:00:00Z"
    row = WebhookEndpoint.objects.get()
    assert (row.secret, row.former_secret) == (rotated["secret"], made["secret"])


def test_the_same_request_twice_makes_one_receiver_and_shows_one_secret(admin: Api) -> None:
    key = {"Idempotency-Key": "intranet"}
    answers = [ok(admin.post("/webhook-endpoints", INTRANET, headers=key), 201) for _ in range(2)]
    assert answers[0] == answers[1]
    assert WebhookEndpoint.objects.count() == 1


def test_changes_and_their_preconditions(admin: Api) -> None:
    path = f"/webhook-endpoints/{added(admin)['id']}"
    seen = admin.get(path).headers["ETag"]
    changed = ok(admin.patch(path, {"event_types": ["hire.recorded", "content.approved"]}, headers={"If-Match": seen}))
    assert (changed["event_types"], changed["description"]) == (["content.approved", "hire.recorded"], "Intranet")
    refused(admin.patch(path, {"active": False}, headers={"If-Match": seen}), 412, "changed_meanwhile")
    refused(admin.delete(path, headers={"If-Match": seen}), 412, "changed_meanwhile")


def test_a_receiver_that_was_given_up_starts_anew(admin: Api) -> None:
    path = f"/webhook-endpoints/{added(admin)['id']}"
    WebhookEndpoint.objects.update(
        active=False, disabled_at="2026-03-01T09:00:00Z", disabled_reason="Gone.", failures=20
    )
    assert ok(admin.get(path))["disabled_reason"] == "Gone."
    changed = ok(admin.patch(path, {"active": True}))
    assert (changed["disabled_at"], changed["disabled_reason"], changed["failures"]) == (None, "", 0)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"address": "intranet"}, "address"),
        ({"address": "ftp://intranet.example.org/"}, "address"),
        ({"address": "https://me:pass@intranet.example.org/"}, "address"),
        ({"address": "https://intranet.example.org:port/"}, "address"),
        ({"address": "https://intranet.example.org/a b"}, "address"),
        ({"event_types": []}, "event_types"),
        ({"event_types": ["publication.lost"]}, "event_types.0"),
        ({"secret": "mine"}, "secret"),
        ({"description": "a" * 201}, "description"),
    ],
)
def test_bad_input(admin: Api, more: dict[str, Any], field: str) -> None:
    refused(admin.post("/webhook-endpoints", INTRANET | more), 422, "invalid", field)
    assert not WebhookEndpoint.objects.exists()


def test_a_bad_change_changes_nothing(admin: Api) -> None:
    path = f"/webhook-endpoints/{added(admin)['id']}"
    refused(admin.patch(path, {"address": "intranet", "description": "New"}), 422, "invalid", "address")
    assert ok(admin.get(path))["description"] == "Intranet"


def test_a_test_message_is_written_down(admin: Api) -> None:
    endpoint_id = added(admin)["id"]
    sent = ok(admin.post(f"/webhook-endpoints/{endpoint_id}/test"), 201)
    assert (sent["event_type"], sent["outcome"], sent["tries"]) == ("webhook.test", "waiting", 0)
    assert sent["payload"]["data"]["url"].endswith(f"/api/v1/webhook-endpoints/{endpoint_id}")
    assert ok(admin.get(f"/webhook-deliveries/{sent['id']}")) == sent
    ok(admin.patch(f"/webhook-endpoints/{endpoint_id}", {"active": False}))
    refused(admin.post(f"/webhook-endpoints/{endpoint_id}/test"), 409, "not_active")


def test_a_replay_is_a_delivery_of_its_own_under_the_same_id(admin: Api) -> None:
    first = ok(admin.post(f"/webhook-endpoints/{added(admin)['id']}/test"), 201)
    refused(admin.post(f"/webhook-deliveries/{first['id']}/replay"), 409, "wrong_state")
    finish(first["id"])
    again = ok(admin.post(f"/webhook-deliveries/{first['id']}/replay"), 201)
    assert (again["replay_of_id"], again["event_id"]) == (first["id"], first["event_id"])
    assert (again["payload"], again["outcome"]) == (first["payload"], "waiting")


def test_lists_and_filters(admin: Api) -> None:
    first, second = added(admin)["id"], added(admin)["id"]
    ok(admin.patch(f"/webhook-endpoints/{first}", {"active": False}))
    assert ids(admin.get("/webhook-endpoints")) == [second, first]
    assert ids(admin.get("/webhook-endpoints", active="false")) == [first]
    tests = [ok(admin.post(f"/webhook-endpoints/{second}/test"), 201) for _ in range(3)]
    one, two, three = (sent["id"] for sent in tests)
    finish(one)
    finish(two, "failed")
    assert ids(admin.get("/webhook-deliveries", sort="id")) == [one, two, three]
    for outcome, found in (("delivered", one), ("failed", two), ("waiting", three)):
        assert ids(admin.get("/webhook-deliveries", outcome=outcome)) == [found]
    assert ids(admin.get("/webhook-deliveries", endpoint_id=first)) == []
    assert ids(admin.get("/webhook-deliveries", event_id=tests[1]["event_id"])) == [two]
    assert ids(admin.get("/webhook-deliveries", event_type="publication.sent")) == []
    page = ok(admin.get("/webhook-deliveries", limit=2))
    assert ids(admin.get("/webhook-deliveries", limit=2, cursor=page["next"])) == [one]


def test_forgetting_a_receiver_forgets_its_log(admin: Api) -> None:
    endpoint_id = added(admin)["id"]
    sent = ok(admin.post(f"/webhook-endpoints/{endpoint_id}/test"), 201)
    assert admin.delete(f"/webhook-endpoints/{endpoint_id}").status_code == 204
    refused(admin.get(f"/webhook-endpoints/{endpoint_id}"), 404)
    refused(admin.get(f"/webhook-deliveries/{sent['id']}"), 404)


def test_nobody_else(api: Api, outsider: Api) -> None:
    for path in ("/webhook-endpoints", "/webhook-deliveries", "/webhook-endpoints/1", "/webhook-deliveries/1"):
        refused(outsider.get(path), 401)
        for role in ("comms", "approver", "hr", "reader"):
            refused(api.as_(role).get(path), 403, "role")
