"""E-mail against a real mail server: one mail a recipient, whatever the line does, and nothing that breaks a header."""

from __future__ import annotations

import html
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pydantic import ValidationError

from campaigns.bulletins import subscriptions
from campaigns.bulletins.models import MailingList, Subscriber
from campaigns.planning.models import Channel
from scheduler import connections, mail
from scheduler.channels import email, smtp
from scheduler.channels.contract import Adapter, CannotRead, DoesNotFit, Draft, NotSent
from scheduler.channels.email import Email
from scheduler.channels.network import Network
from scheduler.models import Connection, Delivery, Outbox
from tests import factories
from tests.scheduler.channels.far_side import Fault, Seen, plain_document
from tests.servers.mailbox import MailServer, mail_server

pytestmark = pytest.mark.django_db
KEY = "018f0000-0000-7000-8000-000000000001"
LINK = "https://go.riverside.example.org/r/nurs3s77"
ONE = "amy.reader@example.org"


def staff_list(*addresses: str, name: str = "Staff news") -> MailingList:
    row = subscriptions.add_list(name=name, audience="staff", from_name="Riverside Hospitals")
    subscriptions.import_addresses(mailing_list=row, addresses=addresses, at=timezone.now())
    return row


def settings_of(server: MailServer, *lists: MailingList, **more: Any) -> dict[str, Any]:
    known = {"host": "localhost", "port": server.port, "security": "none", "from_address": "news@riverside.example.org"}
    return known | {"lists": [row.pk for row in lists]} | more


def connected(
    server: MailServer, *lists: MailingList, secrets: dict[str, Any] | None = None, **more: Any
) -> Connection:
    channel = Channel.objects.filter(name="Mail").first() or factories.channel(
        name="Mail", category="email", audience="staff"
    )
    return connections.connect_channel(
        channel=channel, kind="email", settings=settings_of(server, *lists, **more), secrets=secrets or {}
    )


class Other:
    """A mail server and one reader. What is published is on its way at once, and here is looked at once delivered."""

    faults: frozenset[Fault] = frozenset()
    signs_in = False

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.connection = connected(server, staff_list(ONE))

    def adapter(self, *, signed_in: bool = True) -> Adapter:
        return connections.adapter_of(self.connection)

    def go_wrong(self, fault: Fault) -> None:
        raise AssertionError(fault)

    def posts(self) -> list[Seen]:
        while mail.deliver_due():
            pass
        return [_seen(found) for found in self.server.mails()]

    def document(self, text: str) -> dict[str, Any]:
        return plain_document(text)


def plain_of(found: Any) -> str:
    return found.get_body(("plain",)).get_content().replace("\r\n", "\n")


def _seen(found: Any) -> Seen:
    pages = found.get_body(("html",)).get_content()
    alt_texts = tuple(html.unescape(part.split('"')[0]) for part in pages.split('alt="')[1:])
    return Seen(plain_of(found), alt_texts)


@contextmanager
def far_side(folder: Path) -> Iterator[Other]:
    with mail_server(folder / "mail") as server:
        yield Other(server)


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def server(running_server: MailServer) -> MailServer:
    for name in ("faults.json", "mails.jsonl"):
        (running_server.folder / name).unlink(missing_ok=True)
    return running_server


def draft(**more: Any) -> Draft:
    given: dict[str, Any] = {"title": "Nurse", "text": "Nurse\n\nJoin our wards.", "link": LINK}
    given["document"] = {"kind": "vacancy", "html": "<p>Join our wards. It begins with <em>handover</em>.</p>"}
    return Draft(**given | more)


def adapter_for(server: MailServer, *lists: MailingList, **more: Any) -> Email:
    found = connections.adapter_of(connected(server, *lists, **more))
    assert isinstance(found, Email)
    return found


def queue(adapter: Email, key: str = KEY, **more: Any) -> None:
    adapter.send(adapter.compose(draft(**more)), key=key, timeout=5)


def states() -> dict[str, str]:
    rows = Delivery.objects.select_related("subscriber").order_by("pk")
    return {row.subscriber.address.partition("@")[0]: row.state for row in rows if row.subscriber}


def ready_again() -> None:
    """As if the time to wait were over."""
    Delivery.objects.filter(state="queued").update(due_at=timezone.now())
    Outbox.objects.update(not_before=None)


# What is in a mail


