from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.api.recruiting import hiring
from tests.conftest import Api


def test_record_read_and_start(api: Api, hr: Any) -> None:
    post = factories.vacancy()
    person = hiring.candidate(vacancy=post)
    made = ok(api.as_(hr).post("/hires", {"candidate_id": person.pk, "accepted_on": "2026-02-20"}), 201)
    assert made == {
        "id": made["id"],
        "candidate_id": person.pk,
        "vacancy_id": post.pk,
        "state": "accepted",
        "accepted_on": "2026-02-20",
        "started_on": None,
        "created_at": "2026-03-02T09:00:00Z",
        "recorded_by_id": hr.pk,
    }
    path = f"/hires/{made['id']}"
    assert ok(api.as_("admin").get(path)) == made
    assert ok(api.as_("hr").get(f"/candidates/{person.pk}"))["stage"] == "accepted"
    started = ok(api.as_("hr").post(f"{path}/start", {"started_on": "2026-03-02"}))
    assert started == made | {"state": "started", "started_on": "2026-03-02"}
    assert ok(api.as_("hr").get(f"/candidates/{person.pk}"))["stage"] == "started"


def test_record_one_who_has_started(api: Api) -> None:
    body = {"candidate_id": hiring.candidate().pk, "vacancy_id": factories.vacancy().pk}
    made = ok(api.as_("hr").post("/hires", body | {"accepted_on": "2026-02-01", "started_on": "2026-03-01"}), 201)
    assert (made["state"], made["started_on"], made["vacancy_id"]) == ("started", "2026-03-01", body["vacancy_id"])


def test_reverse_and_record_again(api: Api) -> None:
    hire, hr = hiring.hire("2026-02-20"), api.as_("hr")
    path = f"/hires/{hire.pk}"
    reversed_ = ok(hr.post(f"{path}/reverse", {"stage": "offered"}))
    assert reversed_["state"] == "reversed"
    assert ok(hr.get(f"/candidates/{hire.candidate_id}"))["stage"] == "offered"
    refused(hr.post(f"{path}/reverse", {}), 409, "wrong_state")
    refused(hr.post(f"{path}/start", {"started_on": "2026-03-01"}), 409, "wrong_state")
    again = ok(hr.post("/hires", {"candidate_id": hire.candidate_id, "accepted_on": "2026-02-25"}), 201)
    assert (again["id"], again["state"], again["accepted_on"]) == (hire.pk, "accepted", "2026-02-25")


def test_a_reversal_leaves_the_candidate_withdrawn_unless_told(api: Api) -> None:
    hire = hiring.hire("2026-02-20")
    ok(api.as_("hr").post(f"/hires/{hire.pk}/reverse", {}))
    assert ok(api.as_("hr").get(f"/candidates/{hire.candidate_id}"))["stage"] == "withdrawn"


def test_list_by_days_post_team_campaign_and_state(api: Api) -> None:
    team, campaign = factories.team(), factories.campaign()
    with_team = hiring.hire("2026-01-31", post=factories.vacancy(team_id=team.pk))
    with_campaign = hiring.hire("2026-02-01", post=factories.vacancy(campaign_id=campaign.pk))
    last = hiring.hire("2026-02-28")
    hr = api.as_("hr")
    ok(hr.post(f"/hires/{last.pk}/reverse", {}))
    assert ids(hr.get("/hires")) == [last.pk, with_campaign.pk, with_team.pk]
    assert ids(hr.get("/hires", **{"from": "2026-02-01", "to": "2026-02-28"})) == [last.pk, with_campaign.pk]
    assert ids(hr.get("/hires", to="2026-01-31")) == [with_team.pk]
    assert ids(hr.get("/hires", vacancy_id=last.vacancy_id)) == [last.pk]
    assert ids(hr.get("/hires", team_id=team.pk)) == [with_team.pk]
    assert ids(hr.get("/hires", team_id="none")) == [last.pk, with_campaign.pk]
    assert ids(hr.get("/hires", campaign_id=campaign.pk)) == [with_campaign.pk]
    assert ids(hr.get("/hires", campaign_id="none", state="accepted")) == [with_team.pk]
    assert ids(hr.get("/hires", state="reversed")) == [last.pk]


@pytest.mark.parametrize("sort", ["accepted_on", "-accepted_on"])
def test_pages_by_day_of_acceptance(api: Api, sort: str) -> None:
    rows = [hiring.hire(day) for day in ("2026-02-03", "2026-02-01", "2026-02-03", "2026-02-02")]
    in_order = [row.pk for row in sorted(rows, key=lambda row: (row.accepted_on, row.pk))]
    expected = in_order if sort == "accepted_on" else in_order[::-1]
    first = ok(api.as_("hr").get("/hires", sort=sort, limit=3, count="true"))
    second = ok(api.as_("hr").get("/hires", sort=sort, limit=3, cursor=first["next"]))
    assert [item["id"] for item in first["items"] + second["items"]] == expected
    assert (first["count"], second["next"]) == (4, None)


