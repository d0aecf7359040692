"""What this room refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations


class WebsiteError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "website_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidItem(WebsiteError):
    """What was given cannot become an item."""

    code = "invalid"


class ItemRefused(WebsiteError):
    """What was given is sound, but may not stand here or not now."""

    code = "refused"


class UnreadableDetails(WebsiteError):
    """What is kept with an item is not what was written there."""

    code = "unreadable_details"