def test_each_reader_gets_one_mail_with_everything_that_mail_programs_look_for(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE, "ben@example.org"), reply_to="comms@riverside.example.org")
    queue(adapter)

    assert mail.deliver_due() == 2

    assert sorted(server.recipients()) == [ONE, "ben@example.org"]
    first = next(found for found in server.mails() if found["To"] == ONE)
    subscriber = Subscriber.objects.get(address=ONE)
    assert first["From"] == "Riverside Hospitals <news@riverside.example.org>"
    assert first["Reply-To"] == "comms@riverside.example.org"
    assert first["Subject"] == "Nurse"
    assert first["Date"].datetime.tzinfo is not None
    assert first["Message-ID"] == Delivery.objects.get(subscriber=subscriber).message_id
    assert first["List-Id"].endswith(".riverside.example.org>")
    assert first["List-Unsubscribe"] == f"<http://127.0.0.1:8000/unsubscribe/{subscriber.token}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first["Precedence"] is None
    assert first["Auto-Submitted"] is None
    text = plain_of(first)
    assert text.startswith("Join our wards. It begins with handover.")
    assert text.count("Join our wards") == 1  # the summary is not told twice
    assert f"See the vacancy and apply:\n{LINK}" in text
    assert subscriber.token in text
    page = first.get_body(("html",)).get_content()
    assert '<html lang="en-GB">' in page
    assert "<title>Nurse</title>" in page
    assert "<em>handover</em>" in page
    assert f'<a href="{LINK}"' in page
    assert subscriber.token in page
    assert len({found["Message-ID"] for found in server.mails()}) == 2


def test_long_headers_stand_as_they_are_and_lines_keep_to_the_limit(server: MailServer, settings: Any) -> None:
    settings.BASE_URL = "https://promenade.communications.riverside-university-hospitals.example.org"
    adapter = adapter_for(server, staff_list(ONE))
    queue(adapter, title="Pflegekräfte für die Küste – " * 8 + "👩‍⚕️")

    mail.deliver_due()

    (found,) = server.taken()
    token = Subscriber.objects.get().token
    assert f"List-Unsubscribe: <{settings.BASE_URL}/unsubscribe/{token}>\r\n".encode() in found["raw"]
    assert found["mail"]["Subject"] == " ".join(("Pflegekräfte für die Küste – " * 8 + "👩‍⚕️").split())
    assert all(len(line) < 999 for line in found["raw"].split(b"\r\n"))
    assert found["raw"].isascii()


@pytest.mark.parametrize(
    "title", ["Nurse\r\nBcc: all@example.org", "Nurse\nBcc: x", "Nurse\u2028Bcc: x\x0bBcc: y", "N\0B"]
)
def test_no_title_begins_another_header(server: MailServer, title: str) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    queue(adapter, title=title, text="Words.")
    mail.deliver_due()

    (found,) = server.mails()
    assert found["Bcc"] is None
    assert found["Subject"] == " ".join(title.replace("\0", " ").split())


