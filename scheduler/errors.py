"""What the engine refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations

from typing import Any

from django import db

_DRIVER: Any = db.connection.Database  # type: ignore[attr-defined]  # each backend has it
DATABASE_ERRORS = (
    *(db.InterfaceError, db.OperationalError, db.InternalError, db.ProgrammingError),
    *(_DRIVER.InterfaceError, _DRIVER.OperationalError, _DRIVER.InternalError, _DRIVER.ProgrammingError),
)
"""The database is away or takes no writes. While a server goes away, drivers also raise what Django does not count as a
DatabaseError, or has not wrapped."""
ANY_DATABASE_ERROR = (db.Error, _DRIVER.Error)
"""Whatever a database raises, also one whose file is broken."""
DATA_ERRORS = (db.DataError, db.IntegrityError, _DRIVER.DataError, _DRIVER.IntegrityError, UnicodeError)
"""The database is there and refuses these values, now and whenever they are given to it again."""


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
