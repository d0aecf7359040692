"""Quiet hours and blackouts of a channel, by API."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

NIGHTS = {"kind": "quiet", "weekdays": ["FR", "SA"], "from_time": "21:00", "to_time": "08:00"}
BLACKOUT = {
    "kind": "blackout",
    "starts_at": "2026-04-01T00:00:00",
    "ends_at": "2026-05-07T00:00:00",
    "reason": "Election.",
}


def test_periods_are_added_listed_and_removed(api: Api) -> None:
    address = f"/channels/{factories.channel().pk}/quiet-periods"
    nights = ok(api.as_("comms").post(address, NIGHTS), 201)
    blackout = ok(api.as_("comms").post(address, BLACKOUT), 201)

    assert (nights["from_time"], nights["to_time"], nights["weekdays"]) == ("21:00", "08:00", ["FR", "SA"])
    assert (blackout["starts_at"], blackout["ends_at"]) == ("2026-03-31T23:00:00Z", "2026-05-06T23:00:00Z")
    assert ids(api.as_("reader").get(address)) == [blackout["id"], nights["id"]]

    assert api.as_("comms").delete(f"{address}/{nights['id']}").status_code == 204
    assert ids(api.as_("reader").get(address)) == [blackout["id"]]
    refused(api.as_("comms").delete(f"/channels/{factories.channel().pk}/quiet-periods/{blackout['id']}"), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (NIGHTS | {"from_time": "25:00"}, "from_time"),
        (NIGHTS | {"weekdays": ["MON"]}, "weekdays.0"),
        (NIGHTS | {"weekdays": []}, "weekdays"),
        (BLACKOUT | {"reason": ""}, "reason"),
        (BLACKOUT | {"ends_at": "2026-03-29T01:30:00"}, "ends_at"),
    ],
)
def test_bad_input_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    refused(api.as_("comms").post(f"/channels/{factories.channel().pk}/quiet-periods", body), 422, field=field)


def test_a_reader_and_an_outsider_add_nothing(api: Api, outsider: Api) -> None:
    address = f"/channels/{factories.channel().pk}/quiet-periods"
    assert api.as_("reader").post(address, NIGHTS).status_code == 403
    assert outsider.post(address, NIGHTS).status_code == 401
