"""E-mail from the side of its server: mailing lists, adapters that speak to it, and what became of each delivery."""

from __future__ import annotations

import html
from typing import Any

from django.utils import timezone

from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList
from campaigns.planning.models import Channel
from scheduler.channels.contract import Adapter, Draft
from scheduler.channels.email.adapter import Email
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.mail import delivery as mail
from scheduler.mail.models import Delivery, Outbox
from tests import factories
from tests.scheduler.channels.remote_channel import Fault, RemotePost, WordsDocument, plain_document
from tests.servers.mailbox import MailServer

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


class RemoteMail:
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

    def posts(self) -> list[RemotePost]:
        while mail.deliver_due():
            pass
        return [_remote_post(found) for found in self.server.mails()]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


def plain_of(found: Any) -> str:
    return found.get_body(("plain",)).get_content().replace("\r\n", "\n")


def _remote_post(found: Any) -> RemotePost:
    pages = found.get_body(("html",)).get_content()
    alt_texts = tuple(html.unescape(part.split('"')[0]) for part in pages.split('alt="')[1:])
    return RemotePost(plain_of(found), alt_texts)


def draft(**more: Any) -> Draft:
    given: dict[str, Any] = {"title": "Nurse", "text": "Nurse\n\nJoin our wards.", "link": LINK}
    whole = "<p>Join our wards. It begins with <em>handover</em>.</p>"
    given["document"] = WordsDocument(kind="vacancy", html=whole)
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
