"""Reads what another mail server says became of a mail: a delivery status notification (RFC 3464), or the plain words
of a server that writes none. Which mail is meant, and what follows, is left to others.

Real notifications keep to the RFC only more or less: words of their own for the action, a reply code in place of a
status, a returned copy without its Message-ID.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import Message
from typing import Literal

from scheduler.errors import InvalidReport

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
"""RFC 3464, section 2.3.3."""
ACTIONS: dict[str, Action] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}
BY_CLASS: dict[str, Action] = {"5": "failed", "4": "delayed", "2": "delivered"}
ENHANCED = r"[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)"
"""RFC 3463."""
STATUS = re.compile(rf"\s*({ENHANCED})")
REPLY = re.compile(
    rf"""(?<![\w.@-])(?:
        (?P<code>4(?:2[12]|5[0-5])|5(?:0[0-4]|1[0-3]|2[0-3]|3\d|5[0-46]|71))(?![\w.])
        (?:[ :-]{{1,2}}(?P<enhanced>{ENHANCED}))?
        |\#(?P<numbered>{ENHANCED})
    )""",
    re.VERBOSE,
)
"""What a server said (RFC 5321, section 4.2), perhaps with a status; or a status as qmail writes it. The codes are
those that servers use: a telephone number is none."""
MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
OWN_MESSAGE_ID = re.compile(rf"^[ \t>]*message-id\s*:\s*({MESSAGE_ID.pattern})", re.IGNORECASE | re.MULTILINE)
COPY_BEGINS = re.compile(
    r"^(?:received|return-path|message-id|mime-version|dkim-signature)\s*:", re.IGNORECASE | re.MULTILINE
)
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
COPY_TYPES = frozenset(
    {"message/rfc822", "message/global", "text/rfc822", "text/rfc822-headers"}
    | {"message/rfc822-headers", "message/global-headers"}
)
DAEMON = re.compile(r"daemon|postmaster|mail delivery|mail system|mail.?service|administrator", re.IGNORECASE)
STILL_TRYING = re.compile(r"delayed|not yet|still being|will (?:be )?(?:re)?tr(?:y|ied)|will continue", re.IGNORECASE)
NOT_DELIVERED = re.compile(
    r"undeliver|(?:not|n't|unable to|failed to)[^.]{0,20} (?:be )?(?:deliver|reach|receiv)"
    r"|return(?:ed|ing) (?:mail|message)|(?:delivery|mail)[^.]{0,20} (?:fail|error|problem)|failure notice|failed mail",
    re.IGNORECASE,
)
TAG = re.compile(r"<[a-z/!][^<>@]*>", re.IGNORECASE)
MOST_IDS = 50


@dataclass(frozen=True)
class Report:
    message_ids: tuple[str, ...]
    """Of the mail that is meant, as far as the report names it: the likeliest first."""
    status: str
    """Empty where the report has nothing but its action."""
    action: Action
    diagnostic: str


def report_of(*, message_id: str, status: str, diagnostic: str = "") -> Report:
    """Raises InvalidReport."""
    found = STATUS.match(status)
    if found is None:
        raise InvalidReport("Enter the status as 3 numbers, for example 5.1.1.", field="status")
    known = message_id.strip()
    known = known if known.startswith("<") else f"<{known}>"
    return Report((known,), found[1], BY_CLASS[found[1][0]], diagnostic)


def read_report(raw: str) -> Report:
    """Raises InvalidReport."""
    message = message_from_string(raw.lstrip("\ufeff\r\n"), policy=policy.compat32)
    told = next((part for part in message.walk() if part.get_content_type() in STATUS_TYPES), None)
    blocks = list(_blocks(told)) if told is not None else []
    recipient = next((block for block in blocks if block["Action"] or block["Status"]), None)
    if recipient is not None:
        diagnostic = str(recipient["Diagnostic-Code"] or "")
        status = _status_of(recipient) or _reply_in(_words(message))[0]
        action = _action(str(recipient["Action"] or ""), status)
    elif _is_by_machine(message):
        words = _words(message)
        status, diagnostic = _reply_in(words)
        action = "failed" if status.startswith("5") else _action_in(words) or _action("", status)
    else:
        raise InvalidReport("This is not a delivery status notification: it does not name a recipient.", field="raw")
    if action is None:
        raise InvalidReport("The notification has no status such as 5.1.1.", field="raw")
    message_ids = tuple(dict.fromkeys(_message_ids(message, blocks)))[:MOST_IDS]
    if not message_ids:
        raise InvalidReport("The notification does not say which email bounced.", field="raw")
    return Report(message_ids, status, action, diagnostic)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields: one of the whole mail, then one a recipient."""
    for block in re.split(r"\n[ \t\r]*\n", _text(part)):
        if block.strip():
            yield message_from_string(block.strip("\r\n") + "\n\n", policy=policy.compat32)


