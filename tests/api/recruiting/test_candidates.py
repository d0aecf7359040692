from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.hiring import links, services
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.api.recruiting import hiring
from tests.conftest import Api

PERSON = {"name": "Grace Adeyemi 😀", "email": "grace.adeyemi@example.org", "phone": "01632 960417"}


def test_record_read_and_change(api: Api) -> None:
    post, radio = factories.vacancy(), factories.channel(name="Hospital radio", category="broadcast")
    body = {
        "reference": "AR-260220-0417",
        "vacancy_id": post.pk,
        "stated_channel_id": radio.pk,
        "applied_at": "2026-02-20T20:15:00",
        **PERSON,
    }
    hr = api.as_("hr")
    made = ok(hr.post("/candidates", body), 201)
    assert made["stage"] == "new"
    assert made["applied_at"] == "2026-02-20T20:15:00Z"
    assert body | {"applied_at": made["applied_at"]} == {name: made[name] for name in body}
    changed = ok(hr.patch(f"/candidates/{made['id']}", {"phone": None, "vacancy_id": None}))
    assert changed == made | {"phone": None, "vacancy_id": None}
    assert ok(api.as_("admin").get(f"/candidates/{made['id']}")) == changed


def test_name_and_contact_are_encrypted_at_rest(api: Api) -> None:
    made = ok(api.as_("hr").post("/candidates", {"reference": "AR-1", **PERSON}), 201)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, email, phone FROM hiring_candidate WHERE id = %s", [made["id"]])
        stored = cursor.fetchone()
    assert not set(stored) & set(PERSON.values())
    assert all("Grace" not in value and "grace" not in value and "960417" not in value for value in stored)


def test_a_reference_alone_is_enough(api: Api) -> None:
    made = ok(api.as_("hr").post("/candidates", {"reference": "مرشح-7"}), 201)
    assert [made[name] for name in ("name", "email", "phone", "vacancy_id", "applied_at")] == [None] * 5


def test_an_application_with_a_code_brings_its_touch(api: Api) -> None:
    poster = factories.channel(category="print")
    link = links.make_link(channel=poster, content=factories.blog_entry(), page_url="https://example.org/")
    body = {"reference": "AR-1", "applied_at": "2026-02-20T20:15:00", "link_code": link.code.upper()}
    made = ok(api.as_("hr").post("/candidates", body), 201)
    [touch] = ok(api.as_("hr").get(f"/candidates/{made['id']}/touches"))["items"]
    touch.pop("id")
    assert touch == {
        "credited_under": ["first", "last"],
        "channel_id": poster.pk,
        "kind": "link",
        "link_id": link.pk,
        "event_id": None,
        "at": "2026-02-20T20:15:00Z",
    }
    refused(
        api.as_("hr").post("/candidates", body | {"reference": "AR-2", "link_code": "zzzzzzzz"}), 422, "unknown_link"
    )
    assert ids(api.as_("hr").get("/candidates", reference="AR-2")) == []


def test_list_by_filters(api: Api) -> None:
    radio, post = factories.channel(), factories.vacancy(campaign=factories.campaign())
    first = hiring.candidate(vacancy=post)
    second = hiring.candidate(stated_channel=radio)
    services.move_candidate(candidate=second, stage="interview", by=None)
    hr = api.as_("hr")
    assert ids(hr.get("/candidates")) == [second.pk, first.pk]
    assert ids(hr.get("/candidates", sort="id")) == [first.pk, second.pk]
    assert ids(hr.get("/candidates", stage="interview")) == [second.pk]
    assert ids(hr.get("/candidates", vacancy_id=post.pk)) == [first.pk]
    assert ids(hr.get("/candidates", stated_channel_id=radio.pk)) == [second.pk]
    assert ids(hr.get("/candidates", reference=first.reference)) == [first.pk]
    assert ids(hr.get("/candidates", reference=first.reference[:-1])) == []
    assert ids(hr.get("/candidates", campaign_id=post.campaign_id)) == [first.pk]


