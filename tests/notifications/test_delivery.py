"""From a message to a mailbox, to Teams and to Slack; and what becomes of one that does not arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from backend.notifications import attention, delivery, destinations, messages, rounds, tasks
from backend.notifications.causes import Cause
from backend.notifications.errors import DestinationRefused, InvalidDestination
from backend.notifications.models import Destination, Message
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine.models import Worker
from scheduler.installation import restore_detection
from tests import factories
from tests.adapter import Remote
from tests.console.speaking import Console
from tests.factories import publishing
from tests.servers import slack_like, teams_like
from tests.servers.control import Server, clean
from tests.servers.mailbox import MailServer, clean_mail_server

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def outside(remote: Remote, tmp_path: Any, settings: Any) -> None:
    settings.DATA_DIR, settings.PRIVATE_ADDRESSES = tmp_path, ["127.0.0.0/8"]


@pytest.fixture
def mailbox(db: None) -> MailServer:
    server = clean_mail_server()
    fields = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "from_address": "news@riverside.example.org",
    }
    lists = [factories.mailing_list("reader@example.org").pk]
    channel = factories.channel(name="Mail", category="email", audience="staff")
    connections.connect_channel(channel=channel, kind="email", settings=fields | {"lists": lists}, secrets={})
    return server


def workflow(server: Server) -> str:
    return f"{server.address}{teams_like.PATH}?sig={teams_like.SIGNATURE}"


def told(person: User) -> Message:
    """The message of a failed post, written for this person and not yet sent."""
    publishing.failed(publishing.post(title="Join our wards"))
    now = timezone.now()
    rounds.run(now)
    rounds.run(now + rounds.GATHER)
    return Message.objects.get(destination__person=person)


def deliver_all() -> None:
    for claim in delivery.claim_due(limit=100):
        delivery.deliver(claim)


def test_a_person_gets_one_mail_that_leads_to_the_page(
    mailbox: MailServer, comms: User, clock: time_machine.Traveller
) -> None:
    message = told(comms)
    clock.shift(rounds.GATHER)
    deliver_all()
    deliver_all()
    (mail,) = [mail for mail in mailbox.mails() if mail["To"] == comms.email]
    assert mail["Subject"] == message.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    (line,) = message.body
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert line["reason"] in body.get_content()
        assert body.get_content().count(line["title"]) == (0 if part == "plain" else 3), "title, label and heading"
        assert line["url"].replace("&", "&amp;" if part == "html" else "&") in body.get_content()
    message.refresh_from_db()
    assert message.state == State.SENT
    assert message.destination.reached_at is not None


def test_teams_gets_a_card(admin: User, clock: time_machine.Traveller, worker: Callable[[], None]) -> None:
    server = clean("tests.servers.teams_like")
    destinations.add_destination(by=admin, kind="teams", shared=True, name="Team chat", address=workflow(server))
    publishing.failed()
    factories.in_review(factories.blog_entry())
    rounds.run(timezone.now())
    clock.shift(rounds.GATHER)
    worker()
    rounds.run(timezone.now())
    deliver_all()
    (post,) = server.posts()
    card = str(post["card"])
    assert "2 things need attention, 1 of them now" in card
    assert "Content is waiting for your approval" in card
    assert "/console/attention" in card


def test_slack_gets_it_in_the_channel_that_was_chosen(admin: User) -> None:
    server = clean("tests.servers.slack_like")
    app = factories.channel(name="Slack", category="staff_tool", audience="staff")
    fields = {"api_base": f"{server.address}/api/", "channel_id": "C0000000001"}
    connections.connect_channel(channel=app, kind="slack", settings=fields, secrets={"bot_token": slack_like.TOKEN})
    row = destinations.add_destination(
        by=admin, kind="slack", shared=True, name="Alarms", address=slack_like.CHANNEL, channel=app
    )
    destinations.send_test(destination=row)
    (post,) = server.posts()
    assert post["text"].startswith("Test notification from Promenade")


def test_a_refused_one_is_tried_again_and_not_lost(
    mailbox: MailServer, comms: User, clock: time_machine.Traveller
) -> None:
    message = told(comms)
    clock.shift(rounds.GATHER)
    Message.objects.exclude(pk=message.pk).delete()
    mailbox.go_wrong("451", "421")
    for _ in range(2):
        deliver_all()
        message.refresh_from_db()
        assert (message.state, mailbox.mails()) == (State.QUEUED, [])
        clock.shift(timedelta(hours=1))
    deliver_all()
    message.refresh_from_db()
    assert (message.state, message.tries, message.destination.failures) == (State.SENT, 3, 0)
    assert len(mailbox.mails()) == 1


def test_without_an_email_channel_it_waits_a_day_and_says_why(comms: User, clock: time_machine.Traveller) -> None:
    message = told(comms)
    for _ in range(30):
        clock.shift(timedelta(hours=1))
        deliver_all()
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, delivery.NO_EMAIL_CHANNEL)
    assert "no email channel" in Console(comms).see("/notifications")


def test_a_way_that_fails_is_told_on_today_and_by_others(
    mailbox: MailServer, admin: User, comms: User, clock: time_machine.Traveller
) -> None:
    server = clean("tests.servers.teams_like")
    shared = destinations.add_destination(
        by=admin, kind="teams", shared=True, name="Team chat", address=workflow(server) + "x"
    )
    Message.objects.bulk_create([messages.compose_test(shared) for _ in range(3)])
    deliver_all()
    assert "Team chat" in Console(admin).see("/")
    assert "Team chat" not in Console(comms).see("/")
    items = [item for item in attention.open_items(timezone.now()) if item.cause == Cause.NOTIFICATIONS_FAILING]
    assert [item.title for item in items] == ["Team chat"]
    rounds.run(timezone.now())
    clock.shift(rounds.GATHER)
    rounds.run(timezone.now())
    deliver_all()
    assert [mail["To"] for mail in mailbox.mails()] == [admin.email]
    destinations.change_destination(destination=shared, changes={"address": workflow(server)})
    assert "Team chat" not in Console(admin).see("/")


def test_a_worker_that_is_lost_in_the_middle_sends_nothing_twice(
    mailbox: MailServer, comms: User, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = told(comms)
    clock.shift(rounds.GATHER)
    send = delivery.send

    def send_and_die(row: Message) -> None:
        send(row)
        raise publishing.WorkerKilled

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "send", send_and_die)
        for claim in delivery.claim_due(limit=10):
            with pytest.raises(publishing.WorkerKilled):
                delivery.deliver(claim)
    number = len(mailbox.mails())
    clock.shift(timedelta(hours=2))
    deliver_all()
    message.refresh_from_db()
    assert (message.state, len(mailbox.mails())) == (State.UNKNOWN, number)


def test_two_workers_with_one_claim_send_once(mailbox: MailServer, comms: User, clock: time_machine.Traveller) -> None:
    message = told(comms)
    clock.shift(rounds.GATHER)
    Message.objects.exclude(pk=message.pk).delete()
    (claim,) = delivery.claim_due(limit=10)
    assert delivery.claim_due(limit=10) == []
    delivery.deliver(claim)
    delivery.deliver(claim)
    assert len(mailbox.mails()) == 1


def test_what_waited_when_a_backup_was_made_is_not_sent_after_its_restore(
    mailbox: MailServer, comms: User, clock: time_machine.Traveller
) -> None:
    message = told(comms)
    clock.shift(rounds.GATHER + timedelta(seconds=1))
    restore_detection.freeze("The data was copied.")
    deliver_all()
    message.refresh_from_db()
    assert (message.state, mailbox.mails()) == (State.UNKNOWN, [])


def test_the_web_server_tells_that_the_worker_is_silent(
    mailbox: MailServer, admin: User, clock: time_machine.Traveller
) -> None:
    assert tasks.run_without_worker() is False
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert tasks.run_without_worker() is True
    clock.shift(rounds.GATHER)
    assert tasks.run_without_worker() is True
    (mail,) = mailbox.mails()
    assert (mail["To"], mail["Subject"]) == (admin.email, "Publishing has stopped")


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("teams", {"address": "teams.example.org"}, "address"),
        ("teams", {"address": ""}, "address"),
        ("slack", {"address": "C0000000001"}, "channel"),
        ("email", {"address": "comms at trust"}, "address"),
        ("email", {"address": "a@trust.example", "quiet_from": None}, "quiet_from"),
        ("email", {"address": "a@trust.example", "timings": {"weather": "at_once"}}, "timings"),
        ("email", {"address": "a@trust.example", "timings": {"review": "soon"}}, "timings"),
    ],
)
def test_a_wrong_destination_is_refused_by_its_field(
    admin: User, kind: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidDestination) as refused:
        destinations.add_destination(by=admin, kind=kind, shared=True, name="X", **fields)
    assert refused.value.field == field
    assert not Destination.objects.exists()


def test_only_who_looks_after_promenade_shares(comms: User, admin: User) -> None:
    with pytest.raises(DestinationRefused):
        destinations.add_destination(by=comms, kind="email", shared=True, name="X", address="a@trust.example")
    with pytest.raises(InvalidDestination):
        destinations.add_destination(by=comms, kind="email", name="X")
    with pytest.raises(DestinationRefused):
        destinations.remove_destination(destination=destinations.own_email(comms))
    assert Connection.objects.count() == 0


def test_the_address_of_a_workflow_is_shown_nowhere(admin: User) -> None:
    address = "https://teams.example.org/workflows/1?sig=very-secret"
    row = destinations.add_destination(by=admin, kind="teams", name="Mine", address=address)
    speaks = Console(admin)
    assert "very-secret" not in speaks.see("/notifications") + speaks.see(f"/notifications/{row.pk}")
    destinations.change_destination(destination=row, changes={"name": "Ours"})
    assert "very-secret" not in speaks.see("/audit")
    row.refresh_from_db()
    assert row.address == address


def test_what_is_wrong_is_said_of_the_destination_and_not_of_a_channel(admin: User) -> None:
    speaks = Console(admin)
    said = speaks.send("/notifications/new?shared=1", name="")[1]
    assert "This field is required" not in said
    assert "Choose how." in said
    server = clean("tests.servers.teams_like")
    row = destinations.add_destination(by=admin, kind="teams", name="Mine", address=workflow(server) + "x")
    _, said = speaks.send(f"/notifications/{row.pk}/test")
    assert "Create a new workflow there and enter its address here." in said
    destinations.change_destination(destination=row, changes={"address": "http://10.1.2.3/workflows/1"})
    _, said = speaks.send(f"/notifications/{row.pk}/test")
    assert said.endswith("The test was not sent. The address of the workflow is not public. Copy it from Teams again.")
