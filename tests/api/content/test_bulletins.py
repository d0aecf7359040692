from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

OCTOBER = {"title": "News in October", "period_start": "2026-10-01", "period_end": "2026-10-31"}


def sections(team_id: int) -> list[dict[str, Any]]:
    return [
        {"kind": "text", "heading": "From the board", "body": "It met on Monday.", "team_id": None},
        {"kind": "spotlight", "heading": "Team in the spotlight", "body": "Meet them.", "team_id": team_id},
    ]


def test_create_keeps_sections_in_order_and_is_for_staff(api: Api) -> None:
    given = sections(factories.team().pk)
    made = ok(api.as_("comms").post("/bulletins", OCTOBER | {"sections": given}), 201)
    assert made["sections"] == given
    assert (made["kind"], made["audience"], made["period_end"]) == ("bulletin", "staff", "2026-10-31")
    assert ok(api.as_("reader").get(f"/bulletins/{made['id']}")) == made


def test_named_sections_replace_all_and_unnamed_stay(api: Api) -> None:
    row = factories.approved_bulletin()
    kept = ok(api.as_("comms").patch(f"/bulletins/{row.pk}", {"sections": sections(factories.team().pk)[::-1]}))
    assert [section["kind"] for section in kept["sections"]] == ["spotlight", "text"]
    assert kept["state"] == "in_review"
    assert ok(api.as_("comms").patch(f"/bulletins/{row.pk}", {"summary": "x"}))["sections"] == kept["sections"]
    assert ok(api.as_("comms").patch(f"/bulletins/{row.pk}", {"sections": []}))["sections"] == []


def test_list_filters_and_costs_the_same_for_more_rows(
    api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = factories.campaign()
    first = factories.bulletin(title="September")
    second = factories.approved_bulletin(title="October", campaign=campaign, audience="public")
    reader = api.as_("reader")
    for query in ({"campaign_id": campaign.pk}, {"state": "approved"}, {"audience": "public"}, {"q": "octo"}):
        assert ids(reader.get("/bulletins", **query)) == [second.pk], query
    assert ids(reader.get("/bulletins", sort="period_start")) == [first.pk, second.pk]
    with django_assert_num_queries(3):  # the key, the bulletins, their sections
        assert len(ids(reader.get("/bulletins"))) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"period_end": "2026-09-30"}, "period_end"),
        ({"period_start": "2026-02-30"}, "period_start"),
        ({"campaign_id": 999}, "campaign_id"),
        ({"picture_id": 999}, "picture_id"),
        ({"sections": [{"heading": "A", "body": "b", "kind": "spotlight"}]}, "sections.0.team_id"),
        ({"sections": [{"heading": "A", "body": "b", "kind": "spotlight", "team_id": 999}]}, "sections.0.team_id"),
        ({"sections": [{"heading": "A", "body": ""}]}, "sections.0.body"),
        ({"sections": [{"heading": "A", "body": "b"}, {"heading": " ", "body": "b"}]}, "sections.1.heading"),
        ({"sections": [{"heading": "A", "body": "b", "position": 3}]}, "sections.0.position"),
        ({"sections": [{"heading": "A", "body": "b"}] * 51}, "sections"),
        ({"sections": None}, "sections"),
        ({"title": None}, "title"),
    ],
)
def test_bad_input_leaves_the_bulletin_as_it_was(api: Api, change: dict, field: str) -> None:
    refused(api.as_("comms").post("/bulletins", OCTOBER | change), 422, "invalid", field)
    made = ok(api.as_("comms").post("/bulletins", OCTOBER | {"sections": sections(factories.team().pk)}), 201)
    refused(api.as_("comms").patch(f"/bulletins/{made['id']}", change), 422, "invalid", field)
    assert ok(api.as_("comms").get(f"/bulletins/{made['id']}")) == made


def test_a_text_section_names_no_team(api: Api) -> None:
    section = {"heading": "A", "body": "b", "team_id": factories.team().pk}
    refused(
        api.as_("comms").post("/bulletins", OCTOBER | {"sections": [section]}), 422, "invalid", "sections.0.team_id"
    )


def test_archived_bulletins_do_not_change(api: Api) -> None:
    row = factories.approved_bulletin()
    ok(api.as_("comms").post(f"/content/{row.pk}/archive", {}))
    refused(api.as_("comms").patch(f"/bulletins/{row.pk}", {"sections": []}), 409, "wrong_state")
    assert row.sections.count() == 1


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.bulletin()
    refused(outsider.get("/bulletins"), 401)
    refused(outsider.get(f"/bulletins/{row.pk}"), 401)
    refused(api.as_("hr").post("/bulletins", OCTOBER), 403, "role")
    refused(api.as_("reader").patch(f"/bulletins/{row.pk}", {}), 403, "role")
    refused(api.as_("comms").patch("/bulletins/999", {}), 404, "not_found")
