from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

CHIPS = {
    "title": "Fish and chips by the sea",
    "event_kind": "pop_up",
    "place": "The seafront",
    "starts_at": "2026-06-06T12:00:00",
    "ends_at": "2026-06-06T15:00:00+01:00",
}


def test_create_reads_times_without_an_offset_on_the_wall_clock(api: Api) -> None:
    team = factories.team()
    made = ok(api.as_("comms").post("/events", CHIPS | {"host_team_id": team.pk, "childcare_offered": True}), 201)
    assert (made["starts_at"], made["ends_at"]) == ("2026-06-06T11:00:00Z", "2026-06-06T14:00:00Z")
    assert (made["kind"], made["state"], made["slug"]) == ("event", "draft", "fish-and-chips-by-the-sea")
    assert ok(api.as_("reader").get(f"/events/{made['id']}")) == made
    assert ok(api.as_("reader").get(f"/content/{made['id']}"))["guid"] == made["guid"]


def test_list_filters(api: Api) -> None:
    team, campaign = factories.team(), factories.campaign()
    popup = factories.event(childcare_offered=True, host_team=team, starts_at=factories.in_days(10), title="By the sea")
    fair = factories.approved_event(
        event_kind="careers_fair", campaign=campaign, audience="staff", starts_at=factories.in_days(20), title="Fair"
    )
    reader = api.as_("reader")
    for query, expected in [
        ({"event_kind": "careers_fair"}, fair),
        ({"campaign_id": campaign.pk}, fair),
        ({"state": "approved"}, fair),
        ({"audience": "staff"}, fair),
        ({"host_team_id": team.pk}, popup),
        ({"childcare_offered": "true"}, popup),
        ({"from": "2026-03-13"}, fair),
        ({"to": "2026-03-13T00:00:00Z"}, popup),
        ({"q": "sea"}, popup),
    ]:
        assert ids(reader.get("/events", **query)) == [expected.pk], query
    assert ids(reader.get("/events", sort="starts_at")) == [popup.pk, fair.pk]
    assert ids(reader.get("/events", sort="-starts_at")) == [fair.pk, popup.pk]


def test_a_change_sends_approved_content_back_to_review(api: Api) -> None:
    row = factories.approved_event()
    changed = ok(api.as_("comms").patch(f"/events/{row.pk}", {"capacity": 80}))
    assert (changed["capacity"], changed["state"]) == (80, "in_review")


def test_whoever_approved_it_may_correct_it_and_keep_the_approval(api: Api, approver: Any) -> None:
    row = factories.approved_event()
    change = {"place": "The pier", "keep_approval": True}
    refused(api.as_("comms").patch(f"/events/{row.pk}", change), 403, "not_allowed")
    assert ok(api.as_(approver).patch(f"/events/{row.pk}", change))["state"] == "approved"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": "2026-06-06T11:00:00"}, "ends_at"),
        ({"starts_at": "2026-03-01T12:00:00"}, "starts_at"),
        ({"starts_at": "2026-03-29T01:30:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": 1780000000}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00"}, "starts_at"),
        ({"place": "", "online_url": ""}, "place"),
        ({"online_url": "javascript:alert(1)"}, "online_url"),
        ({"host_team_id": 999}, "host_team_id"),
        ({"campaign_id": 999}, "campaign_id"),
        ({"picture_id": 999}, "picture_id"),
        ({"campaign_id": 0}, "campaign_id"),
        ({"capacity": 2**40}, "capacity"),
        ({"event_kind": "rave"}, "event_kind"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"state": "approved"}, "state"),
    ],
)
def test_bad_input(api: Api, change: dict, field: str) -> None:
    row = factories.event(starts_at=factories.in_days(100))
    refused(api.as_("comms").post("/events", CHIPS | change), 422, "invalid", field)
    if field != "ends_at":
        refused(api.as_("comms").patch(f"/events/{row.pk}", change), 422, "invalid", field)


def test_the_past_is_recorded_only_when_asked_for(api: Api) -> None:
    past = CHIPS | {"starts_at": "2018-09-15T12:00:00", "ends_at": "2018-09-15T15:00:00"}
    refused(api.as_("comms").post("/events", past), 422, "invalid", "starts_at")
    made = ok(api.as_("comms").post("/events", past | {"allow_past": True}), 201)
    ok(api.as_("comms").patch(f"/events/{made['id']}", {"summary": "It went well."}))
    earlier = {"starts_at": "2018-09-15T11:00:00"}
    refused(api.as_("comms").patch(f"/events/{made['id']}", earlier), 422, "invalid", "starts_at")
    ok(api.as_("comms").patch(f"/events/{made['id']}", earlier | {"allow_past": True}))


def test_cancel_cancels_what_waits_and_only_once(api: Api) -> None:
    row = factories.approved_event()
    publication = factories.publication(of=row)
    assert ok(api.as_("comms").post(f"/events/{row.pk}/cancel"))["cancelled_at"] == "2026-03-02T09:00:00Z"
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == ("cancelled", "This event is cancelled.")
    refused(api.as_("comms").post(f"/events/{row.pk}/cancel"), 409, "wrong_state")


def test_archived_events_do_not_change(api: Api) -> None:
    row = factories.approved_event()
    ok(api.as_("comms").post(f"/content/{row.pk}/archive", {}))
    refused(api.as_("comms").patch(f"/events/{row.pk}", {"capacity": 3}), 409, "wrong_state")


def test_unknown_ids_and_other_kinds(api: Api) -> None:
    vacancy = factories.vacancy()
    refused(api.as_("comms").get("/events/999"), 404, "not_found")
    refused(api.as_("comms").get(f"/events/{vacancy.pk}"), 404, "not_found")
    refused(api.as_("comms").post("/events/999/cancel"), 404, "not_found")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.event()
    refused(outsider.get("/events"), 401)
    refused(outsider.post(f"/events/{row.pk}/cancel"), 401)
    refused(api.as_("reader").post("/events", CHIPS), 403, "role")
    refused(api.as_("hr").post(f"/events/{row.pk}/cancel"), 403, "role")
