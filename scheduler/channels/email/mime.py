"""One mail as bytes: headers that no text can break out of, plain text and HTML that say the same.

Who gets it, and through which server, is left to others.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from scheduler.channels.contract import Letter, MailText, Picture
from scheduler.channels.email import headers
from scheduler.channels.email.headers import one_line
from scheduler.channels.lib import text_direction

LONGEST_NAME = 300
"""Characters of a list's name, and of its link, for which room is left."""
WRAP = "overflow-wrap:break-word;word-wrap:break-word;word-break:break-word"
"""A word longer than a telephone is wide; each mail program knows another of these."""
STYLE = "pre{white-space:pre-wrap}table{border-collapse:collapse}td,th{padding:2px 8px 2px 0;vertical-align:top}"
TEXT = "font:16px/1.5 Arial,Helvetica,sans-serif;color:#1f2a30"
HEADING = "font-size:26px;line-height:1.25;margin:0 0 16px"
QUIET = "font:14px/1.5 Arial,Helvetica,sans-serif;color:#4a5860"
BUTTON = (
    "display:inline-block;padding:10px 18px;background:#0b5c50;color:#ffffff;text-decoration:none;border-radius:4px"
)


def address_domain(address: str) -> str:
    return address.rpartition("@")[2]


def build_message(letter: Letter, *, from_address: str, reply_to: str, at: datetime) -> bytes:
    """The whole message, its lines ended as SMTP wants them."""
    told = letter.mail or _confirmation(letter)
    mail = EmailMessage(policy=SMTP)
    mail.set_content(told.text + _text_footer(letter), cte="quoted-printable")
    mail.add_alternative(_html_page(letter, told), subtype="html", cte="quoted-printable")
    pages = mail.get_payload()
    for number, picture in enumerate(letter.pictures):
        main, _, sub = picture.media_type.partition("/")
        pages[1].add_related(  # type: ignore[union-attr,index]
            picture.data, maintype=main, subtype=sub, cid=f"<{_cid(letter, number)}>", disposition="inline"
        )
    return b"".join(_headers(letter, told.subject, from_address, reply_to, at)) + mail.as_bytes()


def _headers(letter: Letter, subject: str, from_address: str, reply_to: str, at: datetime) -> Iterator[bytes]:
    yield headers.address_header("From", from_address, letter.from_name)
    yield headers.address_header("To", letter.address)
    if reply_to:
        yield headers.address_header("Reply-To", reply_to)
    yield headers.text_header("Subject", subject)
    yield headers.word_header("Date", format_datetime(at))
    yield headers.word_header("Message-ID", letter.message_id)
    if letter.mail is None:
        yield headers.word_header("Auto-Submitted", "auto-generated")  # RFC 3834: nobody's absence note answers it
    else:
        yield headers.word_header("List-Id", f"<list-{letter.list_id}.{address_domain(from_address)}>")
        yield headers.word_header("List-Unsubscribe", f"<{letter.link}>")
        yield headers.word_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")  # RFC 8058


def button(label: str, address: str) -> str:
    return f'<p style="margin:24px 0"><a href="{html.escape(address)}" style="{BUTTON}">{html.escape(label)}</a></p>'


def _confirmation(letter: Letter) -> MailText:
    name = one_line(letter.list_name)
    asks = f"Someone, probably you, asked to subscribe this address to “{name}”."
    otherwise = "If it was not you, ignore this email and you will not hear from us again. The link expires in 7 days."
    label = "Subscribe"
    return MailText(
        subject=f"Confirm your subscription: {name}",
        title="Confirm your subscription",
        text=f"{asks}\n\n{label}:\n{letter.link}\n\n{otherwise}\n",
        html=f"<p>{html.escape(asks)}</p>{button(label, letter.link)}<p>{html.escape(otherwise)}</p>",
    )


def _text_footer(letter: Letter) -> str:
    if letter.mail is None:
        return ""
    return (
        f"\n\n-- \nYou get this email because you are subscribed to “{letter.list_name}”.\nUnsubscribe: {letter.link}\n"
    )


def page_size(mail: MailText) -> int:
    """Bytes of the HTML that a recipient gets, with room for a long name and link."""
    longest = "x" * LONGEST_NAME
    letter = Letter(
        delivery_id=0,
        fence=0,
        message_id="",
        address="",
        list_id=0,
        list_name=longest,
        from_name=longest,
        link=longest,
        mail=mail,
    )
    return len(_html_page(letter, mail).encode())


def _html_page(letter: Letter, told: MailText) -> str:
    title = html.escape(told.title)
    pictures = "".join(_picture_html(letter, number, picture) for number, picture in enumerate(letter.pictures))
    foot = ""
    if letter.mail is not None:
        leave = f'<a href="{html.escape(letter.link)}" style="color:#0b5c50">Unsubscribe</a>'
        name = f"<span{text_direction.attribute(letter.list_name)}>{html.escape(letter.list_name)}</span>"
        foot = f'<p style="{QUIET}">You get this email because you are subscribed to “{name}”. {leave}.</p>'
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n"
        '<body style="margin:0;padding:0;background:#ffffff">\n'
        f'<div role="article" aria-label="{title}" style="max-width:640px;margin:0 auto;padding:24px;{TEXT};{WRAP}">\n'
        f'<h1{text_direction.attribute(told.title)} style="{HEADING}">{title}</h1>\n'
        f"{pictures}{told.html}\n{foot}\n</div>\n</body>\n</html>\n"
    )


def _picture_html(letter: Letter, number: int, picture: Picture) -> str:
    return (
        f'<p><img src="cid:{_cid(letter, number)}" alt="{html.escape(picture.alt_text)}" '
        f'width="{min(592, picture.width)}" style="max-width:100%;height:auto"></p>\n'
    )


def _cid(letter: Letter, number: int) -> str:
    """Short, since the library would cut a long one into encoded words."""
    return f"{letter.message_id.strip('<>').partition('@')[0]}.{number}@promenade"