def test_a_line_that_is_a_dot_arrives(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    queue(adapter, document={"html": "<pre>one\n.\n..two\n</pre>"}, text="")
    mail.deliver_due()
    assert "one\n.\n..two" in plain_of(server.mails()[0])


def test_pictures_elsewhere_are_told_and_not_loaded(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    payload = adapter.compose(draft(document={"html": '<p><img src="https://x.example/1.jpg" alt="Two nurses"></p>'}))
    assert "<img" not in payload.body["html"]
    assert "[Picture: Two nurses]" in payload.body["html"]
    assert "[Picture: Two nurses]" in payload.text


def test_without_words_there_is_no_mail(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    with pytest.raises(DoesNotFit, match="title"):
        adapter.compose(draft(title=" \n"))
    with pytest.raises(DoesNotFit, match="text"):
        adapter.compose(draft(text="Nurse", document={}))


def test_a_wording_that_begins_like_the_title_stays_whole(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    told = adapter.compose(draft(text="Nurses, join us by the sea.")).body["text"]
    assert told.startswith("Nurses, join us by the sea.\n\nJoin our wards.")


# Who gets it


def test_one_address_on_two_lists_gets_one_mail(server: MailServer) -> None:
    queue(adapter_for(server, staff_list(ONE), staff_list(ONE, "ben@example.org", name="Wards")))
    mail.deliver_due()
    assert sorted(server.recipients()) == [ONE, "ben@example.org"]


def test_nobody_on_the_lists_is_told(server: MailServer) -> None:
    with pytest.raises(NotSent, match="Nobody is subscribed") as refusal:
        queue(adapter_for(server, staff_list()))
    assert refusal.value.permanent
    assert not Delivery.objects.exists()


def test_a_staff_channel_never_sends_to_a_list_that_everyone_may_join(server: MailServer) -> None:
    public = subscriptions.add_list(name="Careers", audience="public", from_name="Riverside Hospitals")
    with pytest.raises(NotSent, match="everyone may join Careers") as refusal:
        queue(adapter_for(server, staff_list(ONE), public))
    assert refusal.value.code == "audience"


def test_who_leaves_while_it_waits_gets_nothing(server: MailServer) -> None:
    queue(adapter_for(server, staff_list(ONE, "ben@example.org", "eve@example.org")))
    subscriptions.unsubscribe(token=Subscriber.objects.get(address="ben@example.org").token)
    subscriptions.erase(subscriber=Subscriber.objects.get(address="eve@example.org"))
    while mail.deliver_due():
        pass
    assert server.recipients() == [ONE]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "sent"]


# How a line can end


@pytest.mark.parametrize("fault", ["drop_at_rcpt", "drop_at_data", "421", "451", "451_after_data", "421_after_data"])
def test_what_was_certainly_not_taken_is_sent_again(server: MailServer, fault: str) -> None:
    queue(adapter_for(server, staff_list(ONE)))
    server.go_wrong(fault)
    mail.deliver_due()
    assert states() == {"amy.reader": "queued"}
    assert mail.deliver_due() == 0  # not at once

    ready_again()
    mail.deliver_due()

    assert states() == {"amy.reader": "sent"}
    assert server.recipients() == [ONE]


@pytest.mark.parametrize("fault", ["drop_after_data", "hang_after_data", "trickle"])
def test_a_line_that_breaks_after_the_text_is_unknown_and_never_sent_again(
    server: MailServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "LETTER", 1.0)
    queue(adapter_for(server, staff_list(ONE, "ben@example.org")))
    server.go_wrong(fault)
    started = time.monotonic()
    mail.deliver_due()
    assert time.monotonic() - started < 5

    ready_again()
    while mail.deliver_due():
        pass

    assert sorted(states().values()) == ["sent", "unknown"]
    assert len(server.recipients()) == len(set(server.recipients())) == 2


@pytest.mark.parametrize(
    ("said", "state", "status"),
    [
        ("550 5.1.1 amy.reader@example.org unknown", "refused", "bounced"),
        ("550 no such user", "refused", "bounced"),
        ("554 5.7.1 relay access denied", "refused", "subscribed"),
        ("550 5.7.1 policy", "refused", "subscribed"),
        ("450 4.2.0 busy", "queued", "subscribed"),
    ],
)
def test_a_refused_recipient(server: MailServer, said: str, state: str, status: str) -> None:
    queue(adapter_for(server, staff_list(ONE, "ben@example.org")))
    server.go_wrong(refuse={ONE: said})
    mail.deliver_due()

    assert states() == {"amy.reader": state, "ben": "sent"}
    assert Subscriber.objects.get(address=ONE).status == status
    told = Delivery.objects.get(subscriber__address=ONE)
    assert told.code == said[:3]
    assert "amy" not in told.message


def test_a_text_that_is_refused_says_nothing_of_the_address(server: MailServer) -> None:
    queue(adapter_for(server, staff_list(ONE)))
    server.go_wrong("554_after_data")
    mail.deliver_due()
    assert states() == {"amy.reader": "refused"}
    assert Subscriber.objects.get().status == "subscribed"
    assert ONE not in Delivery.objects.get().message


def test_a_server_that_does_not_take_our_address_keeps_everything_queued(server: MailServer) -> None:
    queue(adapter_for(server, staff_list(ONE, "ben@example.org")))
    server.go_wrong("sender_refused")
    mail.deliver_due()
    assert set(states().values()) == {"queued"}
    outbox = Outbox.objects.get()
    assert outbox.failures == 1
    assert "you may not send" in Connection.objects.get().message


def test_it_gives_up_in_the_end(server: MailServer) -> None:
    queue(adapter_for(server, staff_list(ONE)))
    for _ in range(12):
        server.go_wrong("451")
        ready_again()
        mail.deliver_due()
    assert (Delivery.objects.get().state, Delivery.objects.get().code) == ("refused", "gave_up")


def test_mail_that_is_sent_keeps_to_the_pace(server: MailServer) -> None:
    many = staff_list(*(f"reader{number}@example.org" for number in range(15)))
    queue(adapter_for(server, many, per_minute=60))
    assert mail.deliver_due() == 10
    assert mail.deliver_due() == 0
    wait = Outbox.objects.get().not_before - timezone.now()
    assert timedelta(seconds=5) < wait <= timedelta(seconds=10)


# The way to the server


def test_a_sign_in_that_is_refused_waits_for_a_person(tmp_path: Path) -> None:
    with mail_server(tmp_path, "--user") as server:
        sign_in: dict[str, Any] = {"user_name": "promenade", "secrets": {"password": "wrong"}}
        adapter = adapter_for(server, staff_list(ONE), **sign_in)
        queue(adapter)
        assert not adapter.check(timeout=5).ok
        mail.deliver_due()
        assert Connection.objects.get().status == "needs_sign_in"
        ready_again()
        assert mail.deliver_due() == 0

        adapter = adapter_for(
            server, *MailingList.objects.all(), **sign_in | {"secrets": {"password": "six green herons"}}
        )
        assert adapter.check(timeout=5).ok
        mail.deliver_due()
        assert server.taken()[0]["user"] == "promenade"
        assert server.taken()[0]["helo"] == "riverside.example.org"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_and_only_with_a_certificate_that_names_the_server(
    tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    with mail_server(tmp_path / "mail", "--security", security, "--cert", str(pem)) as server:
        adapter = adapter_for(server, staff_list(ONE), security=security)
        queue(adapter)
        with pytest.raises(CannotRead) as unread:
            adapter.check(timeout=5)
        assert unread.value.code == "bad_certificate"
        mail.deliver_due()
        assert server.taken() == []

        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        ready_again()
        assert adapter.check(timeout=5).ok
        mail.deliver_due()
        assert [row["encrypted"] for row in server.taken()] == [True]

        other = adapter_for(server, *MailingList.objects.all(), security=security, host="127.0.0.1")
        with pytest.raises(CannotRead) as unread:
            other.check(timeout=5)
        assert unread.value.code == "bad_certificate"


def certificate(folder: Path) -> Path:
    """Of localhost, signed by itself; with its key in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = folder / "localhost.pem"
    kept.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return kept


def test_a_server_without_starttls_gets_nothing(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE), security="starttls")
    queue(adapter)
    with pytest.raises(CannotRead, match="STARTTLS"):
        adapter.check(timeout=5)
    mail.deliver_due()
    assert server.taken() == []


def test_plain_text_goes_only_to_private_addresses(server: MailServer, settings: Any) -> None:
    settings.PRIVATE_ADDRESSES = []
    adapter = adapter_for(server, staff_list(ONE))
    with pytest.raises(CannotRead, match="PRIVATE_ADDRESSES") as refused:
        adapter.check(timeout=5)
    assert refused.value.code == "address_refused"


class Everywhere(Network):
    """As if this machine were somewhere out there."""

    def permits(self, address: Any) -> bool:
        return True

    def is_private(self, address: Any) -> bool:
        return False


def test_a_public_server_is_never_spoken_to_without_encryption(server: MailServer) -> None:
    line = smtp.Line(smtp.Place("127.0.0.1", server.port, "none", "", "", "example.org"), Everywhere(), 5)
    with pytest.raises(smtp.LineDown) as down:
        line.open(5)
    assert down.value.code == "address_refused"


def test_a_check_finds_a_list_that_is_not_there(server: MailServer) -> None:
    kept = staff_list(ONE)
    good = adapter_for(server, kept).check(timeout=5)
    wrong = adapter_for(server, kept, lists=[kept.pk, 999]).check(timeout=5)
    assert (good.ok, good.message) == (True, "localhost takes mail from us. Subscribed to Staff news: 1.")
    assert (wrong.ok, wrong.message) == (False, "There is no mailing list 999. Choose this channel's lists again.")


def test_a_check_ends_at_its_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = smtp.Place("127.0.0.1", silent.getsockname()[1], "none", "", "", "example.org")
        line = smtp.Line(place, Network(["127.0.0.0/8"]), 30)
        started = time.monotonic()
        with pytest.raises(smtp.LineDown):
            line.open(0.5)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "wrong",
    [{"from_address": "a@b\nBcc: c"}, {"from_address": "nobody"}, {"reply_to": "x"}, {"host": "a/b"}, {"lists": []}],
)
def test_settings_that_cannot_be_used(server: MailServer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Email.Settings.model_validate(settings_of(server) | {"lists": [1]} | wrong)
