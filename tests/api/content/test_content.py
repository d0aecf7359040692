from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.adapter import Remote
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api
from tests.factories import publishing

MAKERS = [factories.event, factories.vacancy, factories.blog_entry, factories.bulletin]


@pytest.mark.parametrize("make", MAKERS)
def test_every_kind_goes_from_draft_to_approved_and_on(api: Api, make: Any) -> None:
    row = make()
    path = f"/content/{row.pk}"
    approver = api.as_("approver")
    assert ok(api.as_("comms").post(f"{path}/submit", {"comment": "Please look."}))["state"] == "in_review"
    assert ok(approver.post(f"{path}/return", {"comment": "Name the ward."}))["state"] == "returned"
    assert ok(api.as_("comms").post(f"{path}/submit", {}))["state"] == "in_review"
    approved = ok(approver.post(f"{path}/approve", {"comment": "Reads well."}))
    assert (approved["state"], approved["approved_at"]) == ("approved", "2026-03-02T09:00:00Z")
    assert ok(api.as_("comms").post(f"{path}/archive", {}))["state"] == "archived"
    history = ok(api.as_("reader").get(f"{path}/history"))["items"]
    assert [(move["to_state"], move["comment"]) for move in history] == [
        ("in_review", "Please look."),
        ("returned", "Name the ward."),
        ("in_review", ""),
        ("approved", "Reads well."),
        ("archived", ""),
    ]
    assert history[3]["by_id"] == approved["approved_by_id"]


def test_list_shows_all_kinds_and_filters(api: Api) -> None:
    campaign = factories.campaign()
    made = [make() for make in MAKERS]
    only = factories.approved_blog_entry(campaign=campaign, audience="staff", title="Thank-you cards")
    reader = api.as_("reader")
    assert ids(reader.get("/content", sort="id")) == [row.pk for row in (*made, only)]
    assert ids(reader.get("/content", kind="vacancy")) == [made[1].pk]
    for query in ({"state": "approved"}, {"campaign_id": campaign.pk}, {"q": "CARDS"}):
        assert ids(reader.get("/content", **query)) == [only.pk], query
    assert ids(reader.get("/content", audience="staff")) == [only.pk, made[3].pk]


@pytest.mark.parametrize(
    ("state", "refusing"),
    [
        ("draft", ["approve", "return", "archive"]),
        ("in_review", ["submit", "archive"]),
        ("approved", ["approve", "return"]),
        ("archived", ["submit", "approve", "return", "archive"]),
    ],
)
def test_moves_that_the_state_does_not_allow(api: Api, state: str, refusing: list[str]) -> None:
    row = factories.blog_entry()
    if state != "draft":
        factories.in_review(row)
    if state in ("approved", "archived"):
        ok(api.as_("approver").post(f"/content/{row.pk}/approve", {}))
    if state == "archived":
        ok(api.as_("comms").post(f"/content/{row.pk}/archive", {}))
    moves = len(ok(api.as_("reader").get(f"/content/{row.pk}/history"))["items"])
    for action in refusing:
        refused(api.as_("admin").post(f"/content/{row.pk}/{action}", {"comment": "x"}), 409, "wrong_state")
    assert ok(api.as_("reader").get(f"/content/{row.pk}"))["state"] == state
    assert len(ok(api.as_("reader").get(f"/content/{row.pk}/history"))["items"]) == moves


def test_nobody_approves_their_own_edit_unless_the_organisation_allows_it(api: Api, approver: Any) -> None:
    row = factories.in_review(factories.blog_entry(by=approver), by=approver)
    refused(api.as_(approver).post(f"/content/{row.pk}/approve", {}), 403, "own_edit")
    ok(api.as_("admin").patch("/organisation", {"approves_own_edits": True}))
    assert ok(api.as_(approver).post(f"/content/{row.pk}/approve", {}))["state"] == "approved"


def test_withdrawing_cancels_what_waits_and_submitting_starts_again(api: Api) -> None:
    row = factories.approved_blog_entry()
    publication = factories.publication(of=row)
    assert ok(api.as_("comms").post(f"/content/{row.pk}/withdraw", {}))["state"] == "withdrawn"
    publication.refresh_from_db()
    assert (publication.state, publication.reason_code) == ("cancelled", "content_withdrawn")
    assert ok(api.as_("comms").post(f"/content/{row.pk}/submit", {}))["state"] == "in_review"


def test_approval_releases_what_waited_for_it(api: Api, remote: Remote) -> None:
    publication = publishing.held_unapproved()
    row = factories.in_review(publication.content)
    ok(api.as_("approver").post(f"/content/{row.pk}/approve", {}))
    publication.refresh_from_db()
    assert publication.state == "scheduled"


def test_bad_input(api: Api) -> None:
    row = factories.in_review(factories.blog_entry())
    approver = api.as_("approver")
    refused(approver.post(f"/content/{row.pk}/return", {}), 422, "invalid", "comment")
    refused(approver.post(f"/content/{row.pk}/return", {"comment": " "}), 422, "invalid", "comment")
    refused(approver.post(f"/content/{row.pk}/approve", {"comment": "x" * 2001}), 422, "invalid", "comment")
    refused(approver.post(f"/content/{row.pk}/approve", {"note": "x"}), 422, "invalid", "note")
    detail = refused(approver.post(f"/content/{row.pk}/approve"), 422, "invalid")["detail"]
    assert detail == "Send a JSON object as the body."


def test_outsiders_other_roles_and_unknown_ids(api: Api, outsider: Api) -> None:
    row = factories.blog_entry()
    for action in ("submit", "approve", "return", "withdraw", "archive"):
        refused(outsider.post(f"/content/{row.pk}/{action}", {}), 401)
        refused(api.as_("reader").post(f"/content/{row.pk}/{action}", {}), 403, "role")
        refused(api.as_("admin").post(f"/content/999/{action}", {"comment": "x"}), 404, "not_found")
    refused(api.as_("comms").post(f"/content/{row.pk}/approve", {}), 403, "role")
    for path in ("/content", f"/content/{row.pk}", f"/content/{row.pk}/history"):
        refused(outsider.get(path), 401)
    refused(api.as_("comms").get("/content/999/history"), 404, "not_found")
