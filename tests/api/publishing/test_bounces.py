"""Mail that came back: in two words, or as the whole notification of a mail server."""

from __future__ import annotations

import pytest

from campaigns.mailing.models import Subscriber
from scheduler.mail.models import Delivery
from tests import factories
from tests.api.asserting import ok, refused
from tests.api.test_examples import mail_ids
from tests.conftest import Api

KNOWN = "<1@example.org>"
NOTIFICATION = """\
From: MAILER-DAEMON@mx.example.net
To: news@example.org
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

I'm sorry to have to inform you.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; amy.reader@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <amy.reader@example.org> unknown

--part
Content-Type: {kind}

From: news@example.org
Message-ID: {message_id}
Subject: Nurse

--part--
"""


def notification(
    *, action: str = "failed", status: str = "5.1.1", kind: str = "message/rfc822", message_id: str = KNOWN
) -> dict[str, str]:
    return {"raw": NOTIFICATION.format(action=action, status=status, kind=kind, message_id=message_id)}


@pytest.fixture
def sent(db: None) -> Delivery:
    mail_ids(factories.channel())
    return Delivery.objects.get()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_whole_notification_takes_the_address_off_its_list(api: Api, sent: Delivery, kind: str) -> None:
    shown = ok(api.as_("comms").post("/bounces", notification(kind=kind)))
    assert (shown["id"], shown["state"], shown["code"]) == (sent.pk, "bounced", "5.1.1")
    assert "amy" not in shown["message"]
    assert Subscriber.objects.get().status == "bounced"
    again = ok(api.as_("comms").post("/bounces", notification(kind=kind)))
    assert again == shown


def test_what_is_only_delayed_changes_neither(api: Api, sent: Delivery) -> None:
    shown = ok(api.as_("comms").post("/bounces", notification(action="delayed", status="4.4.1")))
    assert (shown["state"], shown["code"]) == ("sent", "4.4.1")
    assert Subscriber.objects.get().status == "subscribed"


def test_a_server_that_gave_up_bounces_the_mail_and_keeps_the_address(api: Api, sent: Delivery) -> None:
    shown = ok(api.as_("comms").post("/bounces", notification(action="failed", status="4.4.7")))
    assert shown["state"] == "bounced"
    assert Subscriber.objects.get().status == "subscribed"


def test_an_unknown_mail_that_was_delivered_is_known(api: Api, sent: Delivery) -> None:
    Delivery.objects.update(state="unknown")
    report = {"message_id": KNOWN.strip("<>"), "status": "2.0.0"}
    assert ok(api.as_("comms").post("/bounces", report))["state"] == "sent"


@pytest.mark.parametrize("state", ["sent", "unknown"])
@pytest.mark.parametrize("action", ["failure", "error", "failed (bad address)"])
def test_a_failure_in_a_server_s_own_word_is_a_failure(api: Api, sent: Delivery, action: str, state: str) -> None:
    Delivery.objects.update(state=state)
    assert ok(api.as_("comms").post("/bounces", notification(action=action)))["state"] == "bounced"
    assert Subscriber.objects.get().status == "bounced"


def test_a_failure_without_a_status_keeps_the_address(api: Api, sent: Delivery) -> None:
    raw = notification(status="none")["raw"].replace("550 5.1.1", "")
    shown = ok(api.as_("comms").post("/bounces", {"raw": raw}))
    assert (shown["state"], shown["code"]) == ("bounced", "failed")
    assert Subscriber.objects.get().status == "subscribed"


def test_the_mail_that_is_ours_is_found_among_all_that_are_named(api: Api, sent: Delivery) -> None:
    raw = notification(message_id=f"<gateway@example.net>\nMessage-ID: {KNOWN}")["raw"]
    assert ok(api.as_("comms").post("/bounces", {"raw": raw}))["id"] == sent.pk


def test_what_was_never_handed_over_cannot_come_back(api: Api, sent: Delivery) -> None:
    Delivery.objects.update(state="queued")
    report = {"message_id": KNOWN, "status": "5.1.1"}
    assert ok(api.as_("comms").post("/bounces", report))["state"] == "queued"
    assert Subscriber.objects.get().status == "subscribed"


def test_bad_reports(api: Api, sent: Delivery) -> None:
    comms = api.as_("comms")
    refused(comms.post("/bounces", notification(message_id="<2@example.org>")), 404)
    refused(comms.post("/bounces", {"raw": "Subject: hello\n\nNothing."}), 422, "invalid", "raw")
    refused(comms.post("/bounces", notification(message_id="none")), 422, "invalid", "raw")
    nothing_known = notification(action="gone", status="gone")["raw"].replace("550 5.1.1", "")
    refused(comms.post("/bounces", {"raw": nothing_known}), 422, "invalid", "raw")
    refused(comms.post("/bounces", {"message_id": KNOWN, "status": "550"}), 422, "invalid", "status")
    refused(comms.post("/bounces", {"message_id": KNOWN}), 422, "invalid")
    refused(comms.post("/bounces", {"message_id": KNOWN, "status": "5.1.1", "raw": "x"}), 422, "invalid")
    refused(comms.post("/bounces", {}), 422, "invalid")
    refused(api.as_("hr").post("/bounces", notification()), 403, "role")