def test_the_rows_behind_a_figure(api: Api) -> None:
    stall, radio = factories.channel(), factories.channel()
    both = hiring.hire("2026-02-10", met=[stall, radio], stated=radio)
    stated_only = hiring.hire("2026-02-11", stated=stall)
    gone = hiring.hire("2026-02-12", met=[stall])
    hr = api.as_("hr")
    ok(hr.post(f"/hires/{gone.pk}/reverse", {}))
    february = {"from": "2026-02-01", "to": "2026-02-28"}
    credited = {
        item["id"]: item["credited_channel_id"] for item in ok(hr.get("/hires", model="first", **february))["items"]
    }
    assert credited == {both.pk: stall.pk, stated_only.pk: None}
    assert ids(hr.get("/hires", model="last", channel_id=radio.pk, **february)) == [both.pk]
    assert ids(hr.get("/hires", model="last", channel_id=stall.pk, **february)) == []
    assert ids(hr.get("/hires", model="stated", channel_id=stall.pk, **february)) == [stated_only.pk]
    assert ids(hr.get("/hires", model="first", recorded="false", **february)) == [stated_only.pk]
    assert ids(hr.get("/hires", model="first", recorded="true", **february)) == [both.pk]
    assert ok(hr.get("/hires", **february))["items"][0]["credited_channel_id"] is None


def test_questions_that_mean_nothing(api: Api) -> None:
    hr = api.as_("hr")
    refused(hr.get("/hires", **{"from": "2026-02-02", "to": "2026-02-01"}), 422, "bad_period", "to")
    refused(hr.get("/hires", model="first"), 422, "required", "from")
    refused(hr.get("/hires", model="first", **{"from": "2026-02-01"}), 422, "required", "to")
    refused(hr.get("/hires", channel_id=1), 422, "required", "model")
    refused(hr.get("/hires", recorded="true"), 422, "required", "model")
    refused(hr.get("/hires", model="markov"), 422, "invalid", "model")
    refused(hr.get("/hires", team_id="all"), 422, "invalid")
    refused(hr.get("/hires", to="2026-02-30"), 422, "invalid", "to")
    refused(hr.get("/hires", since="2026-02-01"), 422, "bad_parameter", "since")


def test_bad_input(api: Api) -> None:
    hr, person, post = api.as_("hr"), hiring.candidate(), factories.vacancy()
    good = {"candidate_id": person.pk, "vacancy_id": post.pk, "accepted_on": "2026-02-20"}
    refused(hr.post("/hires", good | {"candidate_id": 999}), 422, "invalid", "candidate_id")
    refused(hr.post("/hires", good | {"vacancy_id": 999}), 422, "invalid", "vacancy_id")
    refused(hr.post("/hires", {**good, "vacancy_id": None}), 422, "required", "vacancy_id")
    refused(hr.post("/hires", good | {"accepted_on": "2026-03-03"}), 422, "in_future", "accepted_on")
    refused(hr.post("/hires", good | {"accepted_on": "2026-02-30"}), 422, "invalid", "accepted_on")
    refused(hr.post("/hires", good | {"started_on": "2026-02-19"}), 422, "before_acceptance", "started_on")
    assert ids(hr.get("/hires")) == []
    hire = hiring.hire("2026-02-20")
    refused(hr.post(f"/hires/{hire.pk}/start", {"started_on": "2026-02-19"}), 422, "before_acceptance", "started_on")
    refused(hr.post(f"/hires/{hire.pk}/start", {}), 422, "invalid", "started_on")
    refused(hr.post(f"/hires/{hire.pk}/reverse", {"stage": "new"}), 422, "invalid", "stage")
    refused(hr.get("/hires/999"), 404)
    refused(hr.post("/hires/999/start", {"started_on": "2026-02-20"}), 404)
    refused(hr.post("/hires/999/reverse", {}), 404)


def test_one_hire_a_candidate(api: Api) -> None:
    hire = hiring.hire("2026-02-20")
    body = {"candidate_id": hire.candidate_id, "accepted_on": "2026-02-20"}
    refused(api.as_("hr").post("/hires", body), 409, "already_hired", "candidate_id")


def test_the_same_request_twice_records_one_hire(api: Api) -> None:
    body = {"candidate_id": hiring.candidate(vacancy=factories.vacancy()).pk, "accepted_on": "2026-02-20"}
    first, second = (api.as_("hr").post("/hires", body, headers={"Idempotency-Key": "h-1"}) for _ in range(2))
    assert ok(first, 201) == ok(second, 201)


def test_a_lost_race_is_refused(api: Api) -> None:
    hire, hr = hiring.hire("2026-02-20"), api.as_("hr")
    seen = hr.get(f"/hires/{hire.pk}").headers["ETag"]
    ok(hr.post(f"/hires/{hire.pk}/start", {"started_on": "2026-03-01"}, headers={"If-Match": seen}))
    refused(hr.post(f"/hires/{hire.pk}/reverse", {}, headers={"If-Match": seen}), 412)


def test_outsiders_and_everyone_but_hr(api: Api, outsider: Api) -> None:
    path = f"/hires/{hiring.hire('2026-02-20').pk}"
    for method, where in (
        ("GET", "/hires"),
        ("POST", "/hires"),
        ("GET", path),
        ("POST", f"{path}/start"),
        ("POST", f"{path}/reverse"),
    ):
        refused(outsider.send(method, where, {}), 401)
        for role in ("comms", "approver", "reader"):
            refused(api.as_(role).send(method, where, {}), 403, "role")
