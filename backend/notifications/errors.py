from __future__ import annotations


class NotificationError(Exception):
    """Root of what this room refuses. `field` names what was given wrongly, where that is known."""

    code = "notification_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidDestination(NotificationError):
    code = "invalid"


class DestinationRefused(NotificationError):
    code = "refused"
