"""What this room refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations


class BulletinError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "bulletin_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidBulletin(BulletinError):
    """What was given cannot become a bulletin."""

    code = "invalid"
