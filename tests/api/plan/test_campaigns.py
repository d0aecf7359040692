from __future__ import annotations

import pytest

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

NURSES = {"name": "Nurses for spring", "purpose": "recruitment", "starts_on": "2026-04-01", "ends_on": "2026-05-31"}


def test_create_answers_the_campaign_with_a_slug_and_clean_hashtags(api: Api) -> None:
    made = ok(api.as_("comms").post("/campaigns", NURSES | {"hashtags": ["#NHSJobs", " nhsjobs ", "Nursing"]}), 201)
    assert made["slug"] == "nurses-for-spring"
    assert made["hashtags"] == ["NHSJobs", "Nursing"]
    assert ok(api.as_("reader").get(f"/campaigns/{made['id']}")) == made


def test_the_same_name_again_gets_another_slug(api: Api) -> None:
    slugs = [ok(api.as_("comms").post("/campaigns", NURSES), 201)["slug"] for _ in range(2)]
    assert slugs == ["nurses-for-spring", "nurses-for-spring-2"]


def test_list_filters_by_purpose_and_words(api: Api) -> None:
    spring = factories.campaign(name="Nurses for spring")
    week = factories.campaign(name="Wellbeing at work", purpose="engagement")
    reader = api.as_("reader")
    assert ids(reader.get("/campaigns")) == [week.pk, spring.pk]
    assert ids(reader.get("/campaigns", purpose="engagement")) == [week.pk]
    assert ids(reader.get("/campaigns", q="SPRING")) == [spring.pk]


def test_patch_changes_only_what_is_named(api: Api) -> None:
    row = factories.campaign(target_hires=13)
    changed = ok(api.as_("comms").patch(f"/campaigns/{row.pk}", {"summary": "Told openly."}))
    assert (changed["summary"], changed["target_hires"], changed["name"]) == ("Told openly.", 13, row.name)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_on": "2026-03-01"}, "ends_on"),
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"target_hires": -1}, "target_hires"),
        ({"budget_pence": 0.5}, "budget_pence"),
        ({"rhythm_days": 0}, "rhythm_days"),
        ({"rhythm_days": 367}, "rhythm_days"),
        ({"purpose": "profit"}, "purpose"),
        ({"starts_on": 20000}, "starts_on"),
        ({"hashtags": "NHSJobs"}, "hashtags"),
        ({"hashtags": ["x" * 61]}, "hashtags"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(api: Api, change: dict, field: str) -> None:
    row = factories.campaign()
    refused(api.as_("comms").patch(f"/campaigns/{row.pk}", change), 422, "invalid", field)
    refused(api.as_("comms").post("/campaigns", NURSES | change), 422, "invalid", field)
    kept = (row.name, row.slug, row.hashtags)
    row.refresh_from_db()
    assert (row.name, row.slug, row.hashtags) == kept


def test_a_slug_that_is_taken_is_refused(api: Api) -> None:
    factories.campaign(slug="spring")
    refused(api.as_("comms").post("/campaigns", NURSES | {"slug": "spring"}), 422, "invalid", "slug")


def test_unknown_id(api: Api) -> None:
    refused(api.as_("comms").get("/campaigns/999"), 404, "not_found")
    refused(api.as_("comms").patch("/campaigns/999", {}), 404, "not_found")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.campaign()
    for method, path in (("GET", "/campaigns"), ("POST", "/campaigns"), ("GET", f"/campaigns/{row.pk}")):
        refused(outsider.send(method, path), 401, "not_signed_in")
    refused(api.as_("reader").post("/campaigns", NURSES), 403, "role")
    refused(api.as_("hr").patch(f"/campaigns/{row.pk}", {"summary": "x"}), 403, "role")
