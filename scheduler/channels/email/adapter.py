"""E-mail: one publication to every subscriber of some lists. `send` queues one letter for each, which is the
publishing; `deliver` carries what is queued to the mail server, a batch over one line.

Once a recipient, as far as SMTP allows: a line that breaks after the text was handed over leaves it unknown, and that
letter is never sent again by itself.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.email import mime, smtp
from scheduler.channels.lib import html_to_text, wording

ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"
SUBJECT = 150
"""Characters. Longer subjects are allowed and cut off by every mail program."""
PICTURE_LIMITS = contract.PictureLimits(most=1, bytes=200_000, side=1200, alt_text=1000)
"""It goes to every recipient again, so it is small."""
BATCH = 50
TURN = 5.0
"""Seconds after which no further letter of a batch is begun."""
OPENING = 10.0
"""Seconds for reaching the server and signing in."""
LETTER = 20.0
"""Seconds for each of the two halves of a letter: the envelope, and the text."""
CALLS = {"vacancy": "See the vacancy and apply", "event": "See the event"}


class EmailSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str = Field(title="Mail server", description="Its name, such as smtp.example.org.", pattern=r"^[^\s/@:]+$")
    port: int = Field(587, ge=1, le=65535, title="Port", description="587 with STARTTLS, 465 with TLS.")
    security: smtp.Security = Field(
        "starttls", title="Encryption", description="“none” only for servers in the installation's own network."
    )
    user_name: str = Field("", max_length=320, title="User name", description="Empty: without signing in.")
    from_address: str = Field(pattern=ADDRESS, max_length=254, title="Address that mails come from")
    reply_to: str = Field("", max_length=254, title="Address for answers", description="Empty: the one above.")
    lists: Annotated[list[int], Field(min_length=1, max_length=20)] = Field(
        title="Mailing lists",
        description="The numbers of the lists that this channel sends to.",
        json_schema_extra={"rows_of": "mailing-lists"},
    )
    per_minute: int | None = Field(
        None, ge=1, le=6000, title="Mails a minute", description="Empty: as fast as the server takes them."
    )

    @field_validator("reply_to")
    @classmethod
    def _an_address(cls, given: str) -> str:
        if given and not re.match(ADDRESS, given):
            raise ValueError("This is not an e-mail address.")
        return given


class EmailSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: SecretStr = Field(SecretStr(""), title="Password")


class Email:
    kind: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "either"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=False,
        settling=0.0,
        idempotent=True,
        pictures=PICTURE_LIMITS,
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

    def compose(self, draft: contract.Draft) -> contract.Payload:
        subject = mime.one_line(draft.title)
        if not subject:
            raise contract.DoesNotFit("A mail needs a subject. Give the content a title.")
        article = html_to_text.without_pictures(draft.document.get("html", ""))
        told = html_to_text.convert(article)
        lead = _lead(draft, told)
        if not lead and not told:
            raise contract.DoesNotFit("There is no text for the mail. Write one.")
        wording.check_pictures(draft, self.label, PICTURE_LIMITS.most, PICTURE_LIMITS.alt_text)
        call = CALLS.get(draft.document.get("kind", ""), "Read this on the web")
        text = "\n\n".join(part for part in (lead, told, f"{call}:\n{draft.link}" if draft.link else "") if part)
        shown = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>\n" for part in lead.split("\n\n") if part)
        body = {
            "subject": subject,
            "title": subject,
            "text": text,
            "html": shown + article + (mime.button(call, draft.link) if draft.link else ""),
        }
        whole = f"{subject}\n\n{text}"
        return contract.Payload(
            text=whole,
            length=len(whole),
            limit=None,
            body=body,
            warnings=tuple(_warnings(subject, draft)),
            pictures=draft.pictures,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:  # noqa: ARG002 - local
        return self._mail_queue.queue(
            key=key,
            lists=tuple(self._settings.lists),
            domain=self._domain,
            body=payload.body,
            pictures=payload.pictures,
        )

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:  # noqa: ARG002
        return self._mail_queue.find(key=key)

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:  # noqa: ARG002
        raise contract.NotSent(
            "Mail that was sent cannot be taken back. What still waits is cancelled when the content is withdrawn.",
            code="cannot_delete",
            permanent=True,
        )

    def check(self, *, timeout: float) -> contract.Health:
        line = self._line(timeout)
        try:
            line.open(timeout)
        except smtp.ServerUnavailable as down:
            if down.code == "needs_sign_in":
                return contract.Health(ok=False, account="", message=str(down))
            raise contract.CannotRead(str(down), code=down.code) from None
        finally:
            line.close()
        try:
            lists = self._mail_queue.describe(tuple(self._settings.lists))
        except contract.NotSent as refusal:
            return contract.Health(ok=False, account=self._settings.from_address, message=str(refusal))
        message = f"{self._settings.host} takes mail from us. {lists}"
        return contract.Health(ok=True, account=self._settings.from_address, message=message)

    def deliver(self, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Carry one batch of what is queued to the server. Returns how many letters were claimed: 0 when nothing is
        left to do now."""
        claimed = self._mail_queue.claim(most=BATCH, per_minute=self._settings.per_minute)
        if not claimed:
            return 0
        waiting = list(claimed)
        line = self._line(OPENING)
        try:
            line.open(OPENING)
            self._post_all(line, waiting, stop)
        except smtp.ServerUnavailable as down:
            self._mail_queue.back_off(code=down.code, reason=str(down))
        finally:
            line.close()
            self._mail_queue.release(waiting)
        return len(claimed)

    def _post_all(self, line: smtp.Session, waiting: list[contract.Letter], stop: Callable[[], bool]) -> None:
        """Takes each letter from `waiting` as it is tried. Raises ServerUnavailable."""
        ends_at = time.monotonic() + TURN
        takes_mail = False
        while waiting and time.monotonic() < ends_at and not stop():
            letter = waiting[0]
            outcome, down = self._post(line, letter)
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

    def _post(
        self, line: smtp.Session, letter: contract.Letter
    ) -> tuple[contract.DeliveryOutcome | None, smtp.ServerUnavailable | None]:
        settings = self._settings
        try:
            message = mime.build_message(
                letter, from_address=settings.from_address, reply_to=settings.reply_to, at=datetime.now(UTC)
            )
        except (ValueError, LookupError) as error:  # it would be tried for ever
            why = f"This mail could not be written ({type(error).__name__})."
            return contract.DeliveryOutcome("refused", "cannot_write", why), None
        return line.post(
            sender=settings.from_address,
            recipient=letter.address,
            message=message,
            begin=lambda: self._mail_queue.begin(letter),
            timeout=LETTER,
        )

    def _line(self, timeout: float) -> smtp.Session:
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


def _lead(draft: contract.Draft, told: str) -> str:
    """The wording before the article, without the title and without what the article begins with anyhow."""
    lead = wording.without_title(draft)
    begins = " ".join(lead.split()).rstrip("…").rstrip(" ,;:.")
    return "" if begins and " ".join(told.split()).startswith(begins) else lead


def _warnings(subject: str, draft: contract.Draft) -> list[str]:
    found = wording.warnings("", draft.pictures)
    if len(subject) > SUBJECT:
        found.append(f"Most mail programs cut the subject off. Shorten the title to fewer than {SUBJECT} characters.")
    return found
