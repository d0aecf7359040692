from __future__ import annotations

from tests.api.asserting import ok, refused
from tests.conftest import Api


def test_everyone_reads_and_the_administrator_changes(api: Api) -> None:
    before = ok(api.as_("reader").get("/organisation"))
    assert before == {"name": "Our organisation", "accent": "", "logo_id": None, "approves_own_edits": False}
    after = ok(api.as_("admin").patch("/organisation", {"name": "Langley Green Hospital"}))
    assert after == before | {"name": "Langley Green Hospital"}
    assert ok(api.as_("hr").get("/organisation")) == after


def test_bad_input(api: Api) -> None:
    admin = api.as_("admin")
    refused(admin.patch("/organisation", {"zone": "Europe/London"}), 422, "invalid", "zone")
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