def _is_by_machine(message: Message) -> bool:
    """What a person writes of a mail that failed is no report."""
    automatic = str(message["Auto-Submitted"] or "no").strip().lower() != "no"
    return automatic or message["Return-Path"] == "<>" or bool(DAEMON.search(str(message["From"] or "")))


def _status_of(recipient: Message) -> str:
    """Of the field, or else of what the server said that is quoted."""
    fields = (str(recipient["Status"] or ""), str(recipient["Diagnostic-Code"] or "").partition(";")[2])
    for field in fields:
        found = STATUS.match(field)
        status = found[1] if found else _reply_in(field)[0]
        if status:
            return status
    return ""


def _reply_in(text: str) -> tuple[str, str]:
    """The status by what the text quotes of a server, a permanent failure rather than another, and the line that it
    stands in; empty where nothing is quoted."""
    replies = {
        found["enhanced"] or found["numbered"] or f"{found['code'][0]}.0.0": found for found in REPLY.finditer(text)
    }
    if not replies:
        return "", ""
    status = next((status for status in replies if status.startswith("5")), next(iter(replies)))
    begins = text.rfind("\n", 0, replies[status].start()) + 1
    return status, text[begins:].partition("\n")[0].strip()


def _action_in(words: str) -> Action | None:
    """By the words alone. No status comes of them: they are enough to say that a mail did not arrive, and not to take
    its address off a list."""
    if STILL_TRYING.search(words):
        return "delayed"
    return "failed" if NOT_DELIVERED.search(words) else None


def _action(field: str, status: str) -> Action | None:
    """Where the word is none of the RFC's, such as “failure”, the class of the status decides."""
    word = re.match(r"\s*([a-z]*)", field.lower())
    return ACTIONS.get(word[1] if word else "") or BY_CLASS.get(status[:1])


def _message_ids(message: Message, blocks: list[Message]) -> Iterator[str]:
    """Of the copy that came back. Of what the report refers to, the last is what it answers; those before it stand in
    for it only where the copy has no name of its own: somebody's reply to our mail may have bounced."""
    returned = [found for part in message.walk() for found in _ids_of_copy(part)]
    yield from returned
    for block in blocks:
        envelope = str(block["Original-Envelope-Id"] or "").strip().strip("<>")
        yield from MESSAGE_ID.findall(f"<{envelope}>")
    yield from MESSAGE_ID.findall(str(message["In-Reply-To"] or ""))
    references = MESSAGE_ID.findall(str(message["References"] or ""))
    yield from references[-1:] if returned else reversed(references)


def _ids_of_copy(part: Message) -> list[str]:
    """In a part for the copy, or after the words of a report that has no parts."""
    kind = part.get_content_type()
    if kind in COPY_TYPES or kind == "text/plain":
        return OWN_MESSAGE_ID.findall(_text(part))
    return []


def _words(message: Message) -> str:
    """What the report says to people, without the copy that came back."""
    texts, parts = [str(message["Subject"] or "")], [message]
    while parts:
        part = parts.pop(0)
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            parts[:0] = [each for each in part.get_payload() if isinstance(each, Message)]
        elif part.get_content_type() in ("text/plain", "text/html"):
            text = TAG.sub(" ", _text(part)) if part.get_content_subtype() == "html" else _text(part)
            begins = COPY_BEGINS.search(text)
            texts.append(text[: begins.start()] if begins else text)
    return "\n".join(texts)


def _text(part: Message) -> str:
    """As it reads once decoded; what cannot be decoded stays as it is."""
    payload = part.get_payload()
    text = "\n".join(map(str, payload)) if isinstance(payload, list) else str(payload)
    encoding = str(part["Content-Transfer-Encoding"] or "").strip().lower()
    try:
        if encoding == "base64":
            text = base64.b64decode(text.encode()).decode("utf-8", "replace")
        elif encoding == "quoted-printable":
            text = quopri.decodestring(text.encode()).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        pass
    return text.replace("\r\n", "\n")