def test_list_by_the_day_of_application(api: Api) -> None:
    """London's days: half past eleven at night in summer time is still the day before in UTC."""
    early = hiring.candidate(applied_at=datetime(2025, 7, 1, 23, 30, tzinfo=UTC))
    late = hiring.candidate(applied_at=datetime(2025, 7, 3, 22, 59, tzinfo=UTC))
    hiring.candidate()
    hr = api.as_("hr")
    assert ids(hr.get("/candidates", applied_from="2025-07-02", applied_to="2025-07-03")) == [late.pk, early.pk]
    assert ids(hr.get("/candidates", applied_to="2025-07-02")) == [early.pk]
    assert ids(hr.get("/candidates", applied_from="2025-07-03")) == [late.pk]
    refused(hr.get("/candidates", applied_from="2025-07-03", applied_to="2025-07-02"), 422, "bad_period", "applied_to")


def test_pages_lose_nobody(api: Api) -> None:
    everybody = [hiring.candidate().pk for _ in range(5)]
    hr, seen, cursor = api.as_("hr"), [], {}
    while True:
        answer = ok(hr.get("/candidates", sort="id", limit=2, **cursor))
        seen += [item["id"] for item in answer["items"]]
        hiring.candidate()
        if answer["next"] is None or len(seen) >= 5:
            break
        cursor = {"cursor": answer["next"]}
    assert seen[:5] == everybody


def test_touches_are_recorded_once(api: Api) -> None:
    row, stall, hr = hiring.candidate(), factories.channel(), api.as_("hr")
    body = {"channel_id": stall.pk, "at": "2026-02-14T11:30:00"}
    path = f"/candidates/{row.pk}/touches"
    made = ok(hr.post(path, body), 201)
    assert made["kind"] == "recorded"
    assert ok(hr.post(path, body), 201) == made
    event = factories.event()
    checked_in = ok(hr.post(path, {"channel_id": stall.pk, "event_id": event.pk}), 201)
    assert (checked_in["kind"], checked_in["event_id"]) == ("check_in", event.pk)
    listed = ok(hr.get(path))["items"]
    assert [item["id"] for item in listed] == [made["id"], checked_in["id"]]
    assert [item["credited_under"] for item in listed] == [["first"], ["last"]]


def test_a_wrong_touch_is_taken_back_from_its_own_candidate(api: Api) -> None:
    row, hr = hiring.candidate(), api.as_("hr")
    touch = services.add_touch(candidate=row, channel=factories.channel())
    refused(hr.delete(f"/candidates/{hiring.candidate().pk}/touches/{touch.pk}"), 404)
    assert hr.delete(f"/candidates/{row.pk}/touches/{touch.pk}").status_code == 204
    refused(hr.delete(f"/candidates/{row.pk}/touches/{touch.pk}"), 404)
    assert ok(hr.get(f"/candidates/{row.pk}/touches"))["items"] == []


def test_bad_touches(api: Api) -> None:
    row, stall, hr = hiring.candidate(), factories.channel(), api.as_("hr")
    path = f"/candidates/{row.pk}/touches"
    refused(hr.post(path, {}), 422, "required", "channel_id")
    refused(hr.post(path, {"channel_id": 999}), 422, "invalid", "channel_id")
    refused(hr.post(path, {"channel_id": stall.pk, "event_id": 999}), 422, "invalid", "event_id")
    refused(hr.post(path, {"link_code": "zzzzzzzz"}), 422, "unknown_link", "link_code")
    refused(hr.post(path, {"channel_id": stall.pk, "at": "2026-03-03T09:00:00"}), 422, "in_future", "at")
    refused(hr.post("/candidates/999/touches", {"channel_id": stall.pk}), 404)
    refused(hr.get("/candidates/999/touches"), 404)


def test_move_through_the_stages(api: Api) -> None:
    row, hr = hiring.candidate(), api.as_("hr")
    moved = ok(hr.post(f"/candidates/{row.pk}/stage", {"stage": "interview", "at": "2026-02-27T14:00:00"}))
    assert moved["stage"] == "interview"
    [move] = ok(hr.get(f"/candidates/{row.pk}/moves"))["items"]
    assert (move["from_stage"], move["to_stage"], move["at"]) == ("new", "interview", "2026-02-27T14:00:00Z")
    path = f"/candidates/{row.pk}/stage"
    refused(hr.post(path, {"stage": "interview"}), 409, "wrong_state", "stage")
    refused(hr.post(path, {"stage": "accepted"}), 409, "needs_hire", "stage")
    refused(hr.post(path, {"stage": "hired"}), 422, "invalid", "stage")
    refused(hr.post(path, {"stage": "offered", "at": "2026-03-03T09:00:00"}), 422, "in_future", "at")
    refused(hr.post("/candidates/999/stage", {"stage": "offered"}), 404)


