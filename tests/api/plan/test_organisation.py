from __future__ import annotations

from typing import Any

from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api


def test_everyone_reads_and_the_administrator_changes(api: Api) -> None:
    before = ok(api.as_("reader").get("/organisation"))
    assert before == {
        "name": "Our organisation",
        "accent": "",
        "logo_id": None,
        "zone": "Europe/London",
        "approves_own_edits": False,
    }
    after = ok(api.as_("admin").patch("/organisation", {"name": "Langley Green Hospital"}))
    assert after == before | {"name": "Langley Green Hospital"}
    assert ok(api.as_("hr").get("/organisation")) == after


def test_bad_input(api: Api) -> None:
    admin = api.as_("admin")
    refused(admin.patch("/organisation", {"zone": "Europe/Brighton"}), 422, "invalid", "zone")
    refused(admin.patch("/organisation", {"zone": ""}), 422, "invalid", "zone")
    refused(admin.patch("/organisation", {"approves_own_edits": None}), 422, "invalid", "approves_own_edits")
    refused(admin.patch("/organisation", {"motto": "x"}), 422, "invalid", "motto")


def test_outsiders_and_other_roles(api: Api, outsider: Api) -> None:
    refused(outsider.get("/organisation"), 401)
    refused(api.as_("approver").patch("/organisation", {"approves_own_edits": True}), 403, "role")


def test_colour_and_logo(api: Api) -> None:
    admin = api.as_("admin")
    assert ok(admin.patch("/organisation", {"accent": "#ffd800"}))["accent"] == "#ffd800"
    refused(admin.patch("/organisation", {"accent": "yellow"}), 422, "invalid", "accent")
    refused(admin.patch("/organisation", {"logo_id": 999999}), 422, "invalid", "logo_id")


def test_times_without_offset_or_zone_are_on_the_clock_that_was_chosen(
    api: Api, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert ok(api.as_("admin").patch("/organisation", {"zone": "Asia/Kolkata"}))["zone"] == "Asia/Kolkata"
    comms, channel = api.as_("comms"), factories.channel()
    place = {"event_kind": "pop_up", "place": "Langley Green", "host_team_id": factories.team().pk}
    event = ok(
        comms.post(
            "/events",
            {"title": "Open day", "starts_at": "2030-07-01T09:00:00", "ends_at": "2030-07-01T12:00:00", **place},
        ),
        201,
    )
    assert event["starts_at"] == "2030-07-01T03:30:00Z"
    about = {"content_id": event["id"], "channel_id": channel.pk, "publish_at": "2030-06-01T09:00:00"}
    publication = ok(comms.post("/publications", about), 201)
    assert (publication["zone"], publication["publish_at"]) == ("Asia/Kolkata", "2030-06-01T03:30:00Z")
