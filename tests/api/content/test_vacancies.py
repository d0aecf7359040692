from __future__ import annotations

from typing import Any

import pytest
import time_machine

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

NURSE = {
    "title": "Staff nurse, acute ward",
    "reference": "354-NUR-1",
    "staff_group": "nursing",
    "pay_band": "Band 5",
    "salary_min_pence": 2996900,
    "salary_max_pence": 3648300,
    "hours_per_week": "37.5",
    "location": "Crawley",
    "opens_at": "2026-03-02T09:00:00Z",
    "closes_at": "2026-03-30T23:59:00+01:00",
    "apply_url": "https://jobs.example.org/354-NUR-1",
}


def test_create_read_and_change(api: Api) -> None:
    made = ok(api.as_("comms").post("/vacancies", NURSE), 201)
    assert (made["kind"], made["status"], made["closes_at"]) == ("vacancy", "open", "2026-03-30T22:59:00Z")
    changed = ok(api.as_("comms").patch(f"/vacancies/{made['id']}", {"headcount": 2, "salary_max_pence": None}))
    assert (changed["headcount"], changed["salary_max_pence"], changed["salary_min_pence"]) == (2, None, 2996900)
    read = ok(api.as_("reader").get(f"/vacancies/{made['id']}"))
    assert read == changed | {"hours_per_week": read["hours_per_week"]}
    assert float(read["hours_per_week"]) == 37.5


def test_list_filters(api: Api) -> None:
    team, campaign = factories.team(), factories.campaign()
    nurse = factories.vacancy(team=team, campaign=campaign, title="Nurse", closes_at=factories.in_days(20))
    doctor = factories.approved_vacancy(staff_group="medical", childcare_offered=True, title="Doctor", audience="staff")
    ok(api.as_("hr").post(f"/vacancies/{doctor.pk}/fill"))
    reader = api.as_("reader")
    for query, expected in [
        ({"team_id": team.pk}, nurse),
        ({"campaign_id": campaign.pk}, nurse),
        ({"status": "filled"}, doctor),
        ({"state": "approved"}, doctor),
        ({"staff_group": "medical"}, doctor),
        ({"childcare_offered": "true"}, doctor),
        ({"audience": "staff"}, doctor),
        ({"q": "nurse"}, nurse),
    ]:
        assert ids(reader.get("/vacancies", **query)) == [expected.pk], query
    assert ids(reader.get("/vacancies", sort="closes_at")) == [nurse.pk, doctor.pk]
    assert ids(reader.get("/vacancies", sort="-closes_at")) == [doctor.pk, nurse.pk]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"closes_at": "2026-03-02T09:00:00Z"}, "closes_at"),
        ({"opens_at": "2020-01-01", "closes_at": "2020-02-01"}, "closes_at"),
        ({"salary_max_pence": 100}, "salary_max_pence"),
        ({"salary_min_pence": -1}, "salary_min_pence"),
        ({"hours_per_week": 81}, "hours_per_week"),
        ({"hours_per_week": "37.555"}, "hours_per_week"),
        ({"headcount": 0}, "headcount"),
        ({"apply_url": "ftp://jobs.example.org"}, "apply_url"),
        ({"apply_url": ""}, "apply_url"),
        ({"location": " "}, "location"),
        ({"reference": " "}, "reference"),
        ({"team_id": 999}, "team_id"),
        ({"staff_group": "heroes"}, "staff_group"),
        ({"status": "filled"}, "status"),
    ],
)
def test_bad_input(api: Api, change: dict, field: str) -> None:
    refused(api.as_("comms").post("/vacancies", NURSE | change), 422, "invalid", field)
    made = ok(api.as_("comms").post("/vacancies", NURSE), 201)
    refused(api.as_("comms").patch(f"/vacancies/{made['id']}", change), 422, "invalid", field)


def test_a_reference_is_used_once(api: Api) -> None:
    ok(api.as_("comms").post("/vacancies", NURSE), 201)
    refused(api.as_("comms").post("/vacancies", NURSE), 422, "invalid", "reference")


def test_the_past_is_recorded_only_when_asked_for(api: Api) -> None:
    past = NURSE | {"opens_at": "2018-09-01", "closes_at": "2018-09-30"}
    refused(api.as_("comms").post("/vacancies", past), 422, "invalid", "closes_at")
    made = ok(api.as_("comms").post("/vacancies", past | {"allow_past": True}), 201)
    ok(api.as_("comms").patch(f"/vacancies/{made['id']}", {"headcount": 13}))


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("fill", "filled", "This job has been filled."),
        ("withdraw", "withdrawn", "This job closed early."),
    ],
)
def test_ending_cancels_what_waits_and_happens_once(api: Api, action: str, status: str, words: str) -> None:
    row = factories.approved_vacancy()
    publication = factories.publication(of=row)
    assert ok(api.as_("hr").post(f"/vacancies/{row.pk}/{action}"))["status"] == status
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == ("cancelled", words)
    refused(api.as_("hr").post(f"/vacancies/{row.pk}/{action}"), 409, "wrong_state")


def test_approval_stays_when_the_approver_corrects(api: Api, approver: Any, clock: time_machine.Traveller) -> None:
    row = factories.approved_vacancy()
    change = {"location": "Worthing", "keep_approval": True}
    clock.shift(60)
    assert ok(api.as_(approver).patch(f"/vacancies/{row.pk}", change))["state"] == "approved"
    assert ok(api.as_("comms").patch(f"/vacancies/{row.pk}", {"location": "Crawley"}))["state"] == "in_review"


def test_unknown_ids(api: Api) -> None:
    for method, path in [("GET", ""), ("PATCH", ""), ("POST", "/fill"), ("POST", "/withdraw")]:
        refused(api.as_("comms").send(method, f"/vacancies/999{path}", {}), 404, "not_found")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.vacancy()
    refused(outsider.get("/vacancies"), 401)
    refused(outsider.get(f"/vacancies/{row.pk}"), 401)
    refused(outsider.post(f"/vacancies/{row.pk}/fill"), 401)
    refused(api.as_("hr").post("/vacancies", NURSE), 403, "role")
    refused(api.as_("reader").patch(f"/vacancies/{row.pk}", {}), 403, "role")
    refused(api.as_("reader").post(f"/vacancies/{row.pk}/withdraw"), 403, "role")