def test_a_hired_candidate_moves_only_with_the_hire(api: Api) -> None:
    row = hiring.hire("2026-02-20").candidate
    refused(api.as_("hr").post(f"/candidates/{row.pk}/stage", {"stage": "withdrawn"}), 409, "needs_hire")


def test_a_lost_race_is_refused(api: Api) -> None:
    row, hr = hiring.candidate(), api.as_("hr")
    path = f"/candidates/{row.pk}"
    seen = hr.get(path).headers["ETag"]
    ok(hr.patch(path, {"name": "Grace"}, headers={"If-Match": seen}))
    refused(hr.patch(path, {"name": "Gloria"}, headers={"If-Match": seen}), 412, "changed_meanwhile")
    refused(hr.post(f"{path}/stage", {"stage": "offered"}, headers={"If-Match": seen}), 412)
    assert ok(hr.get(path))["name"] == "Grace"


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"reference": ""}, 422, "invalid", "reference"),
        ({"reference": "  "}, 422, "required", "reference"),
        ({"reference": "A" * 61}, 422, "invalid", "reference"),
        ({"reference": None}, 422, "invalid", "reference"),
        ({"vacancy_id": 999}, 422, "invalid", "vacancy_id"),
        ({"stated_channel_id": 999}, 422, "invalid", "stated_channel_id"),
        ({"vacancy_id": "x"}, 422, "invalid", "vacancy_id"),
        ({"applied_at": "2026-03-03T09:00:00Z"}, 422, "in_future", "applied_at"),
        ({"applied_at": "31 February"}, 422, "invalid", "applied_at"),
        ({"email": "nobody"}, 422, "bad_email", "email"),
        ({"name": "two\nlines"}, 422, "bad_text", "name"),
        ({"name": "null\x00"}, 422, "invalid", "name"),
        ({"name": "a" * 100_000}, 422, "invalid", "name"),
        ({"stage": "offered"}, 422, "invalid", "stage"),
    ],
)
def test_bad_input(api: Api, wrong: dict, status: int, code: str, field: str) -> None:
    refused(api.as_("hr").post("/candidates", {"reference": "AR-1"} | wrong), status, code, field)
    row = hiring.candidate()
    refused(api.as_("hr").patch(f"/candidates/{row.pk}", wrong), status, code, field)


def test_a_reference_belongs_to_one(api: Api) -> None:
    first, second, hr = hiring.candidate(), hiring.candidate(), api.as_("hr")
    refused(hr.post("/candidates", {"reference": first.reference}), 409, "reference_taken", "reference")
    refused(hr.patch(f"/candidates/{second.pk}", {"reference": first.reference}), 409, "reference_taken")


def test_an_application_cannot_come_after_the_acceptance(api: Api) -> None:
    row = hiring.hire("2026-02-20").candidate
    late = (timezone.now() - timedelta(days=1)).isoformat()
    refused(api.as_("hr").patch(f"/candidates/{row.pk}", {"applied_at": late}), 422, "after_acceptance", "applied_at")
    assert date(2026, 2, 20) == row.hire.accepted_on


def test_outsiders_and_everyone_but_hr(api: Api, outsider: Api) -> None:
    row = hiring.candidate(name="Grace Adeyemi")
    requests = [
        ("GET", "/candidates"),
        ("POST", "/candidates"),
        ("GET", f"/candidates/{row.pk}"),
        ("PATCH", f"/candidates/{row.pk}"),
        ("GET", f"/candidates/{row.pk}/touches"),
        ("POST", f"/candidates/{row.pk}/touches"),
        ("DELETE", f"/candidates/{row.pk}/touches/1"),
        ("GET", f"/candidates/{row.pk}/moves"),
        ("POST", f"/candidates/{row.pk}/stage"),
    ]
    for method, path in requests:
        refused(outsider.send(method, path, {}), 401)
        for role in ("comms", "approver", "reader"):
            answer = api.as_(role).send(method, path, {})
            refused(answer, 403, "role")
            assert b"Grace" not in answer.content
