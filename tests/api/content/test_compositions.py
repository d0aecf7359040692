from __future__ import annotations

from typing import Any

from backend.accounts.models import User
from scheduler.connections import services as connections
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api

AT = "2026-03-04T09:00"


def test_composing_previewing_and_scheduling(api: Api, comms: User) -> None:
    row = factories.blog_entry(title="A day on the ward", summary="")
    x = factories.channel(name="X", category="social")
    secrets = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "x")
    connections.connect_channel(channel=x, kind="x", settings={}, secrets=secrets)
    stall = factories.channel(name="Stall")
    path, writer = f"/content/{row.pk}/composition", api.as_(comms)
    assert ok(writer.get(path))["version"] == 0
    body = {"version": 0, "channels": [{"channel_id": x.pk}, {"channel_id": stall.pk}], "times": [AT]}
    kept = ok(writer.put(path, body))
    assert (kept["version"], kept["times"], kept["edited_by_id"]) == (1, [AT], comms.pk)
    first, second = ok(writer.get(f"{path}/preview"))["items"]
    assert first["preview"]["text"].startswith("A day on the ward")
    assert (first["preview"]["price"], first["refusal"], first["fits"]) == (15, "", True)
    assert (second["preview"], second["fits"]) == (None, True)
    assert second["refusal"].startswith("Stall is not connected")
    made = ok(writer.post(f"{path}/schedule", {"version": 1, "submit": True}), 201)["items"]
    assert [each["channel_id"] for each in made] == [x.pk, stall.pk]
    assert ok(writer.get(f"/content/{row.pk}"))["state"] == "in_review"
    assert ok(writer.get(path))["channels"] == []


def test_what_does_not_fit_is_not_scheduled(api: Api) -> None:
    row, blog = factories.blog_entry(), factories.channel(name="X", category="social")
    secrets = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "x")
    connections.connect_channel(channel=blog, kind="x", settings={}, secrets=secrets)
    path, writer = f"/content/{row.pk}/composition", api.as_("comms")
    body = {"version": 0, "channels": [{"channel_id": blog.pk, "wording": "a " * 200}], "times": [AT]}
    ok(writer.put(path, body))
    [shown] = ok(writer.get(f"{path}/preview"))["items"]
    assert (shown["fits"], shown["preview"]) == (False, None)
    detail = refused(writer.post(f"{path}/schedule", {"version": 1}), 422, "does_not_fit", "channels")["detail"]
    assert detail.startswith("X: This is ")


def test_a_lost_race_answers_both_versions(api: Api) -> None:
    row, channel = factories.blog_entry(), factories.channel()
    path, writer = f"/content/{row.pk}/composition", api.as_("comms")
    mine = {"version": 0, "channels": [{"channel_id": channel.pk, "wording": "Mine"}]}
    ok(writer.put(path, mine | {"channels": [{"channel_id": channel.pk, "wording": "Theirs"}]}))
    problem = refused(writer.put(path, mine), 409, "changed_meanwhile")
    assert problem["kept"]["channels"][0]["wording"] == "Theirs"
    assert problem["given"]["channels"][0]["wording"] == "Mine"
    assert ok(writer.get(path)) == problem["kept"]


def test_texts_of_channels_that_are_not_chosen_are_kept_until_it_is_scheduled(api: Api) -> None:
    row, channel, other = factories.blog_entry(), factories.channel(), factories.channel()
    path, writer = f"/content/{row.pk}/composition", api.as_("comms")
    aside = [{"channel_id": other.pk, "wording": "Come and see."}]
    body = {"channels": [{"channel_id": channel.pk}], "times": [AT]}
    ok(writer.put(path, body | {"version": 0, "unused_texts": aside}))
    assert ok(writer.put(path, body | {"version": 1, "late_after_minutes": 5}))["unused_texts"] == aside
    assert ok(writer.put(path, body | {"version": 2, "unused_texts": []}))["unused_texts"] == []
    ok(writer.put(path, body | {"version": 3, "unused_texts": aside}))
    ok(writer.post(f"{path}/schedule", {"version": 4}), 201)
    assert ok(writer.get(path))["unused_texts"] == []
    wrong = [{"channel_id": 999, "wording": "Lost."}]
    refused(writer.put(path, {"version": 5, "unused_texts": wrong}), 422, "invalid", "unused_texts")


def test_bad_input(api: Api) -> None:
    row = factories.blog_entry()
    path, writer = f"/content/{row.pk}/composition", api.as_("comms")
    refused(writer.put(path, {}), 422, "invalid", "version")
    refused(writer.put(path, {"version": 0, "channels": [{"channel_id": 999}]}), 422, "invalid", "channels")
    refused(writer.put(path, {"version": 0, "zone": "Nowhere"}), 422, "invalid", "zone")
    refused(writer.put(path, {"version": 0, "times": [AT] * 13}), 422, "invalid", "times")
    refused(writer.post(f"{path}/schedule", {"version": 0}), 422, "invalid", "channels")
    refused(writer.put("/content/999/composition", {"version": 0}), 404, "not_found")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    path = f"/content/{factories.blog_entry().pk}/composition"
    refused(outsider.get(path), 401)
    refused(api.as_("reader").get(path), 403, "role")
    refused(api.as_("hr").put(path, {"version": 0}), 403, "role")


def test_changes_since_the_approval_and_approving_what_was_read(api: Api, approver: User) -> None:
    row = factories.approved_blog_entry(summary="On Monday.")
    ok(api.as_("comms").patch(f"/blog-entries/{row.pk}", {"summary": "On Friday."}))
    found: Any = ok(api.as_("reader").get(f"/content/{row.pk}/changes"))
    assert found["approved_by_id"] == approver.pk
    assert found["items"] == [
        {
            "name": "summary",
            "label": "Summary",
            "how": "changed",
            "pieces": [
                {"how": "same", "text": "On "},
                {"how": "removed", "text": "Monday"},
                {"how": "added", "text": "Friday"},
                {"how": "same", "text": "."},
            ],
        }
    ]
    ok(api.as_("comms").patch(f"/blog-entries/{row.pk}", {"summary": "On Sunday."}))
    path = f"/content/{row.pk}/approve"
    refused(api.as_(approver).post(path, {"seen": found["seen"]}), 409, "changed_meanwhile")
    seen = ok(api.as_("reader").get(f"/content/{row.pk}/changes"))["seen"]
    assert ok(api.as_(approver).post(path, {"seen": seen}))["state"] == "approved"


def test_people_who_have_it_open_see_each_other(api: Api, comms: User, approver: User) -> None:
    path = f"/content/{factories.blog_entry().pk}/presence"
    assert ok(api.as_(comms).post(path))["items"] == []
    [other] = ok(api.as_(approver).post(path))["items"]
    assert (other["person_id"], other["name"]) == (comms.pk, "Amara Osei")
