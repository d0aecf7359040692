from __future__ import annotations

from datetime import timedelta

import time_machine

from backend.accounts.models import ApiKey, User, digest
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

WEBSITE = {"name": "Careers website", "role": "reader"}


def test_a_key_is_shown_once_and_works(api: Api, admin: User) -> None:
    made = ok(api.as_(admin).post("/api-keys", WEBSITE | {"expires_at": "2026-06-01T00:00:00"}), 201)
    secret = made.pop("key")
    assert (made["name"], made["role"]) == ("Careers website", "reader")
    assert made["expires_at"] == "2026-05-31T23:00:00Z"
    assert made["created_by_id"] == admin.pk
    assert secret.startswith(made["hint"])
    assert len(secret) > 40
    me = ok(Api(secret).get("/me"))
    assert (me["id"], me["role"], me["is_program"]) == (made["user_id"], "reader", True)
    read = api.as_(admin).get(f"/api-keys/{made['id']}")
    assert ok(read) == made | {"last_used_at": "2026-03-02T09:00:00Z"}
    for answer in (read, api.as_(admin).get("/api-keys")):
        assert secret not in answer.content.decode()
        assert digest(secret) not in answer.content.decode()
        assert "hashed" not in answer.content.decode()


def test_a_repeated_request_shows_the_same_key(api: Api) -> None:
    headers = {"Idempotency-Key": "careers-website"}
    first, second = (ok(api.as_("admin").post("/api-keys", WEBSITE, headers=headers), 201) for _ in range(2))
    assert first == second
    assert ApiKey.objects.filter(user__name="Careers website").count() == 1


def test_revoking_ends_it_at_once_and_twice_is_as_good(api: Api) -> None:
    admin = api.as_("admin")
    made = ok(admin.post("/api-keys", WEBSITE), 201)
    program = Api(made["key"])
    ok(program.get("/me"))
    revoked = ok(admin.post(f"/api-keys/{made['id']}/revoke"))
    assert revoked["revoked_at"] == "2026-03-02T09:00:00Z"
    refused(program.get("/me"), 401, "not_signed_in")
    assert ok(admin.post(f"/api-keys/{made['id']}/revoke")) == revoked


def test_an_expired_key_is_no_key(api: Api, clock: time_machine.Traveller) -> None:
    made = ok(api.as_("admin").post("/api-keys", WEBSITE | {"expires_at": "2026-03-02T10:00:00"}), 201)
    clock.shift(timedelta(minutes=59))
    ok(Api(made["key"]).get("/me"))
    clock.shift(timedelta(minutes=1))
    refused(Api(made["key"]).get("/me"), 401)


def test_list_by_role_and_life(api: Api) -> None:
    admin = api.as_("admin")
    own = ApiKey.objects.get().pk
    live, gone = (ok(admin.post("/api-keys", WEBSITE), 201)["id"] for _ in range(2))
    ok(admin.post(f"/api-keys/{gone}/revoke"))
    assert ids(admin.get("/api-keys")) == [gone, live, own]
    assert ids(admin.get("/api-keys", sort="id")) == [own, live, gone]
    assert ids(admin.get("/api-keys", role="reader")) == [gone, live]
    assert ids(admin.get("/api-keys", live="true")) == [live, own]
    assert ids(admin.get("/api-keys", live="false")) == [gone]


def test_bad_input(api: Api) -> None:
    admin = api.as_("admin")
    refused(admin.post("/api-keys", WEBSITE | {"name": " "}), 422, "invalid", "name")
    refused(admin.post("/api-keys", WEBSITE | {"name": "a" * 201}), 422, "invalid", "name")
    refused(admin.post("/api-keys", WEBSITE | {"role": "boss"}), 422, "invalid", "role")
    refused(admin.post("/api-keys", WEBSITE | {"expires_at": "2026-03-02T08:59:59"}), 422, "invalid", "expires_at")
    refused(admin.post("/api-keys", WEBSITE | {"key": "mine"}), 422, "invalid", "key")
    refused(admin.post("/api-keys", {"name": "x"}), 422, "invalid", "role")
    refused(admin.get("/api-keys/999"), 404)
    refused(admin.post("/api-keys/999/revoke"), 404)


def test_nobody_else(api: Api, outsider: Api) -> None:
    for method, path in (
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("GET", "/api-keys/1"),
        ("POST", "/api-keys/1/revoke"),
    ):
        refused(outsider.send(method, path, {}), 401)
        for role in ("comms", "approver", "hr", "reader"):
            refused(api.as_(role).send(method, path, WEBSITE), 403, "role")


def test_only_a_bearer_key_is_a_key(api: Api) -> None:
    secret = api.as_("reader").secret
    for given in (secret, f"Basic {secret}", f"Bearer {secret}x", "Bearer ", f"Bearer {digest(secret)}"):
        answer = Api().get("/me", headers={"Authorization": given})
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="promenade"'
    ok(Api().get("/me", headers={"Authorization": f"bearer {secret}"}))
