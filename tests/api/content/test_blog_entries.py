from __future__ import annotations

import pytest

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

BACK = {"title": "Why I came back", "body": "It began with *handover*.", "author_line": "Maya Lindqvist, staff nurse"}


def test_create_read_and_change(api: Api) -> None:
    made = ok(api.as_("comms").post("/blog-entries", BACK), 201)
    assert (made["kind"], made["state"], made["body"]) == ("blog_entry", "draft", BACK["body"])
    changed = ok(api.as_("approver").patch(f"/blog-entries/{made['id']}", {"tags": ["#nursing", "Nursing"]}))
    assert changed["tags"] == ["nursing"]
    assert changed["edited_by_id"] != made["edited_by_id"]
    assert ok(api.as_("reader").get(f"/blog-entries/{made['id']}")) == changed


def test_list_filters(api: Api) -> None:
    campaign = factories.campaign()
    first = factories.blog_entry(campaign=campaign, title="One")
    second = factories.approved_blog_entry(audience="staff", title="Two")
    for query, expected in [
        ({"campaign_id": campaign.pk}, first),
        ({"state": "approved"}, second),
        ({"audience": "staff"}, second),
        ({"q": "one"}, first),
    ]:
        assert ids(api.as_("reader").get("/blog-entries", **query)) == [expected.pk], query


def test_nothing_that_differs_leaves_the_approval(api: Api) -> None:
    row = factories.approved_blog_entry()
    assert ok(api.as_("comms").patch(f"/blog-entries/{row.pk}", {"body": row.body}))["state"] == "approved"


@pytest.mark.parametrize("body", ["", "  \n", None, 5, ["x"], "x" * 100_001])
def test_bad_bodies(api: Api, body: object) -> None:
    row = factories.blog_entry()
    refused(api.as_("comms").post("/blog-entries", BACK | {"body": body}), 422, "invalid", "body")
    refused(api.as_("comms").patch(f"/blog-entries/{row.pk}", {"body": body}), 422, "invalid", "body")


def test_archived_entries_do_not_change(api: Api) -> None:
    row = factories.approved_blog_entry()
    ok(api.as_("comms").post(f"/content/{row.pk}/archive", {}))
    refused(api.as_("comms").patch(f"/blog-entries/{row.pk}", {"body": "New"}), 409, "wrong_state")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.blog_entry()
    refused(outsider.get(f"/blog-entries/{row.pk}"), 401)
    refused(outsider.get("/blog-entries"), 401)
    refused(api.as_("reader").post("/blog-entries", BACK), 403, "role")
    refused(api.as_("reader").patch(f"/blog-entries/{row.pk}", {}), 403, "role")
    refused(api.as_("comms").get("/blog-entries/999"), 404, "not_found")


def test_short_name_that_is_taken_is_named(api: Api) -> None:
    factories.blog_entry(slug="came-back")
    refused(api.as_("comms").post("/blog-entries", BACK | {"slug": "came-back"}), 422, "invalid", "slug")
