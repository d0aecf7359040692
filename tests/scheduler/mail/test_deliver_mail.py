"""From a publication to one mail a subscriber: queued together, sent by any number of workers, once each."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList, Subscriber
from campaigns.planning.models import Channel, Content, Publication, Vacancy
from campaigns.planning.services import content, events, vacancies
from campaigns.planning.services.timing import pauses
from scheduler.channels.contract import Letter, Payload, Receipt
from scheduler.channels.email.adapter import Email
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import sending
from scheduler.engine.dispatcher import Dispatcher
from scheduler.engine.reconcile import give_up_lost_workers, read_back
from scheduler.installation import restore_detection
from scheduler.installation.models import Installation
from scheduler.mail import delivery as mail
from scheduler.mail.models import Delivery, Mailing, Outbox
from scheduler.mail.queue import ChannelMailQueue, without_address
from tests import factories
from tests.factories import publishing
from tests.scheduler.conftest import make_due, send
from tests.servers.mailbox import MailServer, clean_mail_server

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def server() -> MailServer:
    return clean_mail_server()


def settings_for(port: int, *lists: MailingList) -> dict[str, Any]:
    address = "news@riverside.example.org"
    return {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from_address": address,
        "lists": [row.pk for row in lists],
    }


def mail_channel(port: int, *addresses: str) -> Channel:
    mailing_list = subscriptions.add_list(name="Staff news", audience="staff", from_name="Riverside Hospitals")
    subscriptions.import_addresses(mailing_list=mailing_list, addresses=addresses, at=timezone.now())
    channel = factories.channel(name="Mail to staff", category="email", audience="staff")
    connections.connect_channel(channel=channel, kind="email", settings=settings_for(port, mailing_list), secrets={})
    return channel


def published(channel: Channel, of: Content | None = None) -> Publication:
    publication = factories.publication(of=of or factories.approved_blog_entry(), on=channel)
    assert send(make_due(publication)) == "sent"
    return publication


def states() -> list[str]:
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_a_publication_is_sent_once_its_letters_are_queued(server: MailServer) -> None:
    entry = factories.approved_blog_entry(title="A day on the ward")
    publication = published(mail_channel(server.port, "amy@example.org", "ben@example.org"), of=entry)
    mailing = Mailing.objects.get()
    assert (mailing.publication, publication.sent_post.remote_id) == (publication, str(mailing.pk))
    assert states() == ["queued", "queued"]

    mail.deliver_due()

    assert states() == ["sent", "sent"]
    assert sorted(server.recipients()) == ["amy@example.org", "ben@example.org"]
    (first, _) = server.mails()
    assert first["Subject"] == "A day on the ward"
    assert f"/r/{publication.link.code}" in first.get_body(("plain",)).get_content()


def test_the_same_key_again_queues_nothing_more(server: MailServer) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    publication = published(channel)
    adapter = connections.adapter_of(channel.connection)
    subscriptions.import_addresses(
        mailing_list=MailingList.objects.get(), addresses=["ben@example.org"], at=timezone.now()
    )
    from scheduler.posts.drafts import compose

    payload = compose(publication, adapter, link="https://go.example.org/r/1")
    receipt = adapter.send(payload, key=str(publication.key), timeout=5)
    assert receipt.remote_id == publication.sent_post.remote_id
    assert Delivery.objects.count() == 1


def test_an_unknown_outcome_is_read_from_our_own_rows(clock: time_machine.Traveller, server: MailServer) -> None:
    publication = factories.publication(
        of=factories.approved_blog_entry(), on=mail_channel(server.port, "amy@example.org")
    )
    queue = Email.send

    def queued_and_killed(self: Email, payload: Payload, *, key: str, timeout: float) -> Receipt:
        queue(self, payload, key=key, timeout=timeout)
        raise publishing.WorkerKilled

    with patch.object(Email, "send", queued_and_killed), pytest.raises(publishing.WorkerKilled):
        send(make_due(publication))
    clock.shift(sending.DEADLINE + sending.SLACK + 1)
    assert give_up_lost_workers() == 1

    assert read_back(publication_id=publication.pk) == "sent"


def test_withdrawing_the_content_cancels_what_still_waits(server: MailServer, comms: Any) -> None:
    many = [f"reader{number}@example.org" for number in range(55)]
    publication = published(mail_channel(server.port, *many))
    mail.deliver_due()
    assert states().count("sent") == 50

    content.withdraw_content(content=publication.content, by=comms, comment="Wrong day.")
    while mail.deliver_due():
        pass

    assert states().count("cancelled") == 5
    assert len(server.recipients()) == 50


@pytest.mark.parametrize(
    ("how", "code"), [("cancelled", "content_ended"), ("filled", "content_ended"), ("archived", "content_archived")]
)
def test_the_end_of_the_content_cancels_what_still_waits(server: MailServer, comms: Any, how: str, code: str) -> None:
    make: Any = factories.approved_event if how == "cancelled" else factories.approved_vacancy
    about = make(summary="Come and meet us.")
    published(mail_channel(server.port, "amy@example.org"), of=about)

    if how == "cancelled":
        events.cancel_event(event=about, by=comms)
    elif how == "filled":
        vacancies.end_vacancy(vacancy=about, status="filled", by=comms)
    else:
        content.archive_content(content=Content.objects.get(pk=about.pk), by=comms)

    letter = Delivery.objects.get()
    assert (letter.state, letter.code) == ("cancelled", code)
    assert how in letter.message


def test_a_letter_that_waits_past_the_closing_date_is_not_sent(
    server: MailServer, clock: time_machine.Traveller
) -> None:
    about = factories.approved_vacancy(summary="Come and meet us.")
    publication = published(mail_channel(server.port, "amy@example.org"), of=about)
    Vacancy.objects.filter(pk=publication.content_id).update(closes_at=timezone.now() + timedelta(minutes=5))
    clock.shift(timedelta(minutes=6))
    mail.deliver_due()

    assert states() == ["cancelled"]
    assert server.recipients() == []


def test_a_pause_keeps_letters_back_and_confirmations_go(server: MailServer, comms: Any) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    published(channel)
    public = subscriptions.add_list(name="Careers", audience="public", from_name="Riverside Hospitals")
    elsewhere = factories.channel(name="Careers mail", category="email")
    connections.connect_channel(channel=elsewhere, kind="email", settings=settings_for(server.port, public), secrets={})
    address = "Zoë@Example.ORG".replace("ë", "e")
    subscriptions.request_subscription(mailing_list=public, address=address, at=timezone.now())
    subscriptions.answer_requests()
    pause = pauses.start_pause(reason="An incident.", by=comms)
    mail.deliver_due()
    assert server.recipients() == ["zoe@example.org"]

    pauses.end_pause(pause=pause, held="release", by=comms)
    mail.deliver_due()
    assert server.recipients()[1:] == ["amy@example.org"]


def test_a_worker_that_is_lost_while_it_hands_over_leaves_unknown(
    server: MailServer, clock: time_machine.Traveller
) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    published(channel)
    (letter,) = ChannelMailQueue(channel.pk).claim(maximum=10, per_minute=None)
    assert ChannelMailQueue(channel.pk).begin(letter)
    assert mail.give_up_lost_letters() == 0

    clock.shift(timedelta(seconds=51))
    assert mail.give_up_lost_letters() == 1
    clock.shift(timedelta(days=1))

    assert mail.deliver_due() == 0
    assert states() == ["unknown"]
    assert Delivery.objects.get().code == "worker_lost"


def test_a_worker_that_is_lost_before_gives_its_letters_back(server: MailServer, clock: time_machine.Traveller) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    published(channel)
    (letter,) = ChannelMailQueue(channel.pk).claim(maximum=10, per_minute=None)
    assert mail.deliver_due() == 0

    clock.shift(timedelta(seconds=61))
    mail.deliver_due()

    assert server.recipients() == ["amy@example.org"]
    assert not ChannelMailQueue(channel.pk).begin(letter)  # it wakes up late


def test_a_worker_that_slept_past_its_lease_hands_nothing_over(
    server: MailServer, clock: time_machine.Traveller
) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    published(channel)
    (letter,) = ChannelMailQueue(channel.pk).claim(maximum=10, per_minute=None)
    clock.shift(timedelta(seconds=61))
    assert not ChannelMailQueue(channel.pk).begin(letter)
    assert states() == ["queued"]


def test_letters_written_before_the_clock_was_set_back_are_brought_near(
    server: MailServer, clock: time_machine.Traveller
) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    published(channel)
    ChannelMailQueue(channel.pk).claim(maximum=10, per_minute=None)
    ChannelMailQueue(channel.pk).back_off(code="no_answer", reason="Away.")
    clock.shift(timedelta(hours=-3))
    assert mail.mend_times() == 3

    clock.shift(timedelta(seconds=61))
    mail.deliver_due()

    assert server.recipients() == ["amy@example.org"]


def test_after_a_restore_nothing_that_was_queued_goes_out_by_itself(server: MailServer, tmp_path: Path) -> None:
    channel = mail_channel(server.port, "amy@example.org")
    published(channel)
    waiting = make_due(factories.publication(of=factories.approved_blog_entry(), on=channel))
    restore_detection.increment()
    restore_detection.increment()
    Installation.objects.update(number=1)

    pause = restore_detection.freeze_if_restored()
    assert pause is not None
    pauses.end_pause(pause=pause, held="release", by=None)
    mail.deliver_due()

    assert server.recipients() == []
    assert states() == ["unknown"]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.needs_person) == ("unknown", True)


def test_a_server_that_is_away_is_left_alone_longer_each_time(clock: time_machine.Traveller) -> None:
    channel = mail_channel(1, "amy@example.org")
    published(channel)
    waits = []
    for _ in range(4):
        assert mail.deliver_due() == 1
        outbox = Outbox.objects.get()
        waits.append((outbox.not_before - timezone.now()).total_seconds())
        assert mail.deliver_due() == 0
        clock.move_to(outbox.not_before + timedelta(seconds=1))
    assert 5 <= waits[0] <= 10
    assert 40 <= waits[3] <= 80
    assert Delivery.objects.get().tries == 0
    assert "did not give a reply we could use" in Connection.objects.get().message


def test_what_servers_say_is_kept_without_the_address() -> None:
    said = "550 5.1.1 <Amy.Reader@example.org>: user amy.reader unknown; ask postmaster@example.org"
    assert without_address(said, "amy.reader@example.org") == "550 5.1.1 <…>: user … unknown; ask …"


@pytest.mark.django_db(transaction=True)
def test_a_worker_delivers_beside_its_dispatcher(server: MailServer) -> None:
    published(mail_channel(server.port, "amy@example.org"))
    dispatcher = Dispatcher(stop=threading.Event(), threads=2)
    dispatcher.turn()
    dispatcher.mail_worker.join(10)
    assert server.recipients() == ["amy@example.org"]


@pytest.mark.django_db(transaction=True)
def test_two_postmen_at_once_send_each_letter_once(server: MailServer) -> None:
    many = [f"reader{number}@example.org" for number in range(60)]
    published(mail_channel(server.port, *many))

    def deliver() -> None:
        try:
            for _ in range(4):
                mail.deliver_due()
        finally:
            connection.close()

    mail_workers = [threading.Thread(target=deliver) for _ in range(3)]
    for mail_worker in mail_workers:
        mail_worker.start()
    for mail_worker in mail_workers:
        mail_worker.join()

    assert sorted(server.recipients()) == sorted(many)
    assert set(states()) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_are_killed_again_and_again_send_no_letter_twice(server: MailServer) -> None:
    many = [f"reader{number}@example.org" for number in range(70)]
    published(mail_channel(server.port, *many))
    server.go_wrong(*["ok", "ok", "drop_after_data", "ok", "drop_at_data"] * 2, seconds=0.02)
    rounds = 2
    for number in range(rounds):
        workers = [_worker() for _ in range(2)]
        _wait(lambda number=number: not _some_wait() or len(server.recipients()) >= 15 * (number + 1))
        for worker in workers:
            worker.kill()
            worker.wait()
        _time_passes()
    worker = _worker()
    try:
        _wait(lambda: not _some_wait())
    finally:
        worker.kill()
        worker.wait()
    _time_passes()

    taken = server.recipients()
    by_state: dict[str, set[str]] = {}
    for row in Delivery.objects.select_related("subscriber"):
        assert row.subscriber is not None
        by_state.setdefault(row.state, set()).add(row.subscriber.address)
    assert len(taken) == len(set(taken))
    assert set(by_state) == {"sent", "unknown"}
    assert by_state["sent"] <= set(taken)
    assert set(taken) - by_state["sent"] <= by_state["unknown"]
    assert len(by_state["unknown"]) <= 2 + 2 * rounds + 1


def _worker() -> subprocess.Popen[bytes]:
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.scheduler.mail_worker", name], cwd=ROOT, stderr=subprocess.DEVNULL
    )


def _some_wait() -> bool:
    """Whether letters wait; as if every time to wait were over."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(state="queued", due_at__gt=past).update(due_at=past)
    Outbox.objects.exclude(not_before=None).update(not_before=None)
    return Delivery.objects.filter(state="queued").exists()


def _time_passes() -> None:
    """The leases of the killed are over."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.exclude(lease_until=None).filter(state="queued").update(lease_until=past)
    Delivery.objects.filter(state="sending").update(lease_until=past)
    mail.give_up_lost_letters()


def _wait(until: Any) -> None:
    ends_at = time.monotonic() + 40
    while not until():
        assert time.monotonic() < ends_at, states()
        time.sleep(0.05)


def test_a_letter_shows_no_more_than_its_own_reader(server: MailServer) -> None:
    channel = mail_channel(server.port, "amy@example.org", "ben@example.org")
    published(channel)
    letters: list[Letter] = ChannelMailQueue(channel.pk).claim(maximum=10, per_minute=None)
    tokens = {row.address: row.token for row in Subscriber.objects.all()}
    assert {letter.address: letter.link.rpartition("/")[2] for letter in letters} == tokens
