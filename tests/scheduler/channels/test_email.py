"""E-mail against a real mail server: one mail a recipient, whatever the line does, and nothing that breaks a header."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import Subscriber
from scheduler.channels.contract import DoesNotFit, NotSent
from scheduler.channels.email import adapter as email
from scheduler.connections.models import Connection
from scheduler.errors import UnreadableMailing
from scheduler.mail import delivery as mail
from scheduler.mail.models import Delivery, Mailing, Outbox
from tests.scheduler.channels.mail_server import (
    LINK,
    ONE,
    RemoteMail,
    adapter_for,
    draft,
    plain_of,
    queue,
    ready_again,
    staff_list,
    states,
)
from tests.scheduler.channels.remote_channel import PAGE, WordsDocument
from tests.servers.mailbox import MailServer, clean_mail_server

pytestmark = pytest.mark.django_db


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteMail]:
    yield RemoteMail(clean_mail_server())


@pytest.fixture
def server() -> MailServer:
    return clean_mail_server()


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
    assert f"See the job and apply:\n{LINK}" in text
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
    queue(adapter, document=WordsDocument(html="<pre>one\n.\n..two\n</pre>"), text="")
    mail.deliver_due()
    assert "one\n.\n..two" in plain_of(server.mails()[0])


def test_a_mail_that_was_never_queued_like_this_is_one_clear_error(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    queue(adapter)
    Mailing.objects.update(body={"subject": "Nurse", "title": "Nurse", "text": 3})
    with pytest.raises(UnreadableMailing, match=r"\((text, html|html, text)\)"):
        adapter.deliver()
    assert server.mails() == []


def test_pictures_elsewhere_are_told_and_not_loaded(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    whole = '<p><img src="https://x.example/1.jpg" alt="Two nurses"></p>'
    payload = adapter.compose(draft(document=WordsDocument(html=whole)))
    assert "<img" not in payload.mail.html
    assert "[Picture: Two nurses]" in payload.mail.html
    assert "[Picture: Two nurses]" in payload.text


@pytest.mark.parametrize(("kilobytes", "cut"), [(100, False), (103, True)])
def test_a_mail_that_gmail_cuts_off_is_warned_of(server: MailServer, kilobytes: int, cut: bool) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    whole = WordsDocument(html=f"<p>{'word ' * (kilobytes * 1024 // 5 - 300)}</p>")
    warned = [each for each in adapter.compose(draft(document=whole)).warnings if "Gmail" in each]
    assert bool(warned) is cut
    assert all("unsubscribe link" in each and "shorten the text" in each for each in warned)
    queue(adapter, document=whole)
    mail.deliver_due()
    page = server.mails()[0].get_body(("html",)).get_content()
    assert (len(page.encode()) > 102 * 1024) is cut


def test_links_in_the_page_lead_to_the_page_and_telephones_dial(server: MailServer) -> None:
    whole = '<p><a href="#heading-pay">below</a> <a href="tel:116123">116 123</a></p>\n<h2 id="heading-pay">Pay</h2>'
    adapter = adapter_for(server, staff_list(ONE))
    queue(adapter, document=WordsDocument(html=whole))
    mail.deliver_due()

    (found,) = server.mails()
    shown = found.get_body(("html",)).get_content()
    assert f'<a href="{PAGE}#heading-pay">below</a>' in shown
    assert '<a href="tel:116123">116 123</a>' in shown
    assert f"below <{PAGE}#heading-pay> 116 123\n" in plain_of(found)


def test_words_from_right_to_left_run_so(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE, name="فريق التوظيف"))
    whole = WordsDocument(html='<p dir="rtl">نبدأ في الصباح.</p>')
    queue(adapter, title="مرحبا بكم", text="مرحبا بكم\n\nانضموا إلينا.\n\nJoin us.", document=whole)
    mail.deliver_due()

    shown = server.mails()[0].get_body(("html",)).get_content().replace("\r\n", "\n")
    assert re.search(r'<h1 dir="rtl" [^>]*>مرحبا بكم</h1>', shown)
    assert '<p dir="rtl">انضموا إلينا.</p>\n<p>Join us.</p>' in shown
    assert '<p dir="rtl">نبدأ في الصباح.</p>' in shown
    assert '“<span dir="rtl">فريق التوظيف</span>”' in shown


def test_without_words_there_is_no_mail(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    with pytest.raises(DoesNotFit, match="title"):
        adapter.compose(draft(title=" \n"))
    with pytest.raises(DoesNotFit, match="text"):
        adapter.compose(draft(text="Nurse", document=None))


def test_a_wording_that_begins_like_the_title_stays_whole(server: MailServer) -> None:
    adapter = adapter_for(server, staff_list(ONE))
    told = adapter.compose(draft(text="Nurses, join us by the sea.")).mail.text
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
    with pytest.raises(NotSent, match="anyone can subscribe to Careers") as refusal:
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


def test_a_recipient_that_the_server_cannot_verify_gets_the_text(server: MailServer) -> None:
    queue(adapter_for(server, staff_list(ONE)))
    server.go_wrong(cannot_verify=True)
    mail.deliver_due()
    assert states() == {"amy.reader": "sent"}
    assert server.recipients() == [ONE]


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
