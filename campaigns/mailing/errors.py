"""What this room refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations


class MailingError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "mailing_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidMailing(MailingError):
    """What was given is no list or address."""

    code = "invalid"


class MailingRefused(MailingError):
    """What was given is sound, but may not be done here or not now."""

    code = "refused"
