"""The way to the mail server: signing in, encryption, where it may go, and settings that cannot be used."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pydantic import ValidationError

from campaigns.mailing.models import MailingList
from scheduler.channels.contract import CannotRead
from scheduler.channels.email import smtp
from scheduler.channels.email.adapter import Email
from scheduler.connections.models import Connection
from scheduler.mail import delivery as mail
from scheduler.net.network import Network
from tests.scheduler.channels.mail_server import (
    ONE,
    adapter_for,
    queue,
    ready_again,
    settings_of,
    staff_list,
)
from tests.servers.mailbox import MailServer, clean_mail_server, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> MailServer:
    return clean_mail_server()


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


@pytest.mark.parametrize("takes", [[], ["RET"], ["RET", "ENVID"]])
def test_a_notification_can_name_the_mail_where_the_server_passes_that_on(server: MailServer, takes: list[str]) -> None:
    queue(adapter_for(server, staff_list(ONE)))
    server.go_wrong(dsn=takes)
    mail.deliver_due()

    (taken,) = server.taken()
    known = taken["mail"]["Message-ID"].strip("<>")
    # One that offers it and then refuses it gets the mail all the same.
    assert taken["options"] == (["RET=HDRS", f"ENVID={known}"] if "ENVID" in takes else [])


def test_a_name_that_is_too_long_for_a_notification_is_left_out(server: MailServer) -> None:
    long = f"{'x' * 60}.riverside.example.org"
    queue(adapter_for(server, staff_list(ONE), from_address=f"news@{long}"))
    server.go_wrong(dsn=["RET", "ENVID"])
    mail.deliver_due()
    assert server.taken()[0]["options"] == []


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
    line = smtp.Session(smtp.Server("127.0.0.1", server.port, "none", "", "", "example.org"), Everywhere(), 5)
    with pytest.raises(smtp.ServerUnavailable) as down:
        line.open(5)
    assert down.value.code == "address_refused"


def test_a_check_finds_a_list_that_is_not_there(server: MailServer) -> None:
    kept = staff_list(ONE)
    good = adapter_for(server, kept).check(timeout=5)
    wrong = adapter_for(server, kept, lists=[kept.pk, 999]).check(timeout=5)
    assert (good.ok, good.message) == (True, "localhost accepts our email. Subscribed to Staff news: 1.")
    assert (wrong.ok, wrong.message) == (False, "There is no mailing list 999. Choose this channel's lists again.")


def test_a_check_ends_at_its_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = smtp.Server("127.0.0.1", silent.getsockname()[1], "none", "", "", "example.org")
        line = smtp.Session(place, Network(["127.0.0.0/8"]), 30)
        started = time.monotonic()
        with pytest.raises(smtp.ServerUnavailable):
            line.open(0.5)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "wrong",
    [{"from_address": "a@b\nBcc: c"}, {"from_address": "nobody"}, {"reply_to": "x"}, {"host": "a/b"}, {"lists": []}],
)
def test_settings_that_cannot_be_used(server: MailServer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Email.Settings.model_validate(settings_of(server) | {"lists": [1]} | wrong)
