"""What this room refuses, with a stable code and a sentence that an HR officer can act on."""

from __future__ import annotations


class HiringError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "hiring_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidHiring(HiringError):
    """What was given cannot be recorded."""

    code = "invalid"


class HiringRefused(HiringError):
    """The row does not stand where this change starts, another row is in the way, or somebody else was faster."""

    code = "wrong_state"
