"""A mail from Promenade to one person who works with it: no list, no unsubscribe, no picture."""

from __future__ import annotations

import html
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from scheduler.channels.contract import MailText
from scheduler.channels.email import headers, mime


def build_notice(mail: MailText, *, to: str, sender: tuple[str, str], message_id: str, at: datetime) -> bytes:
    """The whole message. `sender` is a name and an address."""
    name, from_address = sender
    message = EmailMessage(policy=SMTP)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(_html_page(mail), subtype="html", cte="quoted-printable")
    lines = (
        headers.address_header("From", from_address, name),
        headers.address_header("To", to),
        headers.text_header("Subject", mail.subject),
        headers.word_header("Date", format_datetime(at)),
        headers.word_header("Message-ID", message_id),
        headers.word_header("Auto-Submitted", "auto-generated"),  # RFC 3834: nobody's absence note answers it
    )
    return b"".join(lines) + message.as_bytes()


def _html_page(mail: MailText) -> str:
    title = html.escape(mail.title)
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n</head>\n<body style="margin:0;padding:0;background:#ffffff">\n'
        f'<div role="article" aria-label="{title}" '
        f'style="max-width:640px;margin:0 auto;padding:24px;{mime.TEXT};{mime.WRAP}">\n'
        f'<h1 dir="auto" style="{mime.HEADING}">{title}</h1>\n{mail.html}\n</div>\n</body>\n</html>\n'
    )
