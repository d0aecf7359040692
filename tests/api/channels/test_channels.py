from __future__ import annotations

import pytest

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api


def test_create_read_and_change(api: Api) -> None:
    made = ok(api.as_("hr").post("/channels", {"name": "Healing Minds on Channel 5", "category": "broadcast"}), 201)
    assert (made["slug"], made["audience"], made["active"]) == ("healing-minds-on-channel-5", "public", True)
    changed = ok(api.as_("comms").patch(f"/channels/{made['id']}", {"active": False}))
    assert changed == made | {"active": False}
    assert ok(api.as_("reader").get(f"/channels/{made['id']}")) == changed


def test_list_filters(api: Api) -> None:
    stall = factories.channel(name="Stall")
    feed = factories.channel(name="Bulletin", category="feed", audience="staff")
    old = factories.channel(name="Old board", category="jobs_board", active=False)
    reader = api.as_("reader")
    assert ids(reader.get("/channels", category="event")) == [stall.pk]
    assert ids(reader.get("/channels", audience="staff")) == [feed.pk]
    assert ids(reader.get("/channels", active="false")) == [old.pk]
    assert ids(reader.get("/channels", active="true", sort="name")) == [feed.pk, stall.pk]
    assert ids(reader.get("/channels", q="board")) == [old.pk]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"category": "pigeon"}, "category"), ({"audience": None}, "audience"), ({"active": "perhaps"}, "active")],
)
def test_bad_input(api: Api, change: dict, field: str) -> None:
    row = factories.channel()
    refused(api.as_("comms").patch(f"/channels/{row.pk}", change), 422, "invalid", field)
    refused(api.as_("comms").post("/channels", {"name": "Stall", "category": "event"} | change), 422, "invalid", field)


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.channel()
    refused(outsider.get("/channels"), 401)
    refused(outsider.get(f"/channels/{row.pk}"), 401)
    refused(outsider.post("/channels", {}), 401)
    refused(api.as_("reader").patch(f"/channels/{row.pk}", {"active": False}), 403, "role")
