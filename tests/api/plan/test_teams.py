from __future__ import annotations

from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api


def test_create_read_and_change(api: Api) -> None:
    made = ok(api.as_("hr").post("/teams", {"name": "Jade ward", "location": "Crawley"}), 201)
    changed = ok(api.as_("comms").patch(f"/teams/{made['id']}", {"location": "Crawley, first floor"}))
    assert changed == made | {"location": "Crawley, first floor"}
    assert ok(api.as_("reader").get(f"/teams/{made['id']}")) == changed


def test_list_by_words_and_name(api: Api) -> None:
    opal, amber = factories.team(name="Opal ward"), factories.team(name="Amber ward")
    assert ids(api.as_("reader").get("/teams", sort="name")) == [amber.pk, opal.pk]
    assert ids(api.as_("reader").get("/teams", q="opal")) == [opal.pk]


def test_bad_input(api: Api) -> None:
    factories.team(name="Opal ward")
    refused(api.as_("comms").post("/teams", {"name": "Opal ward"}), 422, "invalid", "name")
    refused(api.as_("comms").post("/teams", {"name": ""}), 422, "invalid", "name")
    refused(api.as_("comms").post("/teams", {"location": "Crawley"}), 422, "invalid", "name")
    refused(api.as_("comms").patch("/teams/999", {}), 404, "not_found")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    row = factories.team()
    refused(outsider.get("/teams"), 401)
    refused(outsider.get(f"/teams/{row.pk}"), 401)
    refused(outsider.patch(f"/teams/{row.pk}", {}), 401)
    refused(api.as_("reader").post("/teams", {"name": "Jade ward"}), 403, "role")
