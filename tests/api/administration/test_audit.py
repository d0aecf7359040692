from __future__ import annotations

from datetime import timedelta
from typing import get_args

import time_machine
from django.test import Client

from backend.accounts.models import ApiKey, User
from backend.api.resources.administration import audit
from backend.audit import kinds
from backend.audit.models import LogEntry
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.api.recruiting import hiring
from tests.conftest import Api


def entries(api: Api, **filters: object) -> list[dict]:
    return ok(api.as_("admin").get("/audit", **filters))["items"]


def test_an_entry_says_who_did_what_to_which_row(api: Api, comms: User) -> None:
    answer = api.as_(comms).post("/teams", {"name": "Jade ward"})
    row = ok(answer, 201)
    [entry] = entries(api, row_type="team", row_id=row["id"])
    assert entry.pop("changes")["name"] == [None, "Jade ward"]
    assert entry == {
        "id": entry["id"],
        "at": "2026-03-02T09:00:00Z",
        "action": "create",
        "times": 1,
        "until": None,
        "row_type": "team",
        "row_id": row["id"],
        "row": "Jade ward",
        "actor": {"id": comms.pk, "name": "Amara Osei"},
        "through": "api_key",
        "api_key_id": ApiKey.objects.get(user=comms).pk,
        "request_id": answer.headers["X-Request-ID"],
    }


def test_what_no_row_says_is_an_event_and_an_unknown_account_is_no_row(api: Api) -> None:
    for _ in range(3):
        Client().post("/console/sign-in", {"username": "nobody@example.org", "password": "wrong"})

    [entry] = entries(api, event="sign_in_failed")

    assert (entry["action"], entry["times"], entry["row_id"], entry["actor"]) == ("sign_in_failed", 3, None, None)
    assert entry["changes"] == {"reason": [None, "unknown account"]}
    assert (entry["row_type"], entry["through"], entry["until"]) == ("user", "visitor", entry["at"])
    refused(api.as_("admin").get("/audit", event="nothing"), 422)


def test_newest_first_by_row_actor_and_request(api: Api, comms: User, hr: User) -> None:
    made = api.as_(comms).post("/teams", {"name": "Jade ward"})
    path = f"/teams/{made.json()['id']}"
    changed = api.as_(hr).patch(path, {"location": "Crawley"})
    ok(api.as_(comms).post("/teams", {"name": "Opal ward"}), 201)
    rows = entries(api, row_type="team")
    assert [entry["action"] for entry in rows] == ["create", "update", "create"]
    assert [entry["id"] for entry in rows] == sorted((entry["id"] for entry in rows), reverse=True)
    assert [entry["action"] for entry in entries(api, row_type="team", row_id=made.json()["id"])] == [
        "update",
        "create",
    ]
    [of_hr] = entries(api, row_type="team", actor_id=hr.pk)
    assert of_hr["changes"] == {"location": ["", "Crawley"]}
    assert entries(api, request_id=changed.headers["X-Request-ID"]) == [of_hr]
    assert entries(api, actor_id=999) == []


def test_moves_of_content_are_found_by_their_row(api: Api, comms: User, approver: User) -> None:
    post = factories.vacancy(by=comms)
    ok(api.as_(comms).post(f"/content/{post.pk}/submit", {"comment": "Please read."}))
    ok(api.as_(approver).post(f"/content/{post.pk}/approve", {}))
    *moves, created = entries(api, row_type="vacancy", row_id=post.pk)
    assert created["action"] == "create"
    assert [entry["changes"] for entry in moves] == [
        {"state": ["in_review", "approved"]},
        {"state": ["draft", "in_review"], "comment": [None, "Please read."]},
    ]
    assert [entry["actor"]["name"] for entry in moves] == ["Tom Whitfield", "Amara Osei"]
    assert entries(api, row_type="content", row_id=post.pk) == entries(api, row_type="vacancy", row_id=post.pk)


