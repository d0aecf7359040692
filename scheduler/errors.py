"""What the engine refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations

from django import db

DATABASE_ERRORS = (db.Error, db.connection.Database.Error)  # type: ignore[attr-defined]  # each backend has it
"""While a server goes away, drivers also raise what Django does not count as a DatabaseError, or has not wrapped."""


class SchedulerError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "scheduler_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidConnection(SchedulerError):
    """Settings or secrets that the channel's adapter does not accept."""

    code = "invalid"


class NotConnected(SchedulerError):
    """The channel has no connection that can be used now."""

    code = "not_connected"


class CannotSignIn(SchedulerError):
    """A sign-in on a channel's own pages that cannot begin, or came to nothing."""

    code = "sign_in_failed"


class InvalidWebhook(SchedulerError):
    """A receiver of events with something missing or wrong."""

    code = "invalid"


class WebhookRefused(SchedulerError):
    """The receiver, or the message, does not stand where this starts."""

    code = "not_active"


class InvalidReport(SchedulerError):
    """What was given does not tell what became of a mail."""

    code = "invalid"


class UnreadableMailing(SchedulerError):
    """What is kept of a mail is not what was queued."""

    code = "unreadable_mailing"


class CannotPreview(SchedulerError):
    """The content does not fit the channel as it stands."""

    code = "does_not_fit"
