"""A channel's slots, and publishing at the next free one, by API."""

from __future__ import annotations

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api


def test_slots_are_added_used_and_removed(api: Api) -> None:
    channel, entry = factories.channel(), factories.blog_entry()
    address = f"/channels/{channel.pk}/slots"
    slot = ok(api.as_("comms").post(address, {"weekday": "TU", "time": "12:30"}), 201)
    free = f"/channels/{channel.pk}/next-free-slot"
    assert ok(api.as_("reader").get(free)) == {
        "at": "2026-03-03T12:30:00Z",
        "zone": "Europe/London",
        "slot_id": slot["id"],
    }

    body = {"content_id": entry.pk, "channel_id": channel.pk, "next_free_slot": True}
    made = ok(api.as_("comms").post("/publications", body), 201)

    assert made["publish_at"] == "2026-03-03T12:30:00Z"
    assert ok(api.as_("reader").get(free))["at"] == "2026-03-10T12:30:00Z"
    assert ids(api.as_("reader").get(address)) == [slot["id"]]
    assert api.as_("comms").delete(f"{address}/{slot['id']}").status_code == 204
    refused(api.as_("reader").get(free), 422, "no_free_slot")
    refused(api.as_("comms").post("/publications", body), 422, "no_free_slot")


def test_a_publication_has_exactly_one_time(api: Api) -> None:
    body = {"content_id": factories.blog_entry().pk, "channel_id": factories.channel().pk}
    both = body | {"publish_at": "2026-03-20T09:00:00", "next_free_slot": True}

    refused(api.as_("comms").post("/publications", body), 422)
    refused(api.as_("comms").post("/publications", both), 422)


def test_bad_input_is_named(api: Api, outsider: Api) -> None:
    address = f"/channels/{factories.channel().pk}/slots"
    good = {"weekday": "TU", "time": "12:30"}
    refused(api.as_("comms").post(address, good | {"time": "noon"}), 422, field="time")
    refused(api.as_("comms").post(address, good | {"weekday": "XX"}), 422, field="weekday")
    refused(api.as_("comms").post(address, good | {"zone": "Mars/Olympus"}), 422, field="zone")
    ok(api.as_("comms").post(address, good), 201)
    refused(api.as_("comms").post(address, good), 422, field="time")
    assert api.as_("reader").post(address, good).status_code == 403
    assert outsider.post(address, good).status_code == 401
