"""Reports of mail servers, as they are written and not only as the RFC has them."""

from __future__ import annotations

import base64
import quopri
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.errors import InvalidReport
from scheduler.mail.delivery_report import Report, read_report

OURS = f"<{'0f' * 20}@riverside.example.org>"
COPY = f"From: news@riverside.example.org\nMessage-ID: {OURS}\nSubject: Nurse\n"
TOLD = "Final-Recipient: rfc822; amy@example.org\nAction: failed\nStatus: 5.1.1\n"


def notification(
    told: str = TOLD,
    *,
    headers: str = "",
    copy: str = COPY,
    kind: str = "message/rfc822",
    status_kind: str = "message/delivery-status",
    encoding: str = "7bit",
    mail: str = "",
    words: str = "I could not deliver your mail.",
) -> str:
    encoded = {"base64": lambda text: base64.encodebytes(text.encode()).decode(), "quoted-printable": _quoted}
    encode = encoded.get(encoding, lambda text: text)
    report = encode(f"Reporting-MTA: dns; mx.example.net\n{mail}\n{told}\n")
    return (
        f"From: MAILER-DAEMON@mx.example.net\nMessage-ID: <report@mx.example.net>\n{headers}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="part"\n\n'
        f"--part\nContent-Type: text/plain\n\n{words}\n\n"
        f"--part\nContent-Type: {status_kind}\nContent-Transfer-Encoding: {encoding}\n\n{report}\n"
        f"--part\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{encode(copy)}\n--part--\n"
    )


def _quoted(text: str) -> str:
    return quopri.encodestring(text.replace(OURS, f"=\n{OURS}").encode()).decode().replace("=3D\n", "=\n")


def told(*lines: str) -> str:
    return "\n".join(("Final-Recipient: rfc822; amy@example.org", *lines)) + "\n"


@pytest.mark.parametrize(
    "word", ["failed", "Failed", "failure", "error", "failed (Bad destination)", "undelivered", ""]
)
@pytest.mark.parametrize(("status", "action"), [("5.1.1", "failed"), ("5.0.0 (unknown status)", "failed")])
def test_a_word_that_nobody_knows_is_read_by_the_class_of_the_status(word: str, status: str, action: str) -> None:
    found = read_report(notification(told(f"Action: {word}", f"Status: {status}")))
    assert found == Report((OURS,), status[:5], action, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "status", "action"),
    [
        ("error", "4.4.1", "delayed"),
        ("ok", "2.0.0", "delivered"),
        ("failed", "4.4.7", "failed"),  # it gave up
        ("delayed", "4.4.1", "delayed"),
        ("relayed (to a server that reports nothing)", "2.1.9", "relayed"),
        ("expanded", "2.0.0", "expanded"),
    ],
)
def test_the_rfc_s_words_count_and_the_others_do_not(word: str, status: str, action: str) -> None:
    found = read_report(notification(told(f"Action: {word}", f"Status: {status}")))
    assert (found.action, found.status) == (action, status)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Diagnostic-Code: smtp; 550 5.1.1 <amy@example.org> unknown"], "5.1.1"),
        (["Diagnostic-Code: SMTP; 550-5.2.2 Over quota\n 550 5.2.2 at all"], "5.2.2"),
        (["Diagnostic-Code: smtp; 550 No such user"], "5.0.0"),
        (["Diagnostic-Code: smtp; 5.1.1 No such user"], "5.1.1"),
        (["Diagnostic-Code: smtp; 452 4.2.2 full"], "4.2.2"),
        (
            ["Diagnostic-Code: X-Postfix; host mx.example.net[192.0.2.1] said: 553\n    unknown (in reply to RCPT)"],
            "5.0.0",
        ),
        (["Status: 553 Exceeded maximum inbound message size"], "5.0.0"),
        (["Status: gone", "Diagnostic-Code: smtp; 551 5.1.6 moved"], "5.1.6"),
        (["Status:5.1.1."], "5.1.1"),
        (["Status:\t5.1.10 (null MX)"], "5.1.10"),
    ],
)
def test_a_status_is_found_where_servers_write_it(lines: list[str], status: str) -> None:
    found = read_report(notification(told("Action: failed", *lines)))
    assert (found.action, found.status) == ("failed", status)


def test_a_status_that_stands_in_words_only() -> None:
    words = "Transcript of session follows\n550 5.1.1 User unknown"
    assert read_report(notification(told("Action: failed"), words=words)).status == "5.1.1"


