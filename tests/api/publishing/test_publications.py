from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from campaigns.planning.models import Publication
from scheduler.connections import services as connections
from tests import factories
from tests.adapter import Remote
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api
from tests.factories import publishing


def body(**more: Any) -> dict[str, Any]:
    return {"publish_at": "2026-04-01T08:30:00"} | more


def test_schedule_keeps_the_zone_and_the_wall_clock(api: Api) -> None:
    content, channel = factories.approved_blog_entry(), factories.channel()
    made = ok(api.as_("comms").post("/publications", body(content_id=content.pk, channel_id=channel.pk)), 201)
    assert (made["publish_at"], made["zone"], made["state"]) == ("2026-04-01T07:30:00Z", "Europe/London", "scheduled")
    assert ok(api.as_("reader").get(f"/publications/{made['id']}")) == made
    there = body(content_id=content.pk, channel_id=channel.pk, zone="America/New_York")
    assert ok(api.as_("comms").post("/publications", there), 201)["publish_at"] == "2026-04-01T12:30:00Z"


def test_wording_of_its_own_needs_approval(api: Api) -> None:
    content = factories.approved_blog_entry()
    row = factories.publication(of=content)
    changed = ok(api.as_("comms").patch(f"/publications/{row.pk}", {"wording": "Join us", "late_rule": "hold"}))
    assert (changed["wording"], changed["late_rule"], changed["late_after_minutes"]) == ("Join us", "hold", 60)
    assert ok(api.as_("reader").get(f"/content/{content.pk}"))["state"] == "in_review"


def test_text_of_a_failed_one_is_mended_before_it_is_tried_again(api: Api, remote: Remote) -> None:
    row = publishing.failed()
    path = f"/publications/{row.pk}"
    assert ok(api.as_("comms").patch(path, {"wording": "Without a link."}))["state"] == "failed"
    assert ok(api.as_("reader").get(f"/content/{row.content_id}"))["state"] == "in_review"
    late = f"/publications/{publishing.unknown().pk}"
    refused(api.as_("comms").patch(late, {"wording": "Too late."}), 409, "wrong_state")


def test_list_filters(api: Api, remote: Remote, clock: time_machine.Traveller) -> None:
    campaign = factories.campaign()
    early = factories.publication(of=factories.blog_entry(campaign=campaign), publish_at=factories.in_days(1))
    clock.shift(timedelta(days=9))
    late = publishing.unknown(readable=False)
    reader = api.as_("reader")
    for query, expected in [
        ({"state": "unknown"}, late),
        ({"needs_person": "true"}, late),
        ({"content_id": early.content_id}, early),
        ({"channel_id": early.channel_id}, early),
        ({"campaign_id": campaign.pk}, early),
        ({"from": "2026-03-05T00:00:00"}, late),
        ({"to": "2026-03-05T00:00:00"}, early),
    ]:
        assert ids(reader.get("/publications", **query)) == [expected.pk], query
    assert ids(reader.get("/publications")) == [late.pk, early.pk]
    assert ids(reader.get("/publications", sort="publish_at")) == [early.pk, late.pk]


def test_hold_release_and_reschedule(api: Api) -> None:
    row = factories.publication()
    comms, path = api.as_("comms"), f"/publications/{row.pk}"
    held = ok(comms.post(f"{path}/hold", {"reason": "The ward asked us to wait."}))
    assert (held["state"], held["reason"]) == ("held", "The ward asked us to wait.")
    assert ok(comms.post(f"{path}/release"))["state"] == "scheduled"
    refused(comms.post(f"{path}/release"), 409, "wrong_state")
    moved = ok(comms.post(f"{path}/reschedule", {"publish_at": "2026-05-01T10:00:00"}))
    assert moved["publish_at"] == "2026-05-01T09:00:00Z"


def test_a_held_one_is_released_by_a_new_time(api: Api) -> None:
    row = factories.publication()
    ok(api.as_("comms").post(f"/publications/{row.pk}/hold", {}))
    moved = ok(api.as_("comms").post(f"/publications/{row.pk}/reschedule", {"publish_at": "2026-05-01T10:00:00"}))
    assert moved["state"] == "scheduled"


