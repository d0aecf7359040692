from __future__ import annotations

import jsonschema_rs

from scheduler.channels.registry import ADAPTERS
from tests.api.asserting import ok, refused
from tests.conftest import Api


def test_every_kind_with_its_limits_and_abilities(api: Api) -> None:
    found = {item["kind"]: item for item in ok(api.as_("reader").get("/channel-kinds"))["items"]}

    assert set(found) == set(ADAPTERS)
    assert found["x"]["abilities"]["text"] == {"maximum": 280, "unit": "characters"}
    assert found["mastodon"]["abilities"]["text"]["maximum"] == 500
    assert found["x"]["abilities"]["pictures"]["maximum"] == 4
    assert found["share-kit"]["abilities"]["manual"] is True
    assert [kind for kind in found if found[kind]["abilities"]["charges"]] == ["x"]
    assert found["blog"]["reaches"] == "public"


def test_forms_can_be_made_from_the_schemas(api: Api) -> None:
    for item in ok(api.as_("admin").get("/channel-kinds"))["items"]:
        for schema in (item["settings_schema"], item["secrets_schema"]):
            assert jsonschema_rs.meta.is_valid(schema)
            assert all(field.get("title") for field in schema["properties"].values()), item["kind"]
        secret = item["secrets_schema"]["properties"].values()
        assert all("password" in str(field) for field in secret), item["kind"]


def test_outsiders_see_nothing(outsider: Api) -> None:
    refused(outsider.get("/channel-kinds"), 401)
