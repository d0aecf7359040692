from __future__ import annotations

from backend.audit.models import LogEntry
from campaigns.mailing.models import Subscriber
from scheduler.mail.models import Delivery
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.api.test_examples import mail_ids
from tests.conftest import Api

ONE = "amy.reader@example.org"
LIST = {"name": "Wards", "audience": "staff", "from_name": "Riverside Hospitals"}


def test_create_change_and_fill_a_list(api: Api) -> None:
    made = ok(api.as_("comms").post("/mailing-lists", LIST), 201)
    path = f"/mailing-lists/{made['id']}"
    assert ok(api.as_("comms").patch(path, {"description": "Weekly."}))["description"] == "Weekly."
    assert ids(api.as_("reader").get("/mailing-lists", audience="staff")) == [made["id"]]
    assert ok(api.as_("comms").post(f"{path}/import", {"addresses": [ONE, ONE.upper()]})) == {"added": 1, "known": 0}
    assert ok(api.as_("comms").post(f"{path}/import", {"addresses": [ONE]})) == {"added": 0, "known": 1}


def test_bad_lists_and_imports(api: Api) -> None:
    row = factories.mailing_list(name="Wards")
    public = factories.mailing_list(audience="public")
    comms = api.as_("comms")
    refused(comms.post("/mailing-lists", LIST), 422, "invalid", "name")
    refused(comms.post("/mailing-lists", LIST | {"audience": "all"}), 422, "invalid", "audience")
    refused(comms.patch(f"/mailing-lists/{row.pk}", {"audience": "public"}), 422, "invalid", "audience")
    refused(comms.post(f"/mailing-lists/{row.pk}/import", {"addresses": ["x"]}), 422, "invalid", "addresses.0")
    refused(comms.post(f"/mailing-lists/{public.pk}/import", {"addresses": [ONE]}), 409, "not_staff")


def test_subscribers_are_listed_taken_off_and_erased(api: Api) -> None:
    row = factories.mailing_list(ONE, "ben@example.org")
    comms = api.as_("comms")
    (amy,) = ids(comms.get("/subscribers", mailing_list_id=row.pk, address="Amy.Reader@example.org"))
    assert ok(comms.post(f"/subscribers/{amy}/unsubscribe"))["status"] == "unsubscribed"
    assert ids(comms.get("/subscribers", status="unsubscribed")) == [amy]
    assert comms.delete(f"/subscribers/{amy}").status_code == 204
    refused(comms.get(f"/subscribers/{amy}"), 404)
    assert not Subscriber.objects.filter(address=ONE).exists()


def test_addresses_are_for_comms_and_administrators_only(api: Api) -> None:
    factories.mailing_list(ONE)
    for role in ("approver", "hr", "reader"):
        refused(api.as_(role).get("/subscribers"), 403, "role")
    assert ONE in api.as_("admin").get("/subscribers").content.decode()


def test_addresses_and_tokens_never_enter_the_trail(api: Api) -> None:
    row = factories.mailing_list()
    ok(api.as_("comms").post(f"/mailing-lists/{row.pk}/import", {"addresses": [ONE]}))
    subscriber = Subscriber.objects.get()
    (entry,) = LogEntry.objects.get_for_object(subscriber)
    told = f"{entry.changes} {entry.object_repr}"
    assert "status" in told
    for secret in (ONE, subscriber.token, subscriber.token_hash):
        assert secret not in told


def test_an_erased_address_is_nowhere_among_the_deliveries(api: Api) -> None:
    found = mail_ids(factories.channel())
    comms = api.as_("comms")
    report = {"message_id": "<1@example.org>", "status": "5.1.1", "diagnostic": f"550 <{ONE}> amy.reader is gone"}
    shown = ok(comms.post("/bounces", report))
    assert (shown["state"], shown["code"], shown["message"]) == ("bounced", "5.1.1", "550 <…> … is gone")
    assert comms.delete(f"/subscribers/{found['subscriber_id']}").status_code == 204
    row = Delivery.objects.get()
    assert row.subscriber is None
    values = [str(getattr(row, field.attname)) for field in row._meta.concrete_fields]
    assert not any("amy" in value for value in values)
    assert ok(comms.get(f"/deliveries/{row.pk}"))["subscriber_id"] is None


def test_deliveries_by_publication_and_state(api: Api) -> None:
    mail_ids(factories.channel())
    comms = api.as_("comms")
    assert len(ids(comms.get("/deliveries", state="sent"))) == 1
    assert ids(comms.get("/deliveries", state="queued")) == []
    assert ids(comms.get("/deliveries", publication_id=7)) == []
    assert ok(comms.get("/deliveries", count="true"))["count"] == 1
    refused(api.as_("reader").get("/deliveries"), 403, "role")