def test_cancel_is_final(api: Api) -> None:
    row = factories.publication()
    comms, path = api.as_("comms"), f"/publications/{row.pk}"
    assert ok(comms.post(f"{path}/cancel", {"reason": "Too early."}))["reason"] == "Too early."
    for action, given in [("cancel", {}), ("hold", {}), ("release", None), ("retry", None), ("reschedule", body())]:
        refused(comms.post(f"{path}/{action}", given), 409, "wrong_state")
    refused(comms.patch(path, {"wording": "x"}), 409, "wrong_state")


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_retry(api: Api, remote: Remote, state: str) -> None:
    row = publishing.retrying()
    refused(api.as_("comms").post(f"/publications/{row.pk}/retry"), 409, "wrong_state")
    publishing.IN_STATE[state](row)
    tried = ok(api.as_("comms").post(f"/publications/{row.pk}/retry"))
    assert (tried["state"], tried["tries"]) == ("scheduled", 0)


def test_mark_published_records_what_a_person_did(api: Api, clock: time_machine.Traveller) -> None:
    row = factories.publication(of=factories.approved_blog_entry())
    path = f"/publications/{row.pk}/mark-published"
    comms = api.as_("comms")
    refused(comms.post(path, {"at": "2026-03-02T09:02:00Z"}), 422, "invalid", "at")
    refused(comms.post(path, {"at": "2026-03-02T08:00:00Z", "url": "javascript:alert(1)"}), 422, "invalid", "url")
    done = ok(comms.post(path, {"at": "2026-03-02T08:00:00Z", "url": "https://example.org/poster"}))
    assert (done["state"], done["sent_at"], done["remote_url"]) == (
        "sent",
        "2026-03-02T08:00:00Z",
        "https://example.org/poster",
    )
    refused(comms.post(path, {"at": "2026-03-02T08:00:00Z"}), 409, "wrong_state")


def test_only_approved_content_is_marked_published(api: Api) -> None:
    row = factories.publication()
    answer = api.as_("comms").post(f"/publications/{row.pk}/mark-published", {"at": "2026-03-02T08:00:00Z"})
    refused(answer, 409, "not_approved")
    row.refresh_from_db()
    assert row.state == "scheduled"


def test_what_was_found_live_is_marked_published_whatever_its_content_says_now(api: Api, remote: Remote) -> None:
    row = publishing.unknown()
    ok(api.as_("comms").patch(f"/blog-entries/{row.content_id}", {"body": "Not approved yet."}))
    found = ok(api.as_("comms").post(f"/publications/{row.pk}/mark-published", {"at": "2026-03-02T08:00:00Z"}))
    assert found["state"] == "sent"


def test_attempts(api: Api, remote: Remote) -> None:
    row = publishing.sending_now(publishing.retrying())
    items = ok(api.as_("reader").get(f"/publications/{row.pk}/attempts"))["items"]
    assert [item["outcome"] for item in items] == ["not_sent", ""]


def test_preview_shows_what_will_go_out(api: Api) -> None:
    channel = factories.channel(category="blog")
    row = factories.publication(of=factories.approved_blog_entry(title="A day on the ward"), on=channel)
    refused(api.as_("reader").get(f"/publications/{row.pk}/preview"), 409, "not_connected")
    connections.connect_channel(channel=channel, kind="blog", settings={}, secrets=None)
    assert "A day on the ward" in ok(api.as_("reader").get(f"/publications/{row.pk}/preview"))["text"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"publish_at": "2026-03-02T08:58:00Z"}, "publish_at"),
        ({"publish_at": "2026-03-29T01:30:00"}, "publish_at"),
        ({"publish_at": "9999-12-31T23:59:59"}, "publish_at"),
        ({"publish_at": 1}, "publish_at"),
        ({"zone": "Europe/Crawley"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"late_rule": "shrug"}, "late_rule"),
        ({"late_after_minutes": -1}, "late_after_minutes"),
        ({"channel_id": None}, "channel_id"),
        ({"wording": "x" * 50_001}, "wording"),
        ({"state": "sent"}, "state"),
    ],
)
def test_bad_input(api: Api, change: dict, field: str) -> None:
    content, channel = factories.blog_entry(), factories.channel()
    given = body(content_id=content.pk, channel_id=channel.pk) | change
    refused(api.as_("comms").post("/publications", given), 422, "invalid", field)
    assert not Publication.objects.exists()


