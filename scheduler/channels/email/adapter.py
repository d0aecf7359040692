"""E-mail: one publication to every subscriber of some lists. `send` queues one letter for each, which is the
publishing; `deliver` carries what is queued to the mail server, a batch over one session.

Once a recipient, as far as SMTP allows: a line that breaks after the text was handed over leaves it unknown, and that
letter is never sent again by itself.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.email import headers, mime, notice, smtp
from scheduler.channels.email.settings import EmailSecrets, EmailSettings
from scheduler.channels.lib import html_to_text, text_direction, wording

SUBJECT = 150
"""Characters. Longer subjects are allowed and cut off by every mail program."""
PICTURES = contract.PictureLimits(maximum=1, bytes=200_000, side=1200, alt_text=1000)
"""It goes to every recipient again, so it is small."""
GMAIL_BYTES = 102 * 1024
"""Of HTML, pictures not counted. Gmail names no number; senders have measured this one."""
BATCH = 50
TURN = 5.0
"""Seconds after which no further letter of a batch is begun."""
OPENING = 10.0
"""Seconds for reaching the server and signing in."""
LETTER = 20.0
"""Seconds for each of the two halves of a letter: the envelope, and the text."""
CALLS = {"vacancy": "See the job and apply", "event": "See the event"}


@dataclass(frozen=True, kw_only=True)
class MailPayload(contract.Payload):
    """What is queued for every recipient; the server is given each one's letter."""

    mail: contract.MailText


