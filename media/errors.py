"""What this room refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations


class MediaError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "media_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidPicture(MediaError):
    """What was given is no picture that can be kept."""

    code = "invalid"


class PictureRefused(MediaError):
    """The picture is sound, but may not be kept."""

    code = "refused"
