"""A mail from Promenade to one person who works with it: no list, no unsubscribe, no picture."""

from __future__ import annotations

import html
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from scheduler.channels.contract import MailText
from scheduler.channels.email import mime


def build_notice(mail: MailText, *, to: str, sender: tuple[str, str], message_id: str, at: datetime) -> bytes:
    """The whole message. `sender` is a name and an address."""
    name, from_address = sender
    local, _, domain = from_address.rpartition("@")
    message = EmailMessage(policy=mime.POLICY)
    message["From"] = Address(display_name=mime.one_line(name), username=local, domain=domain)
    message["To"] = to
    message["Subject"] = mime.one_line(mail.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(_html_page(mail), subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _html_page(mail: MailText) -> str:
    title = html.escape(mail.title)
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n</head>\n<body style="margin:0;padding:0;background:#ffffff">\n'
        f'<div role="article" aria-label="{title}" style="max-width:640px;margin:0 auto;padding:24px;{mime.TEXT}">\n'
        f'<h1 style="font-size:22px;line-height:1.25;margin:0 0 16px">{title}</h1>\n{mail.html}\n</div>\n'
        "</body>\n</html>\n"
    )