class Email:
    kind: ClassVar[str] = "email"
    label: ClassVar[str] = "Email"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "either"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=False,
        settling=0.0,
        idempotent=True,
        pictures=PICTURES,
        carries_document=True,
        reads_own_rows=True,
    )

    Settings: ClassVar[type[BaseModel]] = EmailSettings
    Secrets: ClassVar[type[BaseModel]] = EmailSecrets

    def __init__(self, settings: EmailSettings, secrets: EmailSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._network = context.network
        self._mail_queue = context.mail_queue
        self._domain = mime.address_domain(settings.from_address)

    def compose(self, draft: contract.Draft) -> MailPayload:
        subject = headers.one_line(draft.title)
        if not subject:
            raise contract.DoesNotFit("An email needs a subject. Enter a title for the content.")
        article = html_to_text.without_pictures(draft.document.html_elsewhere if draft.document else "")
        article_text = html_to_text.convert(article)
        lead = _lead(draft, article_text)
        if not lead and not article_text:
            raise contract.DoesNotFit("The email has no text. Enter some text.")
        wording.check_pictures(draft, self.label, PICTURES)
        action = CALLS.get(draft.document.kind if draft.document else "", "Read this on the web")
        parts = (lead, article_text, f"{action}:\n{draft.link}" if draft.link else "")
        text = "\n\n".join(part for part in parts if part)
        mail = contract.MailText(
            subject=subject,
            title=subject,
            text=text,
            html=_lead_html(lead) + article + (mime.button(action, draft.link) if draft.link else ""),
        )
        whole = f"{subject}\n\n{text}"
        return MailPayload(
            text=whole,
            length=len(whole),
            limit=None,
            body={},
            mail=mail,
            warnings=tuple(_warnings(mail, draft)),
            pictures=draft.pictures,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        assert isinstance(payload, MailPayload)  # noqa: S101 - as composed above
        return self._mail_queue.queue(
            key=key,
            lists=tuple(self._settings.lists),
            domain=self._domain,
            mail=payload.mail,
            pictures=payload.pictures,
        )

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        return self._mail_queue.find(key=key)

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        raise contract.NotSent(
            "You cannot take back emails that have been sent. Withdrawing the content cancels the rest.",
            code="cannot_delete",
            permanent=True,
        )

    def check(self, *, timeout: float) -> contract.Health:
        session = self._session(timeout)
        try:
            session.open(timeout)
        except smtp.ServerUnavailable as down:
            if down.code == "needs_sign_in":
                return contract.Health(ok=False, account="", message=str(down))
            raise contract.CannotRead(str(down), code=down.code) from None
        finally:
            session.close()
        try:
            lists = self._mail_queue.describe(tuple(self._settings.lists))
        except contract.NotSent as refusal:
            return contract.Health(ok=False, account=self._settings.from_address, message=str(refusal))
        message = f"{self._settings.host} accepts our email. {lists}"
        return contract.Health(ok=True, account=self._settings.from_address, message=message)

    def deliver(self, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Carry one batch of what is queued to the server. Returns how many letters were claimed: 0 when nothing is
        left to do now."""
        claimed = self._mail_queue.claim(maximum=BATCH, per_minute=self._settings.per_minute)
        if not claimed:
            return 0
        waiting = list(claimed)
        session = self._session(OPENING)
        try:
            session.open(OPENING)
            self._send_batch(session, waiting, stop)
        except smtp.ServerUnavailable as down:
            self._mail_queue.back_off(code=down.code, reason=str(down))
        finally:
            session.close()
            self._mail_queue.release(waiting)
        return len(claimed)

    def send_notice(
        self, mail: contract.MailText, *, to: str, from_name: str, key: str, timeout: float
    ) -> contract.Receipt:
        """One mail to one person who works here, outside of any list. Raises NotSent or OutcomeUnknown."""
        settings = self._settings
        message = notice.build_notice(
            mail,
            to=to,
            sender=(from_name, settings.from_address),
            message_id=f"<{key}@{self._domain}>",
            at=datetime.now(UTC),
        )
        session = self._session(timeout)
        try:
            session.open(timeout)
            outcome, down = session.post(
                sender=settings.from_address,
                recipient=to,
                message=message,
                envelope_id=key,
                begin=lambda: True,
                timeout=timeout,
            )
        except smtp.ServerUnavailable as unavailable:
            raise contract.NotSent(str(unavailable), code=unavailable.code) from None
        finally:
            session.close()
        if outcome is not None and outcome.state == "sent":
            return contract.Receipt(remote_id=key, url="")
        if outcome is not None and outcome.state == "unknown":
            raise contract.OutcomeUnknown(outcome.message)
        said = outcome.message if outcome is not None else str(down)
        raise contract.NotSent(f"The mail server did not accept it: {said}", code="not_taken")

    def _send_batch(self, session: smtp.Session, waiting: list[contract.Letter], stop: Callable[[], bool]) -> None:
        """Takes each letter from `waiting` as it is tried. Raises ServerUnavailable."""
        ends_at = time.monotonic() + TURN
        takes_mail = False
        while waiting and time.monotonic() < ends_at and not stop():
            letter = waiting[0]
            outcome, down = self._send_one(session, letter)
            if outcome is not None:
                waiting.pop(0)
                self._mail_queue.record(letter, outcome)
            elif down is None:
                waiting.pop(0)  # it was not to go out any more
            if down is not None:
                raise down
            if not takes_mail and outcome is not None and outcome.state == "sent":
                takes_mail = True
                self._mail_queue.clear_back_off()

    def _send_one(
        self, session: smtp.Session, letter: contract.Letter
    ) -> tuple[contract.DeliveryOutcome | None, smtp.ServerUnavailable | None]:
        settings = self._settings
        try:
            message = mime.build_message(
                letter, from_address=settings.from_address, reply_to=settings.reply_to, at=datetime.now(UTC)
            )
        except (ValueError, LookupError) as error:  # it would be tried for ever
            why = f"This email could not be created ({type(error).__name__})."
            return contract.DeliveryOutcome("refused", "cannot_write", why), None
        return session.post(
            sender=settings.from_address,
            recipient=letter.address,
            envelope_id=letter.message_id.strip("<>"),
            message=message,
            begin=lambda: self._mail_queue.begin(letter),
            timeout=LETTER,
        )

    def _session(self, timeout: float) -> smtp.Session:
        settings = self._settings
        return smtp.Session(
            smtp.Server(
                host=settings.host,
                port=settings.port,
                security=settings.security,
                user_name=settings.user_name,
                password=self._secrets.password.get_secret_value(),
                name=self._domain,
            ),
            self._network,
            timeout,
        )


def _lead(draft: contract.Draft, article_text: str) -> str:
    """The wording before the article, without the title and without what the article begins with anyhow."""
    lead = wording.without_title(draft)
    begins = " ".join(lead.split()).rstrip("…").rstrip(" ,;:.")
    return "" if begins and " ".join(article_text.split()).startswith(begins) else lead


def _lead_html(lead: str) -> str:
    paragraphs = [part for part in lead.split("\n\n") if part]
    return "".join(
        f"<p{text_direction.attribute(part)}>{html.escape(part).replace(chr(10), '<br>')}</p>\n" for part in paragraphs
    )


def _warnings(mail: contract.MailText, draft: contract.Draft) -> list[str]:
    found = wording.reading_hints("", draft.pictures)
    size = mime.page_size(mail)
    if size > GMAIL_BYTES:
        found.append(
            f"Gmail cuts off emails over {GMAIL_BYTES // 1024} KB, and the unsubscribe link with them. This one has "
            f"{-(-size // 1024)} KB: shorten the text, or publish it as a page and link to it."
        )
    if len(mail.subject) > SUBJECT:
        found.append(
            f"Most email programs cut off long subjects. Shorten the title to fewer than {SUBJECT} characters."
        )
    return found