def test_publications_are_found_by_their_row(api: Api, comms: User) -> None:
    row = factories.publication(by=comms)
    ok(api.as_(comms).post(f"/publications/{row.pk}/cancel", {"reason": "Not now."}))
    ok_entries = entries(api, row_type="publication", row_id=row.pk)
    assert [entry["action"] for entry in ok_entries] == ["update", "create"]
    assert ok_entries[0]["changes"] == {"state": ["scheduled", "cancelled"], "reason": [None, "Not now."]}
    assert ok_entries[0]["actor"]["id"] == comms.pk


def test_by_time_and_way(api: Api, comms: User, clock: time_machine.Traveller) -> None:
    factories.team()
    clock.shift(timedelta(hours=1))
    ok(api.as_(comms).post("/teams", {"name": "Jade ward"}), 201)
    [early] = entries(api, row_type="team", to="2026-03-02T10:00:00")
    [late] = entries(api, row_type="team", **{"from": "2026-03-02T10:00:00"})
    assert early["through"] == "command"
    assert early["actor"] is None
    assert late["through"] == "api_key"
    assert early not in entries(api, through="api_key")
    assert late not in entries(api, through="command")


def test_candidates_are_named_by_reference_alone(api: Api) -> None:
    body = {"reference": "AR-1", "name": "Grace Adeyemi", "email": "grace@example.org", "phone": "01632 960417"}
    row = ok(api.as_("hr").post("/candidates", body), 201)
    ok(api.as_("hr").patch(f"/candidates/{row['id']}", {"phone": "01632 960418"}))
    answer = api.as_("admin").get("/audit")
    assert b"Grace" not in answer.content
    assert b"grace" not in answer.content
    assert b"96041" not in answer.content
    changed, created = entries(api, row_type="candidate", row_id=row["id"])
    assert changed["changes"] == {"phone": ["***", "***"]}
    assert created["row"] == "AR-1"


def test_pages(api: Api) -> None:
    for _ in range(5):
        factories.team()
    admin = api.as_("admin")
    everything = [entry["id"] for entry in entries(api, row_type="team")]
    first = ok(admin.get("/audit", row_type="team", limit=3, count="true"))
    factories.team()
    second = ids(admin.get("/audit", row_type="team", limit=3, cursor=first["next"]))
    assert [entry["id"] for entry in first["items"]] + second == everything
    assert first["count"] == 5


def test_every_followed_row_can_be_asked_for() -> None:
    assert sorted(kinds.MODELS) == sorted(get_args(audit.RowType))


def test_the_list_does_not_cost_more_with_more_rows(api: Api, django_assert_max_num_queries) -> None:
    admin = api.as_("admin")
    hiring.hire("2026-02-20", met=[factories.channel()])
    factories.approved_blog_entry()
    ok(admin.get("/audit"))
    with django_assert_max_num_queries(3):
        ok(admin.get("/audit", limit=200))


def test_bad_input(api: Api) -> None:
    admin = api.as_("admin")
    refused(admin.get("/audit", row_type="secret"), 422, "invalid", "row_type")
    refused(admin.get("/audit", row_id="x"), 422, "invalid", "row_id")
    refused(admin.get("/audit", through="telepathy"), 422, "invalid", "through")
    refused(admin.get("/audit", **{"from": "yesterday"}), 422, "invalid", "from")
    refused(admin.get("/audit", user_id=1), 422, "bad_parameter", "user_id")
    refused(admin.post("/audit", {}), 405)


def test_nobody_else_and_nothing_by_the_trail_itself(api: Api, outsider: Api) -> None:
    refused(outsider.get("/audit"), 401)
    for role in ("comms", "approver", "hr", "reader"):
        refused(api.as_(role).get("/audit"), 403, "role")
    before = LogEntry.objects.count()
    ok(api.as_("admin").get("/audit"))
    assert {entry.content_type.model for entry in LogEntry.objects.all()[: LogEntry.objects.count() - before]} <= {
        "apikey",
        "user",
    }
