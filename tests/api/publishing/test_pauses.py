"""Holding everything, by API."""

from __future__ import annotations

from tests import factories
from tests.adapter import Remote
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api
from tests.factories import publishing


def test_everything_is_held_and_let_go(api: Api, remote: Remote) -> None:
    made = ok(api.as_("comms").post("/pauses", {"reason": "A colleague has died."}), 201)
    assert (made["scope"], made["ended_at"]) == ("everything", None)
    publication = publishing.held_paused()

    ended = ok(api.as_("approver").post(f"/pauses/{made['id']}/end", {"held": "release"}))

    assert ended["moved"] == 1
    assert ended["ended_at"] is not None
    assert ok(api.as_("reader").get(f"/publications/{publication.pk}"))["state"] == "scheduled"


def test_active_pauses_are_listed(api: Api) -> None:
    channel = factories.channel()
    over = ok(api.as_("comms").post("/pauses", {"reason": "Over."}), 201)
    ok(api.as_("comms").post(f"/pauses/{over['id']}/end", {"held": "keep"}))
    active = ok(api.as_("comms").post("/pauses", {"reason": "On.", "channel_id": channel.pk}), 201)

    assert ids(api.as_("reader").get("/pauses", active="true")) == [active["id"]]
    assert ok(api.as_("reader").get(f"/pauses/{active['id']}"))["scope"] == f"everything on {channel.name}"


def test_a_pause_ends_once(api: Api) -> None:
    made = ok(api.as_("comms").post("/pauses", {"reason": "Once."}), 201)
    ok(api.as_("comms").post(f"/pauses/{made['id']}/end", {"held": "keep"}))

    refused(api.as_("comms").post(f"/pauses/{made['id']}/end", {"held": "keep"}), 409)


def test_bad_input_is_named(api: Api) -> None:
    channel, campaign = factories.channel(), factories.campaign()

    refused(api.as_("comms").post("/pauses", {"reason": " "}), 422)
    refused(api.as_("comms").post("/pauses", {"reason": "x", "channel_id": 10**9}), 422)
    both = {"reason": "x", "channel_id": channel.pk, "campaign_id": campaign.pk}
    refused(api.as_("comms").post("/pauses", both), 422)


def test_a_reader_and_an_outsider_pause_nothing(api: Api, outsider: Api) -> None:
    assert api.as_("reader").post("/pauses", {"reason": "x"}).status_code == 403
    assert outsider.post("/pauses", {"reason": "x"}).status_code == 401