def test_an_action_alone_says_that_it_failed_and_nothing_of_the_address() -> None:
    assert read_report(notification(told("Action: failed"))) == Report((OURS,), "", "failed", "")


@pytest.mark.parametrize(
    "kind",
    [
        *("message/rfc822", "message/global", "text/rfc822", "message/rfc822-headers", "text/rfc822-headers"),
        *("message/global-headers", "text/plain"),
    ],
)
@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("status_kind", ["message/delivery-status", "message/global-delivery-status"])
def test_the_copy_names_the_mail_in_any_form(kind: str, encoding: str, status_kind: str) -> None:
    found = read_report(notification(kind=kind, encoding=encoding, status_kind=status_kind))
    assert found == Report((OURS,), "5.1.1", "failed", "")


@pytest.mark.parametrize(
    "given",
    [
        {"headers": f"In-Reply-To: {OURS}\n"},
        {"headers": f"References: <other@example.net> {OURS}\n"},
        {"headers": f"References: {OURS} <other@example.net>\n"},
        {"mail": f"Original-Envelope-Id: {OURS.strip('<>')}\n"},
        {"mail": f"Original-Envelope-Id: {OURS}\n"},
        {"copy": f"Message-ID:\n {OURS}\n"},
        {"copy": f"MESSAGE-ID : {OURS}\n"},
        {"copy": f"Message-ID: <gateway@example.net>\nMessage-ID: {OURS}\n"},
        {"copy": f"Message-ID: <gateway@example.net>\nX: y\n\n{COPY}"},
    ],
)
def test_a_mail_is_known_by_whatever_names_it(given: dict[str, str]) -> None:
    assert OURS in read_report(notification(**({"copy": "Subject: Nurse\n"} | given))).message_ids


def test_a_reply_to_our_mail_that_bounced_is_not_our_mail() -> None:
    headers = f"References: {OURS} <reply@riverside.example.org>\n"
    found = read_report(notification(headers=headers, copy="Message-ID: <reply@riverside.example.org>\n"))
    assert found.message_ids == ("<reply@riverside.example.org>",)


PLAIN = "From: {sender}\nSubject: {subject}\nMessage-ID: <report@mx.example.net>\n\n{words}\n\n{copy}"


@pytest.mark.parametrize(
    ("words", "status", "action"),
    [
        ("<amy@example.org>: host mx.example.net said: 550 5.1.1 unknown", "5.1.1", "failed"),
        ("Remote host said: 550 No such user", "5.0.0", "failed"),
        ("Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1", "failed"),
        ("550-5.7.1 blocked\n550 5.7.1 again", "5.7.1", "failed"),
        ("451 4.4.1 read error\n550 5.1.1 unknown", "5.1.1", "failed"),
        ("452 4.2.2 full. We will continue to try.", "4.2.2", "delayed"),
        ("This user does not have an account. It could not be delivered.", "", "failed"),
        ("Your mail has not yet been delivered.", "", "delayed"),
    ],
)
def test_a_server_that_writes_plain_words_is_read_too(words: str, status: str, action: str) -> None:
    raw = PLAIN.format(sender="MAILER-DAEMON@mx.example.net", subject="Returned mail", words=words, copy=COPY)
    found = read_report(raw)
    assert (found.message_ids, found.status, found.action) == ((OURS,), status, action)


@pytest.mark.parametrize(
    "raw",
    [
        # what a person writes, an absence note, and words that say nothing
        PLAIN.format(sender="Amy <amy@example.org>", subject="Failed?", words="550 5.1.1 What is this?", copy=COPY),
        PLAIN.format(
            sender="postmaster@example.org", subject="Away", words="I am away. Phone 555 1234, room 4.1.5.", copy=COPY
        ),
        PLAIN.format(sender="MAILER-DAEMON@mx.example.net", subject="Failed mail", words="550 5.1.1", copy=""),
        notification(copy="Subject: Nurse\n"),
        "Subject: hello\n\nNothing.",
        "",
    ],
)
def test_what_is_no_report_is_refused(raw: str) -> None:
    with pytest.raises(InvalidReport):
        read_report(raw)


pieces = st.sampled_from(
    [*notification().splitlines(keepends=True), "Content-Transfer-Encoding: base64\n", "\n", "é\x00"]
)


@given(st.lists(pieces | st.text(max_size=20), max_size=40).map("".join))
def test_whatever_arrives_is_read_or_refused(raw: str) -> None:
    with suppress(InvalidReport):
        read_report(raw)
