from __future__ import annotations

import pytest

from campaigns.hiring.services import candidates
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api


def _found(answer: object) -> list[tuple[str, str]]:
    return [(item["kind"], item["title"]) for item in ok(answer)["items"]]


def test_all_kinds_of_rows_are_found_by_name(api: Api) -> None:
    factories.blog_entry(title="Langley blog")
    factories.team(name="Langley Green")
    factories.channel(name="Langley stall")
    factories.campaign(name="Langley autumn")

    assert _found(api.as_("reader").get("/search", q="langley")) == [
        ("blog_entry", "Langley blog"),
        ("campaign", "Langley autumn"),
        ("channel", "Langley stall"),
        ("team", "Langley Green"),
    ]


@pytest.mark.parametrize(
    ("role", "sees"), [("hr", True), ("admin", True), ("comms", False), ("approver", False), ("reader", False)]
)
def test_candidates_are_for_hr(api: Api, hr, role: str, sees: bool) -> None:
    candidates.add_candidate(reference="C-1001", name="Kim Example", by=hr)

    assert (_found(api.as_(role).get("/search", q="c-1001")) == [("candidate", "C-1001")]) is sees
    assert _found(api.as_(role).get("/search", q="Kim Example")) == [], "names are encrypted and never searched"


def test_people_are_for_the_administrator(api: Api) -> None:
    person = factories.person("comms")

    assert ("person", person.name) in _found(api.as_("admin").get("/search", q=person.name))
    assert ("person", person.name) not in _found(api.as_("comms").get("/search", q=person.name))


def test_bad_input_and_outsiders(api: Api, outsider: Api) -> None:
    refused(outsider.get("/search", q="x"), 401)
    refused(api.as_("comms").get("/search"), 422, "invalid", "q")
    refused(api.as_("comms").get("/search", q="x" * 201), 422, "invalid", "q")
    assert _found(api.as_("comms").get("/search", q="  ")) == []