def test_what_does_not_belong_together_is_refused(api: Api) -> None:
    comms = api.as_("comms")
    public, staff = factories.channel(), factories.blog_entry(audience="staff")
    refused(comms.post("/publications", body(content_id=staff.pk, channel_id=public.pk)), 422, "invalid", "channel_id")
    unused, entry = factories.channel(active=False), factories.blog_entry()
    refused(comms.post("/publications", body(content_id=entry.pk, channel_id=unused.pk)), 422, "invalid", "channel_id")
    closing = factories.vacancy(closes_at=factories.in_days(5))
    refused(comms.post("/publications", body(content_id=closing.pk, channel_id=public.pk)), 422, field="publish_at")
    ok(comms.post(f"/content/{entry.pk}/withdraw", {}))
    refused(comms.post("/publications", body(content_id=entry.pk, channel_id=public.pk)), 422, field="content_id")


def test_ids_that_name_nothing(api: Api) -> None:
    comms = api.as_("comms")
    content, channel = factories.blog_entry(), factories.channel()
    refused(comms.post("/publications", body(content_id=999, channel_id=channel.pk)), 422, "invalid", "content_id")
    refused(comms.post("/publications", body(content_id=content.pk, channel_id=999)), 422, "invalid", "channel_id")
    for method, path in [("GET", ""), ("PATCH", ""), ("POST", "/release"), ("GET", "/attempts"), ("GET", "/preview")]:
        refused(comms.send(method, f"/publications/999{path}", {}), 404, "not_found")


def test_the_past_is_recorded_only_when_asked_for(api: Api) -> None:
    given = body(content_id=factories.blog_entry().pk, channel_id=factories.channel().pk, publish_at="2018-09-17T09:00")
    refused(api.as_("comms").post("/publications", given), 422, "invalid", "publish_at")
    made = ok(api.as_("comms").post("/publications", given | {"allow_past": True}), 201)
    path = f"/publications/{made['id']}/reschedule"
    refused(api.as_("comms").post(path, {"publish_at": "2018-09-18T09:00"}), 422, "invalid", "publish_at")
    ok(api.as_("comms").post(path, {"publish_at": "2018-09-18T09:00", "allow_past": True}))


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.publication()
    refused(outsider.get("/publications"), 401)
    for path in ("", "/attempts", "/preview"):
        refused(outsider.get(f"/publications/{row.pk}{path}"), 401)
    for action in ("cancel", "hold", "release", "retry", "reschedule", "mark-published"):
        refused(outsider.post(f"/publications/{row.pk}/{action}", {}), 401)
        refused(api.as_("reader").post(f"/publications/{row.pk}/{action}", {}), 403, "role")
    refused(api.as_("hr").post("/publications", body()), 403, "role")
    refused(api.as_("reader").patch(f"/publications/{row.pk}", {}), 403, "role")


def test_what_one_channel_holds_for_one_reason_is_moved_together(api: Api, remote: Remote) -> None:
    channel = publishing.connected()
    late, by_hand = publishing.held_late(publishing.post(on=channel)), publishing.held(publishing.post(on=channel))
    elsewhere = publishing.held_late()
    assert ids(api.as_("reader").get("/publications", channel_id=channel.pk, reason_code="late")) == [late.pk]

    released = ok(
        api.as_("comms").post("/publications/held/release", {"channel_id": channel.pk, "reason_code": "late"})
    )
    wrong = {"channel_id": channel.pk, "reason_code": "held_by_hand", "reason": "The ward has closed."}
    cancelled = ok(api.as_("comms").post("/publications/held/cancel", wrong))

    assert (released["moved"], cancelled["moved"]) == (1, 1)
    states = [ok(api.as_("reader").get(f"/publications/{row.pk}")) for row in (late, by_hand, elsewhere)]
    assert [row["state"] for row in states] == ["scheduled", "cancelled", "held"]
    assert states[1]["reason"] == "The ward has closed."


def test_holding_and_letting_go_together_names_bad_input(api: Api) -> None:
    refused(api.as_("comms").post("/publications/held/release", {"channel_id": 10**9, "reason_code": "late"}), 422)
    assert api.as_("reader").post("/publications/held/cancel", {"channel_id": 1}).status_code == 403
